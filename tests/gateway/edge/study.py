"""Study: a desk over the real Ledger, a journal in memory that fails when told to, and a court's orders.

No network: what institutions say is said by the test, or by the bank's books of the holds' own tests.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.edge import desk as desk_module
from gateway.edge.desk import Desk
from gateway.edge.errors import JournalError
from gateway.edge.journal_schema import Frame, StoredFrame
from gateway.holds import Ledger, Limits
from runtime import calendar
from runtime.clock import now_ns
from tests.gateway.holds.bank import Account, Bank
from tests.gateway.holds.world import (
    CASE,
    COURT,
    as_order,
    bank_indexes,
    court,
    directory,
    law,
    mandate,
    person,
)
from tests.patience import DEADLINE_S

if TYPE_CHECKING:
    from gateway.edge.journal import Journal


class MemoryJournal:
    """Frames become durable in the next turn of the loop. `failures`: so many are lost. `is_held`: none does
    either until `let_go`."""

    def __init__(self) -> None:
        self.frames: list[StoredFrame] = []
        self.failures = 0
        self.is_held = False
        self._waiting: list[tuple[Frame, asyncio.Future[int]]] = []

    @property
    def last_seq(self) -> int:
        return len(self.frames)

    def append(self, frame: Frame) -> "asyncio.Future[int]":
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((frame, future))
        if not self.is_held:
            asyncio.get_running_loop().call_soon(self.let_go)
        return future

    def let_go(self) -> None:
        waiting, self._waiting = self._waiting, []
        for frame, future in waiting:
            if self.failures:
                self.failures -= 1
                future.set_exception(JournalError("the disk is full"))
            else:
                self.store(frame)
                if not future.cancelled():
                    future.set_result(self.last_seq)

    def store(self, frame: Frame) -> int:
        """Durable at once; its seq."""
        seq = self.last_seq + 1
        self.frames.append(
            StoredFrame(seq, frame.kind, frame.at_ns, frame.court, 0, 0, frame.finals, frame.body)
        )
        return seq

    def read(self, after_seq: int, *, kinds: Sequence[int], limit: int = 4_096) -> list[StoredFrame]:
        return [frame for frame in self.frames[after_seq:] if frame.kind in kinds][:limit]

    def newest(self, kind: int, before_seq: int) -> StoredFrame | None:
        return next((one for one in reversed(self.frames[: before_seq - 1]) if one.kind == kind), None)


class Study:
    """`published` has every kept step, `called` every word to the lines."""

    def __init__(self, journal: MemoryJournal, limits: Limits | None = None) -> None:
        self.journal = journal
        self.ledger = Ledger(law(), directory(), limits or Limits())
        self.published: list[tuple[int, tuple[int, ...]]] = []
        self.called: list[frozenset[int]] = []
        self.desk = Desk(self.ledger, cast("Journal", journal), self._publish)
        endpoint = directory().institutions[bank_indexes()[0]].endpoint
        self.bank = Bank(endpoint, calendar.date_of(now_ns()))
        self._order_count = 0

    def _publish(self, seq: int, hold_ids: tuple[int, ...], _ordered: Collection[int]) -> None:
        self.published.append((seq, hold_ids))

    def claim(self, principal_fen: int = 1_000_00, number: int = 1) -> "asyncio.Future[Any]":
        claim = controls_pb2.Claim(
            claim_id=f"c{number}",
            court_code=COURT,
            case_number=CASE if number == 1 else f"{CASE}{number}",
            principal_fen=principal_fen,
        )
        claim.debtors.add(subject=person())
        return self.desk.post(lambda ledger: ledger.put_claim(claim, court()))

    def account(self, locator: str, balance_fen: int) -> Account:
        return self.bank.open(bank_indexes()[0], locator, balance_fen)

    def order(self, account: Account, ceiling_fen: int, **fields: Any) -> controls_pb2.ControlOrder:
        self._order_count += 1
        order = controls_pb2.ControlOrder(
            order_id=f"o{self._order_count}",
            court_code=COURT,
            mandate=mandate(),
            notice_number="(2026)京0105执通1号",
            kind=hold_pb2.CONTROL_KIND_FREEZE,
            claim_id="c1",
            subject=person(),
            property=hold_pb2.Property(
                institution=account.institution, item=1, locator=account.locator, kind="personal"
            ),
            ceiling_fen=ceiling_fen,
            available_fen=min(ceiling_fen, account.balance),
        )
        order.MergeFrom(controls_pb2.ControlOrder(**fields))
        return order

    def post(self, order: controls_pb2.ControlOrder) -> "asyncio.Future[Any]":
        return self.desk.post(lambda ledger: ledger.order(as_order(order), court()))

    async def until(self, is_so: Any) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not is_so():  # noqa: ASYNC110 - it is the loop's own turns that are waited for
                await asyncio.sleep(0)


@asynccontextmanager
async def open_study(
    journal: MemoryJournal | None = None, limits: Limits | None = None
) -> AsyncIterator[Study]:
    """A desk that has replayed and runs."""
    study = Study(journal or MemoryJournal(), limits)
    study.desk.replay()
    study.desk.start(study.called.append)
    # However busy the machine is, what waits is one step.
    with patch.object(desk_module, "STEP_NS_MAX", 3_600_000_000_000):
        running = asyncio.create_task(study.desk.run())
        try:
            yield study
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
