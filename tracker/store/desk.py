"""Desk: takes works from many callers, and has them written together, a transaction at a time.

While one transaction is on its way to the disk the next one gathers: there is no timer. What waits is
bounded. When the database cannot be written, every caller of that transaction is told UNAVAILABLE, and
nothing of it is stored; the next one tries again. What fails for another reason is written again, each
caller's works alone: a fault in one of them harms no other.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError, SQLAlchemyError

from runtime.clock import now_ns
from runtime.errors import CallError, FullError, UnavailableError
from tracker.store.work import Batch, Outcome
from tracker.store.writer import Writer

# Of one transaction: more would make the others wait, and gain nothing.
WORKS_PER_ROUND_MAX: Final = 16_384
RETRY_MS: Final = 1_000
# The database is there, and does not take what it was given: a fault of ours.
OURS: Final = (DataError, IntegrityError, ProgrammingError)
CLOSED_TEXT: Final = "the tracker's database is not open yet"

log = logging.getLogger(__name__)


@dataclass(slots=True)
class DeskCounts:
    """Since the start."""

    works: int = 0
    repeated: int = 0
    refused: int = 0
    rounds: int = 0
    rounds_failed: int = 0


@dataclass(frozen=True, slots=True)
class _Waiting:
    batch: Batch
    outcomes: asyncio.Future[list[Outcome]]


class Desk:
    """In front of one writer. `published` is told the courts that have new events, and the last seq."""

    def __init__(
        self, writer: Writer, waiting_max: int, published: Callable[[frozenset[str], int], None]
    ) -> None:
        self._writer = writer
        self._waiting_max = waiting_max
        self._published = published
        self._waiting: deque[_Waiting] = deque()
        # Of a transaction that failed by a fault of ours, the works of each caller.
        self._alone: deque[_Waiting] = deque()
        self._has_come = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self.is_open = False
        self.waiting_count = 0
        self.is_available = True
        self.counts = DeskCounts()

    async def do(self, batch: Batch) -> list[Outcome]:
        """Returns once the batch is durable. FullError, UnavailableError: nothing of it was stored.

        Cancelling the caller takes nothing back.
        """
        return await self.put(batch)

    def put(self, batch: Batch) -> asyncio.Future[list[Outcome]]:
        """The same, for whoever must know that a batch has its place before the next one. FullError,
        UnavailableError: it has none."""
        count = len(batch.works)
        if not self.is_open:
            raise UnavailableError(CLOSED_TEXT, retry_ms=RETRY_MS)
        if self.waiting_count and self.waiting_count + count > self._waiting_max:
            raise FullError(f"waiting: {self.waiting_count} works there already", retry_ms=RETRY_MS)
        outcomes: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(batch, outcomes))
        self.waiting_count += count
        self._is_idle.clear()
        self._has_come.set()
        return outcomes

    async def run(self) -> None:
        """Write until cancelled."""
        loop = asyncio.get_running_loop()
        self.is_open = True
        # One thread, so that a connection is always found where it was left.
        with ThreadPoolExecutor(1, thread_name_prefix="tracker-writer") as thread:
            while True:
                if not self._waiting and not self._alone:
                    self._is_idle.set()
                    self._has_come.clear()
                    await self._has_come.wait()
                taken = self._take()
                batches = [one.batch for one in taken]
                try:
                    written = await loop.run_in_executor(thread, self._writer.write, batches, now_ns())
                except OURS as error:
                    # Not its text, which quotes what was given.
                    log.error("a transaction failed", extra={"error": type(error).__name__})  # noqa: TRY400
                    self._part(taken)
                    continue
                except (SQLAlchemyError, OSError) as error:
                    self._fail(taken, error)
                    continue
                except Exception:
                    # A fault of ours in one transaction must not end those that follow.
                    log.exception("a transaction failed")
                    self._part(taken)
                    continue
                self.is_available = True
                self._count(written.outcomes)
                for one, outcomes in zip(taken, written.outcomes, strict=True):
                    if not one.outcomes.done():
                        one.outcomes.set_result(outcomes)
                self._published(written.courts, written.seq)

    async def drain(self) -> None:
        """Return when nothing waits any more."""
        await self._is_idle.wait()

    def _take(self) -> list[_Waiting]:
        if self._alone:
            return [self._alone.popleft()]
        taken: list[_Waiting] = []
        count = 0
        while self._waiting and count < WORKS_PER_ROUND_MAX:
            taken.append(self._waiting.popleft())
            count += len(taken[-1].batch.works)
        self.waiting_count -= count
        return taken

    def _part(self, taken: list[_Waiting]) -> None:
        """After a fault of ours: each caller's works alone, and who is alone is told."""
        self.counts.rounds_failed += 1
        if len(taken) > 1:
            self._alone.extend(taken)
        else:
            _tell(taken, CallError("the tracker failed at this transaction"))

    def _fail(self, taken: list[_Waiting], error: Exception) -> None:
        # Not its text, which quotes the statement and may name the database's host and user.
        kind = type(error).__name__
        if self.is_available:
            log.error("the tracker's database cannot be written", extra={"error": kind})
        self.is_available = False
        self.counts.rounds_failed += 1
        text = f"the tracker's database cannot be written: {kind}"
        _tell(taken, UnavailableError(text, retry_ms=RETRY_MS))

    def _count(self, outcomes: list[list[Outcome]]) -> None:
        self.counts.rounds += 1
        for batch in outcomes:
            self.counts.works += len(batch)
            for outcome in batch:
                if outcome.error is not None:
                    self.counts.refused += 1
                elif outcome.is_repeated:
                    self.counts.repeated += 1


def _tell(taken: list[_Waiting], error: CallError) -> None:
    for one in taken:
        if not one.outcomes.done():
            one.outcomes.set_exception(error)
