"""Enforcer: a court that freezes, renews, releases and deducts as fast as it can, and remembers what it was
promised.

An order that got no answer is sent again under its id, or given up; both may happen to a real court. It
judges nothing; settlement does.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import grpc

from chakong.gateway.v1 import controls_pb2, gateway_pb2
from chakong.type.v1 import hold_pb2, type_pb2
from tests.gateway.edge.banking import called_as
from tests.gateway.edge.house import COURT

DEPOSIT = 1
CALL_S_MAX = 120.0
ORDERS_PER_MESSAGE = 24
SENT_AGAIN_SHARE = 0.7
FREEZE, RENEW = hold_pb2.CONTROL_KIND_FREEZE, hold_pb2.CONTROL_KIND_RENEW
RELEASE, DEDUCT = hold_pb2.CONTROL_KIND_RELEASE, hold_pb2.CONTROL_KIND_DEDUCT


@dataclass(slots=True)
class Debt:
    """A claim, and the accounts of its debtor."""

    claim: controls_pb2.Claim
    records: list[tuple[int, type_pb2.Record]]
    # Holds that were promised, and how much each may still be asked for.
    holds: dict[int, int] = field(default_factory=dict)


def debts_of(answers: Sequence[tuple[gateway_pb2.Inquiry, gateway_pb2.Answer]]) -> list[Debt]:
    """A claim on seven tenths of the free money that was found, for each person who has some."""
    debts = []
    for inquiry, answer in answers:
        records = [
            (finding.institution, record)
            for finding in answer.findings
            for record in finding.records
            if record.item == DEPOSIT and record.available_fen > 1_000
        ]
        free_fen = sum(record.available_fen for _, record in records)
        if free_fen:
            claim = controls_pb2.Claim(
                claim_id=f"claim-{inquiry.order_id}",
                court_code=COURT,
                case_number=inquiry.mandate.case_number,
                principal_fen=free_fen * 7 // 10,
            )
            claim.debtors.add(subject=inquiry.subject)
            debts.append(Debt(claim, records))
    return debts


class Enforcer:
    """Everything it does is drawn from `chance`."""

    def __init__(self, debts: list[Debt], chance: Random) -> None:
        self.debts = debts
        self._chance = chance
        self._orders = 0
        self._unfrozen = [(debt, place) for debt in debts for place in debt.records]
        chance.shuffle(self._unfrozen)
        # By order id: what came back for it, and what was sent and got no answer.
        self.promised: dict[str, controls_pb2.OrderReceipt] = {}
        self.sent: dict[str, controls_pb2.ControlOrder] = {}
        self.refused: dict[str, str] = {}
        self._unanswered: list[controls_pb2.ControlOrder] = []

    async def put_claims(self, stub: Any) -> None:
        """All of them; a claim that was put before is put again."""
        for debt in self.debts:
            request = controls_pb2.PutClaimRequest(claim=debt.claim)
            await stub.PutClaim(request, metadata=called_as(), timeout=CALL_S_MAX, wait_for_ready=True)

    async def work(self, stub: Any, *, gives_up: bool = False) -> None:
        """Order until the gateway is gone; `gives_up`: or takes nothing more."""
        again = [one for one in self._unanswered if self._chance.random() < SENT_AGAIN_SHARE]
        self._unanswered = []
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._in_bulk(stub, again, gives_up))
            tasks.create_task(self._in_bulk(stub, [], gives_up))
            tasks.create_task(self._one_by_one(stub))

    async def _in_bulk(
        self,
        stub: Any,
        again: list[controls_pb2.ControlOrder],
        gives_up: bool,
    ) -> None:
        call = stub.OrderBulk(metadata=called_as(), timeout=CALL_S_MAX)
        made = again[:ORDERS_PER_MESSAGE] or self._make(ORDERS_PER_MESSAGE)
        rest = again[ORDERS_PER_MESSAGE:]
        self._unanswered += rest
        with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
            while True:
                await call.write(controls_pb2.OrderBulkRequest(orders=made))
                response = await call.read()
                if not isinstance(response, controls_pb2.OrderBulkResponse):
                    break
                self._heard(made, response)
                if response.code and gives_up:
                    made = []
                    break
                made = self._make(self._chance.randrange(1, ORDERS_PER_MESSAGE))
        self._unanswered += made

    async def _one_by_one(self, stub: Any) -> None:
        (made,) = self._make(1)
        with suppress(grpc.aio.AioRpcError):
            while True:
                try:
                    receipt = await stub.Order(
                        controls_pb2.OrderRequest(order=made), metadata=called_as(), timeout=CALL_S_MAX
                    )
                    self._promise(made, receipt)
                except grpc.aio.AioRpcError as error:
                    if error.code() is not grpc.StatusCode.FAILED_PRECONDITION:
                        raise
                    self.refused[made.order_id] = error.details() or ""
                (made,) = self._make(1)
        self._unanswered.append(made)

    def _heard(
        self, made: Sequence[controls_pb2.ControlOrder], response: controls_pb2.OrderBulkResponse
    ) -> None:
        for order, verdict in zip(made, response.verdicts, strict=False):
            if verdict.HasField("receipt"):
                self._promise(order, verdict.receipt)
            elif verdict.rule:
                self.refused[order.order_id] = verdict.text
        if response.code:
            self._unanswered += [
                order
                for order in made
                if order.order_id not in self.promised and order.order_id not in self.refused
            ]

    def _promise(self, order: controls_pb2.ControlOrder, receipt: controls_pb2.OrderReceipt) -> None:
        before = self.promised.get(order.order_id)
        assert before is None or before.control_id == receipt.control_id
        assert receipt.order_id == order.order_id
        self.promised[order.order_id] = receipt
        if order.kind == FREEZE:
            for debt in self.debts:
                if debt.claim.claim_id == order.claim_id:
                    debt.holds[receipt.hold_id] = order.ceiling_fen

    def _make(self, count: int) -> list[controls_pb2.ControlOrder]:
        return [self._one() for _ in range(count)]

    def _one(self) -> controls_pb2.ControlOrder:
        self._orders += 1
        with_holds = [debt for debt in self.debts if debt.holds]
        if self._unfrozen and (not with_holds or self._chance.random() < 0.3):
            return self._freeze()
        debt = self._chance.choice(with_holds or self.debts)
        hold_id = self._chance.choice(list(debt.holds) or [1])
        order = self._order(debt)
        order.hold_id = hold_id
        roll = self._chance.random()
        if roll < 0.3:
            order.kind, order.months = RENEW, self._chance.randrange(1, 12)
        elif roll < 0.9:
            order.kind, order.amount_fen = DEDUCT, self._chance.randrange(1, 20)
        else:
            order.kind, order.ceiling_fen = RELEASE, debt.holds.get(hold_id, 1_000) * 9 // 10
            debt.holds[hold_id] = order.ceiling_fen
        return order

    def _freeze(self) -> controls_pb2.ControlOrder:
        debt, (institution, record) = self._unfrozen.pop()
        order = self._order(debt)
        order.kind = FREEZE
        order.subject.CopyFrom(debt.claim.debtors[0].subject)
        order.property.institution = institution
        order.property.item = record.item
        order.property.locator = record.locator
        order.property.kind = record.kind
        order.available_fen = order.ceiling_fen = min(record.available_fen, debt.claim.principal_fen)
        return order

    def _order(self, debt: Debt) -> controls_pb2.ControlOrder:
        order = controls_pb2.ControlOrder(
            order_id=f"order-{self._orders}",
            court_code=COURT,
            notice_number="notice",
            claim_id=debt.claim.claim_id,
            mandate=type_pb2.Mandate(
                case_number=debt.claim.case_number,
                instrument_number="ruling",
                instrument_kind=type_pb2.INSTRUMENT_KIND_RULING,
                officer_id="0105001",
                debtor_role=type_pb2.DEBTOR_ROLE_JUDGMENT_DEBTOR,
            ),
        )
        self.sent[order.order_id] = order
        return order
