"""Desk: a pump between a journal that keeps when it is told to and an outlet that only remembers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar, cast

from chakong.gateway.v1 import gateway_pb2
from chakong.institution.v1 import institution_pb2
from gateway._core import FAULT_NONE
from gateway.edge.journal_schema import ADMISSION
from gateway.edge.pump import Limits, Pump
from tests.gateway.edge.house import COURT, bulk, directory_of
from tests.gateway.edge.slow_journal import SlowJournal
from tests.model.engine import ModelEngine
from tests.patience import DEADLINE_S

if TYPE_CHECKING:
    from gateway._core import Answers, Batch, Checked, Engine
    from gateway.edge.journal import Journal

T = TypeVar("T")


async def within(awaited: Awaitable[T]) -> T:
    """What is awaited, or TimeoutError."""
    async with asyncio.timeout(DEADLINE_S):
        return await awaited


class Desk:
    """A pump between a slow journal and an outlet that only remembers."""

    def __init__(self, *, endpoints: int = 1, limits: Limits | None = None, orders_max: int = 1_000) -> None:
        self.journal = SlowJournal()
        self.engine = ModelEngine(bytes(16), orders_max=orders_max, partial_every_ns=1)
        self.engine.set_directory(directory_of([1] * endpoints).snapshot())
        self.sent: list[Batch] = []
        self.free_bytes = 1 << 30
        self.published: list[tuple[int, Answers]] = []
        # What can be done at once is done at once, unless a test wants pauses.
        limits = limits or Limits(pauses_per_tick=0)
        self.pump = Pump(cast("Engine", self.engine), cast("Journal", self.journal), self._publish, limits)
        self.pump.start(self)
        for endpoint in range(endpoints):
            self.pump.open_endpoint(endpoint, 2)

    def send(self, batch: "Batch") -> None:
        self.sent.append(batch)

    def room_bytes(self) -> int:
        return self.free_bytes

    def _publish(self, seq: int, answers: "Answers") -> None:
        self.published.append((seq, answers))

    def submit(self, *inquiries: gateway_pb2.Inquiry) -> "asyncio.Task[Checked]":
        return asyncio.create_task(self.pump.submit(bulk(*inquiries), COURT))

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not is_so():  # noqa: ASYNC110 - it is the loop's own turns that are waited for
                await asyncio.sleep(0)

    async def settled(self) -> None:
        """Return when the loop has nothing left to do at once."""
        for _ in range(10):
            await asyncio.sleep(0)

    async def admitted(self, *inquiries: gateway_pb2.Inquiry) -> "Checked":
        submit = self.submit(*inquiries)
        await self.until(lambda: ADMISSION in self.journal.kinds)
        self.journal.keep(self.journal.kinds.index(ADMISSION))
        return await within(submit)

    def reply(self, batch: "Batch", institution: int = 0) -> None:
        answered = institution_pb2.Answered(institutions=[institution], entry_count=batch.entry_count)
        reply = institution_pb2.Reply(batch_id=batch.id, answered=[answered])
        assert self.pump.on_reply(batch.endpoint, reply.SerializeToString()).fault == FAULT_NONE

    def answers(self) -> list[tuple[int, int]]:
        """(inquiry id, stage) of all that was published."""
        messages = [gateway_pb2.WatchResponse.FromString(answers.message) for _, answers in self.published]
        return [(one.inquiry_id, one.stage) for message in messages for one in message.answers]
