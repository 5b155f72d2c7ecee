"""Bench: the follower's parts over a real database, before a gateway that says what a test tells it to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import grpc
from grpc import aio

from chakong.gateway.v1.gateway_pb2 import REACH_ALL, Asked, Inquiry, InquiryView, Receipt, Scope
from chakong.tracker.v1 import case_pb2
from chakong.type.v1.type_pb2 import Subject
from runtime.database import make_engine
from tests.patience import DEADLINE_S
from tests.tracker.follow.told import TERMS
from tests.tracker.world import OURS, registration, sqlite_url
from tracker.follow.counts import Counts
from tracker.follow.known import Cases
from tracker.follow.ordering import Ordering
from tracker.follow.recorder import Recorder
from tracker.follow.strays import Strays
from tracker.rpc.lawyer import Lawyer
from tracker.serve import open_database
from tracker.store.desk import Desk
from tracker.store.laws import judge_of
from tracker.store.reader import Reader
from tracker.store.work import Batch, Outcome, Register
from tracker.store.writer import Writer

if TYPE_CHECKING:
    from tracker.follow.gateway import Gateway


def failure(code: grpc.StatusCode) -> aio.AioRpcError:
    """As a call ends with it."""
    return aio.AioRpcError(code, aio.Metadata(), aio.Metadata(), "", "")


@dataclass(slots=True)
class FakeGateway:
    """Takes every order once; fails as often as it is told to."""

    scope: Scope = field(default_factory=lambda: Scope(reach=REACH_ALL))
    orders: dict[str, Inquiry] = field(default_factory=dict)
    failures: list[grpc.StatusCode] = field(default_factory=list)
    submit_count: int = 0
    # The submission of this number fails; 0: none.
    fails_at: int = 0
    asked_count: int = 0
    # Whom inquiries were about, by id; of others it is not known any more.
    subjects: dict[int, Subject] = field(default_factory=dict)

    async def inquiry(self, _court: str, inquiry_id: int) -> InquiryView:
        """What it asked: everything."""
        self.asked_count += 1
        if self.failures:
            raise failure(self.failures.pop(0))
        subject = self.subjects.get(inquiry_id)
        return InquiryView(inquiry_id=inquiry_id, scope=self.scope, asked=Asked(), subject=subject)

    async def submit(self, inquiry: Inquiry) -> Receipt:
        """The first receipt, however often."""
        self.submit_count += 1
        if self.submit_count == self.fails_at:
            raise failure(grpc.StatusCode.UNAVAILABLE)
        if self.failures:
            raise failure(self.failures.pop(0))
        is_repeated = inquiry.order_id in self.orders
        self.orders.setdefault(inquiry.order_id, inquiry)
        number = list(self.orders).index(inquiry.order_id) + 1
        return Receipt(inquiry_id=number, order_id=inquiry.order_id, repeated=is_repeated)


class Bench:
    """The parts; `desk` writes."""

    def __init__(self, folder: Path) -> None:
        self.engine = make_engine(sqlite_url(folder), "tracker.url", is_source=True)
        open_database(self.engine)
        self.desk = Desk(Writer(self.engine, judge_of), 100_000, lambda _courts, _seq: None)
        self.reader = Reader(self.engine)
        self.lawyer = Lawyer(self.engine)
        self.cases = Cases(self.engine)
        self.strays = Strays(self.engine)
        self.counts = Counts()
        self.gateway = FakeGateway()
        called = cast("Gateway", self.gateway)
        self.recorder = Recorder(called, self.desk, self.cases, self.strays, TERMS, self.counts)
        self.ordering = Ordering(called, self.recorder, self.counts, 10_000)

    async def register(self, number: int, *events: case_pb2.Event, court: str = OURS, **fields: Any) -> str:
        """A case of the court, received and filed; its number."""
        work = Register(court, registration(number, *events, court=court, **fields))
        (outcome,) = await self.desk.do(Batch((work,)))
        assert outcome.error is None, outcome.error
        return work.case_number

    async def record(self, *events: case_pb2.Event) -> list[Outcome]:
        """As officers of the court do."""
        from tracker.store.work import Record  # noqa: PLC0415 - one of two kinds of work, for few tests

        return await self.desk.do(Batch(tuple(Record(OURS, event) for event in events)))

    def history(self, number: str, court: str = OURS) -> list[tuple[str, str, int]]:
        """Id, kind and day of the events of a case by the follower, in the order of recording."""
        found = self.reader.case(court, number)
        return [
            (told.event.event_id, told.event.kind, told.event.effective)
            for told in found.events
            if told.source
        ]

    def kinds(self, number: str) -> list[str]:
        """Of the same."""
        return [kind for _, kind, _ in self.history(number)]


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    """Until the block ends."""
    made = Bench(folder)
    running = asyncio.create_task(made.desk.run())
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not made.desk.is_open:  # noqa: ASYNC110 - it opens in its first step
                await asyncio.sleep(0)
            yield made
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        made.engine.dispose()
