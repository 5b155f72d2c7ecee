"""Desk: takes works from many callers, and has them written together, a transaction at a time.

While one transaction is on its way to the disk the next one gathers: there is no timer. The writer's thread
takes what waits by itself, so it never waits for the event loop while there is work. What waits is bounded.
When the database cannot be written, every caller of that transaction is told UNAVAILABLE, and
nothing of it is stored; the next one tries again. What fails for another reason is written again, each
caller's works alone, and each is told when its own have ended: a fault in one of them harms no other.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError, SQLAlchemyError

from runtime.clock import now_ns
from runtime.errors import CallError, FullError, UnavailableError
from tracker.store.work import Batch, Outcome, Written
from tracker.store.writer import Writer

# Of one transaction: more would make the others wait, and gain nothing.
WORKS_PER_ROUND_MAX: Final = 16_384
RETRY_MS: Final = 1_000
# Of the writer's thread: one that writes, and one that waits for its turn.
JOBS: Final = 2
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


@dataclass(frozen=True, slots=True)
class _Round:
    """One transaction, and what became of it."""

    taken: list[_Waiting]
    result: Written | Exception
    # After a fault of ours: each caller's works are written again, alone.
    is_parted: bool = False


class Desk:
    """In front of one writer. `published` is told the courts that have new events, and the last seq."""

    def __init__(
        self, writer: Writer, waiting_max: int, published: Callable[[frozenset[str], int], None]
    ) -> None:
        self._writer = writer
        self._waiting_max = waiting_max
        self._published = published
        self._waiting: deque[_Waiting] = deque()
        # Of a transaction that failed by a fault of ours: those that are still to be written alone, before
        # whatever waits.
        self._parted: deque[_Waiting] = deque()
        self._has_come = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self.is_open = False
        # Works that were put, by the loop, and that were taken, by the writer's thread.
        self._put_count = 0
        self._taken_count = 0
        self._unsettled_count = 0
        self.is_available = True
        self.counts = DeskCounts()

    @property
    def waiting_count(self) -> int:
        """Works that no transaction has taken yet."""
        return self._put_count - self._taken_count

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
        self._put_count += count
        self._unsettled_count += 1
        self._waiting.append(_Waiting(batch, outcomes))
        self._is_idle.clear()
        self._has_come.set()
        return outcomes

    async def run(self) -> None:
        """Write until cancelled."""
        self.is_open = True
        # One thread, so that a connection is always found where it was left; the second of its two jobs takes
        # what waits when the first has ended.
        with ThreadPoolExecutor(1, thread_name_prefix="tracker-writer") as thread:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(JOBS):
                    tasks.create_task(self._keep_writing(thread))

    async def drain(self) -> None:
        """Return when nothing waits any more."""
        await self._is_idle.wait()

    async def _keep_writing(self, thread: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while not (self._parted or self._waiting):
                self._has_come.clear()
                await self._has_come.wait()
            made = await loop.run_in_executor(thread, self._write)
            if made is not None:
                self._settle(made)

    def _write(self) -> _Round | None:
        """What waits by now, in one transaction; None: nothing does. In the writer's thread."""
        if self._parted:
            return self._attempt([self._parted.popleft()])
        taken = self._take()
        if not taken:
            return None
        made = self._attempt(taken)
        if isinstance(made.result, Exception) and not _is_away(made.result) and len(taken) > 1:
            self._parted.extend(taken)
            return replace(made, is_parted=True)
        return made

    def _take(self) -> list[_Waiting]:
        taken: list[_Waiting] = []
        count = 0
        while self._waiting and count < WORKS_PER_ROUND_MAX:
            taken.append(self._waiting.popleft())
            count += len(taken[-1].batch.works)
        self._taken_count += count
        return taken

    def _attempt(self, taken: list[_Waiting]) -> _Round:
        try:
            return _Round(taken, self._writer.write([one.batch for one in taken], now_ns()))
        except Exception as error:
            # One that fails must not end those that follow.
            return _Round(taken, error)

    def _settle(self, made: _Round) -> None:
        """Tell who waits."""
        result = made.result
        if isinstance(result, Exception):
            self._fail(made, result)
        else:
            self.is_available = True
            self._count(result.outcomes)
            for one, outcomes in zip(made.taken, result.outcomes, strict=True):
                if not one.outcomes.done():
                    one.outcomes.set_result(outcomes)
            self._published(result.courts, result.seq)
        if not made.is_parted:
            self._unsettled_count -= len(made.taken)
        if not self._unsettled_count:
            self._is_idle.set()

    def _fail(self, made: _Round, error: Exception) -> None:
        # Texts of the database's errors quote the statement, and may name its host and user.
        kind = type(error).__name__
        self.counts.rounds_failed += 1
        if _is_away(error):
            if self.is_available:
                log.error("the tracker's database cannot be written", extra={"error": kind})
            self.is_available = False
            text = f"the tracker's database cannot be written: {kind}"
            _tell(made.taken, UnavailableError(text, retry_ms=RETRY_MS))
            return
        is_quoting = isinstance(error, SQLAlchemyError)
        log.error("a transaction failed", extra={"error": kind}, exc_info=None if is_quoting else error)
        if not made.is_parted:
            _tell(made.taken, CallError("the tracker failed at this transaction"))

    def _count(self, outcomes: list[list[Outcome]]) -> None:
        self.counts.rounds += 1
        for batch in outcomes:
            self.counts.works += len(batch)
            for outcome in batch:
                if outcome.error is not None:
                    self.counts.refused += 1
                elif outcome.is_repeated:
                    self.counts.repeated += 1


def _is_away(error: Exception) -> bool:
    """The database cannot be written; any other error is a fault of ours."""
    return isinstance(error, (SQLAlchemyError, OSError)) and not isinstance(error, OURS)


def _tell(taken: list[_Waiting], error: CallError) -> None:
    for one in taken:
        if not one.outcomes.done():
            one.outcomes.set_exception(error)
