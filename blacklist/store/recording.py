"""Recording: keeps what units were told of until it is written, off the path of screening.

What waits is bounded: what there is no room for is lost, and counted. So is what waits when the process is
killed. A batch that the database does not take waits on. Of whoever did not hit nothing comes here.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from sqlalchemy.exc import SQLAlchemyError

from blacklist.store.hits import Hit
from runtime.lifecycle import whole

# Of one transaction: some tens of milliseconds.
BATCH_HITS: Final = 20_000

log = logging.getLogger(__name__)


class Written(Protocol):
    """Where they go (hits.py)."""

    def write(self, hits: list[Hit]) -> None:
        """All of them, or none. Blocks."""


class Recording:
    """One for a process, on its loop. `waiting_max`: hits that wait at most."""

    def __init__(self, hits: Written, waiting_max: int, now_ns: Callable[[], int]) -> None:
        self._hits = hits
        self._waiting_max = waiting_max
        self._now_ns = now_ns
        # Of one answer each: unit, version, time, and (listing id, outcome) of all that it named.
        self._waiting: deque[tuple[str, int, int, list[tuple[int, int]]]] = deque()
        self._writing = asyncio.Lock()
        self.waiting_count = 0
        self.written_count = 0
        self.lost_count = 0
        self.failed_count = 0
        # Hits by outcome, those that were lost included.
        self.named: dict[int, int] = {}

    def record(self, unit: str, version: int, named: list[tuple[int, int]]) -> None:
        """An answer named these. It takes a moment whatever their count: it is called between two answers."""
        if self.waiting_count + len(named) > self._waiting_max:
            self.lost_count += len(named)
            self._count(named)
            return
        self.waiting_count += len(named)
        self._waiting.append((unit, version, self._now_ns(), named))

    async def write(self) -> bool:
        """Write all that waits now; False: the database did not take it. What was begun is ended although
        the caller goes away, so that nothing is written twice."""
        return await whole(self._write())

    async def _write(self) -> bool:
        async with self._writing:
            for _ in range(len(self._waiting)):
                if not self._waiting:
                    break
                if not await self._write_batch():
                    return False
        return True

    async def _write_batch(self) -> bool:
        taken, batch = self._next_batch()
        try:
            await asyncio.to_thread(self._hits.write, batch)
        except (SQLAlchemyError, OSError) as error:
            if not self.failed_count:
                log.error("hits were not written", extra={"error": type(error).__name__})  # noqa: TRY400
            self.failed_count += 1
            return False
        for _ in range(taken):
            *_, named = self._waiting.popleft()
            self._count(named)
        self.waiting_count -= len(batch)
        self.written_count += len(batch)
        return True

    def _next_batch(self) -> tuple[int, list[Hit]]:
        """How many answers it is of, and their hits; they wait until they are written."""
        batch: list[Hit] = []
        taken = 0
        for unit, version, at_ns, named in self._waiting:
            if batch and len(batch) + len(named) > BATCH_HITS:
                break
            batch += [Hit(listing_id, unit, version, outcome, at_ns) for listing_id, outcome in named]
            taken += 1
        return taken, batch

    def _count(self, named: list[tuple[int, int]]) -> None:
        for _, outcome in named:
            self.named[outcome] = self.named.get(outcome, 0) + 1
