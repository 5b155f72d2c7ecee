"""Settlement: waits until every control has its outcome, and compares what was promised, what the gateway
knows and what institutions' own books say.

Asked over gRPC alone, of the gateway and of the endpoints themselves.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from gateway.directory.directory import Directory
from gateway.edge.stream import ENDPOINT_KEY, SERVICE
from runtime.identity import Role
from tests.gateway.edge.banking import called_as
from tests.whole.enforcer import Enforcer

CALL_S_MAX = 120.0
SETTLED_S_MAX = 120.0
LOOK_S = 0.2
DONE = hold_pb2.CONTROL_OUTCOME_DONE
DEDUCT = hold_pb2.CONTROL_KIND_DEDUCT


@dataclass(frozen=True, slots=True)
class Settlement:
    """What there was in the end."""

    holds: Mapping[int, controls_pb2.HoldView]
    claims: list[controls_pb2.ClaimView]
    differences: list[controls_pb2.Difference]
    failures: list[str]

    @property
    def outcomes(self) -> Counter[str]:
        """Controls by kind and outcome."""
        return Counter(
            " ".join(
                map(_short, (hold_pb2.ControlKind.Name(one.kind), hold_pb2.ControlOutcome.Name(one.outcome)))
            )
            for hold in self.holds.values()
            for one in hold.controls
        )


async def settled(stub: Any) -> Settlement:
    """Once every control has an outcome. AssertionError when some never get one."""
    try:
        async with asyncio.timeout(SETTLED_S_MAX):
            while open_controls := _open(holds := await all_holds(stub)):  # noqa: ASYNC110 - polled over gRPC
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise AssertionError(f"without outcome: {open_controls[:10]}") from None
    call = stub.Reconcile(
        controls_pb2.ReconcileRequest(), metadata=called_as(Role.OPERATOR, "", "me"), timeout=CALL_S_MAX
    )
    responses = [response async for response in call]
    claims = await stub.ListClaims(
        controls_pb2.ListClaimsRequest(page_size=1_000), metadata=called_as(), timeout=CALL_S_MAX
    )
    return Settlement(
        holds,
        list(claims.claims),
        [one for response in responses for one in response.differences],
        [f"{response.institution}: {response.failure}" for response in responses if response.failure],
    )


async def all_holds(stub: Any) -> dict[int, controls_pb2.HoldView]:
    """All holds of the court, those that have ended included."""
    found: dict[int, controls_pb2.HoldView] = {}
    request = controls_pb2.ListHoldsRequest(ended=True, page_size=1_000)
    while True:
        page = await stub.ListHolds(request, metadata=called_as(), timeout=CALL_S_MAX, wait_for_ready=True)
        found |= {hold.hold_id: hold for hold in page.holds}
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


async def books_of(address: str, institutions: set[int]) -> dict[int, hold_pb2.HoldStatement]:
    """What institutions say themselves, by hold."""
    directory = Directory.load()
    found: dict[int, hold_pb2.HoldStatement] = {}
    async with grpc.aio.insecure_channel(address) as channel:
        ask: Any = channel.unary_unary(
            f"{SERVICE}/ListHolds",
            institution_pb2.ListHoldsRequest.SerializeToString,
            institution_pb2.ListHoldsResponse.FromString,
        )
        for index in sorted(institutions):
            key = directory.endpoints[directory.institutions[index].endpoint].key
            request = institution_pb2.ListHoldsRequest(institution=index)
            page = await ask(request, metadata=((ENDPOINT_KEY, key),), timeout=CALL_S_MAX)
            assert len(page.holds) < 1_000
            found |= {one.hold_id: one for one in page.holds}
    return found


def judge(enforcer: Enforcer, settlement: Settlement, books: Mapping[int, hold_pb2.HoldStatement]) -> None:
    """AssertionError for whatever was promised and not done, or done and not once."""
    assert settlement.failures == []
    assert settlement.differences == []
    controls = {one.control_id: one for hold in settlement.holds.values() for one in hold.controls}
    for order_id, receipt in enforcer.promised.items():
        control, order = controls[receipt.control_id], enforcer.sent[order_id]
        assert (control.order_id, control.kind, control.hold_id) == (order_id, order.kind, receipt.hold_id)
    by_order = Counter(one.order_id for one in controls.values() if one.order_id)
    assert not [order_id for order_id, count in by_order.items() if count > 1]
    assert set(by_order) <= set(enforcer.sent)
    assert not set(by_order) & set(enforcer.refused)
    for hold_id, hold in settlement.holds.items():
        deducted_fen = sum(one.deducted_fen for one in hold.controls if one.outcome == DONE)
        statement = books.get(hold_id)
        assert (statement.deducted_fen if statement is not None else 0) == deducted_fen == hold.deducted_fen
    assert not set(books) - set(settlement.holds)
    for claim in settlement.claims:
        assert claim.cover_fen <= claim.due_fen, claim.claim.claim_id
        assert claim.flight_fen == 0


def _open(holds: Mapping[int, controls_pb2.HoldView]) -> list[int]:
    return [
        one.control_id
        for hold in holds.values()
        for one in hold.controls
        if one.outcome == hold_pb2.CONTROL_OUTCOME_UNSPECIFIED
    ]


def _short(name: str) -> str:
    return name.rpartition("_")[2].lower()
