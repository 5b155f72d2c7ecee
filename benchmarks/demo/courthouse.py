"""Courthouse: what the eight courts do to enforce: calls many at a time, orders in bulk, and a watch of each
court.

Everything that comes back goes into the docket, refusals as faults. It knows no plan of what is to be done.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from benchmarks.controls import Controls
from benchmarks.demo.cases import Case
from benchmarks.demo.docket import Docket
from chakong.gateway.v1.controls_pb2 import (
    RULE_ABOVE_CLAIM,
    RULE_HOLD_ENDED,
    RULE_HOLD_QUEUED,
    RULE_TOO_MUCH,
    CaseEvent,
    CaseEventKind,
    ClaimView,
    ControlOrder,
    OrderBulkRequest,
    OrderBulkResponse,
    Rule,
)
from runtime.clock import now_ns

ORDERS_PER_MESSAGE = 512
# Of each court; they wait for each other's frames.
CALLS_AT_ONCE = 16
QUIET_EVERY_S = 0.05
# What follows from an outcome is told with it, at the latest in the next message.
QUIET_LOOKS = 3
# Why an order is refused that a court gave while others were under way.
OVERTAKEN = frozenset({RULE_HOLD_ENDED, RULE_HOLD_QUEUED, RULE_TOO_MUCH, RULE_ABOVE_CLAIM})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Callers:
    """Clients: of each court, of an officer of each who approves, and the operator."""

    courts: Mapping[str, Controls]
    officers: Mapping[str, Controls]
    operator: Controls


class Courthouse:
    """A rest takes `stage_s` at most; what is waited for and has not come after `settle_s` is a fault, and
    the run goes on."""

    def __init__(self, callers: Callers, docket: Docket, stage_s: float, settle_s: float) -> None:
        self.callers = callers
        self.docket = docket
        # Orders that the gateway refused because something under way came first.
        self.overtaken_count = 0
        self._stage_s = stage_s
        self._settle_s = settle_s
        # Whether the last rest found everything quiet: then no order can be overtaken.
        self._is_quiet = True
        self._event_count = 0

    async def watch(self, court: str) -> None:
        """Take what the court is told of its holds, until cancelled."""
        async for response in self.callers.courts[court].watch():
            self.docket.take(response.holds, now_ns())

    async def each(self, things: Iterable[T], act: Callable[[T], Awaitable[None]]) -> None:
        """All at once, so many of them at a time."""
        room = asyncio.Semaphore(CALLS_AT_ONCE * len(self.callers.courts))

        async def one(thing: T) -> None:
            async with room:
                await act(thing)

        async with asyncio.TaskGroup() as tasks:
            for thing in things:
                tasks.create_task(one(thing))

    async def order(self, orders: Mapping[str, Sequence[ControlOrder]]) -> None:
        """Orders by court, in bulk; until all are acknowledged."""
        async with asyncio.TaskGroup() as tasks:
            for court, ordered in orders.items():
                tasks.create_task(self._order_bulk(court, ordered))

    async def record(
        self, case: Case, kind: CaseEventKind.ValueType, amount_fen: int, hold_id: int = 0
    ) -> None:
        """What happened to a case; what follows from it is waited for as if it had been ordered."""
        self._event_count += 1
        event = CaseEvent(
            event_id=f"event-{self._event_count}",
            claim_id=case.claim.claim_id,
            kind=kind,
            amount_fen=amount_fen,
            hold_id=hold_id,
            basis=f"{case.claim.case_number}证1",
        )
        sent_ns = now_ns()
        response = await self.callers.courts[case.court].record(event)
        self.docket.ordered(response.control_ids, sent_ns)

    async def rest(self) -> None:
        """Until every control has its outcome, but those that wait for an officer; or for so long."""
        self._is_quiet = await self._until(self._quiet_looks(), self._stage_s)

    async def settle(self) -> None:
        """The same; who has no outcome then is a fault."""
        self._is_quiet = await self._until(self._quiet_looks(), self._settle_s)
        if not self._is_quiet:
            self.docket.faults["no_outcome"] += self.docket.ordered_count - self.docket.ended_count

    async def until(self, is_so: Callable[[], bool], fault: str) -> None:
        """Wait; when it never is so, that is a fault."""
        self.docket.faults[fault] += not await self._until(is_so, self._settle_s)

    async def _until(self, is_so: Callable[[], bool], s_max: float) -> bool:
        try:
            async with asyncio.timeout(s_max):
                while not is_so():  # noqa: ASYNC110 - what is waited for comes over eight streams
                    await asyncio.sleep(QUIET_EVERY_S)
        except TimeoutError:
            return False
        return True

    def _quiet_looks(self) -> Callable[[], bool]:
        looks = 0

        def is_quiet() -> bool:
            nonlocal looks
            looks = looks + 1 if self.docket.is_quiet else 0
            return looks >= QUIET_LOOKS

        return is_quiet

    async def claims(self) -> dict[tuple[str, str], ClaimView]:
        """By court and claim id, as they stand."""
        found = {}
        for court, controls in self.callers.courts.items():
            found.update({(court, view.claim.claim_id): view for view in await controls.claims()})
        return found

    async def _order_bulk(self, court: str, orders: Sequence[ControlOrder]) -> None:
        sent_ns: dict[int, int] = {}

        def messages() -> Iterator[OrderBulkRequest]:
            for start in range(0, len(orders), ORDERS_PER_MESSAGE):
                sent_ns[start] = now_ns()
                yield OrderBulkRequest(orders=orders[start : start + ORDERS_PER_MESSAGE], tag=start)

        async for request, response in self.callers.courts[court].order_bulk(messages()):
            self._take_verdicts(request, response, sent_ns[request.tag])

    def _take_verdicts(self, request: OrderBulkRequest, response: OrderBulkResponse, sent_ns: int) -> None:
        faults = self.docket.faults
        faults["verdicts_missing"] += abs(len(request.orders) - len(response.verdicts))
        for order, verdict in zip(request.orders, response.verdicts, strict=False):
            if verdict.HasField("receipt"):
                faults["receipt_of_another_order"] += verdict.receipt.order_id != order.order_id
                self.docket.ordered([verdict.receipt.control_id], sent_ns)
            elif verdict.rule in OVERTAKEN and not self._is_quiet:
                self.overtaken_count += 1
            else:
                faults[f"order_refused_{Rule.Name(verdict.rule)}"] += 1
