"""Telling: keeps what units were told, a while's worth in one transaction.

What is not written when the process is killed is told again, or follows from what the unit acknowledges.
At rest nothing is written.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from runtime.errors import CallError

# So long after a write the next one waits for more.
GATHER_S: Final = 1.0
# Of one unit: each stream of its own tells on from where it was.
PIECES_MAX: Final = 16

# unit -> (after this cursor, up to this one), in their order.
Told = dict[str, list[tuple[int, int]]]

log = logging.getLogger(__name__)


class Telling:
    """`write` makes it durable. One event loop."""

    def __init__(self, write: Callable[[Told], Awaitable[None]], gather_s: float = GATHER_S) -> None:
        self._write = write
        self._gather_s = gather_s
        self._pending: Told = {}
        self._noted = asyncio.Event()
        self._writing = asyncio.Lock()

    def note(self, unit: str, after: int, reached: int) -> None:
        """A unit was given everything from one cursor to another."""
        if reached > after:
            self._pending[unit] = joined([*self._pending.get(unit, ()), (after, reached)])
            self._noted.set()

    async def run(self) -> None:
        """Write what is noted until cancelled."""
        while await self._noted.wait():
            await self.flush()
            await asyncio.sleep(self._gather_s)

    async def flush(self) -> None:
        """Return when what was noted up to now is written. What cannot be is kept for the next time."""
        async with self._writing:
            await self._flush()

    async def _flush(self) -> None:
        self._noted.clear()
        given, self._pending = self._pending, {}
        if not given:
            return
        try:
            await self._write(given)
        except CallError as error:
            log.warning("what units were told was not written", extra={"error": error.message})
            for unit, pieces in given.items():
                self._pending[unit] = joined([*pieces, *self._pending.get(unit, ())])
            self._noted.set()


def joined(pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same with those that touch made one, in order; of too many the last are left out."""
    found: list[tuple[int, int]] = []
    for after, reached in sorted(pieces):
        if found and after <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], reached))
        else:
            found.append((after, reached))
    return found[:PIECES_MAX]
