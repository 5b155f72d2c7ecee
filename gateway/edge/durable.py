"""Durable: what follows once the journal has kept a frame, in the order of the frames.

The journal may learn of many frames at once and a caller may have gone away meanwhile; neither changes the
order, nor whether something is taken up. It calls `kept` or `lost` exactly once for each, and nothing else.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.edge.errors import JournalError
from gateway.edge.journal_schema import Frame
from gateway.edge.pump_counts import PumpCounts
from runtime.clock import now_ns

if TYPE_CHECKING:
    from gateway.edge.journal import Journal

Kept = Callable[[int], None]
Lost = Callable[[JournalError], None]


@dataclass(frozen=True, slots=True)
class _Awaited:
    future: asyncio.Future[int]
    appended_ns: int
    size_bytes: int
    kept: Kept
    lost: Lost


class Durable:
    """Appends to the journal. `moved` is called whenever something was decided; `broke` with an error of our
    own."""

    def __init__(
        self,
        journal: "Journal",
        counts: PumpCounts,
        moved: Callable[[], None],
        broke: Callable[[BaseException], None],
    ) -> None:
        self._journal = journal
        self._counts = counts
        self._moved = moved
        self._broke = broke
        self._awaited: deque[_Awaited] = deque()
        self.unwritten_bytes = 0

    def append(self, frame: Frame, kept: Kept, lost: Lost) -> None:
        """Hand a frame to the journal. `kept(seq)` once it is durable, `lost(error)` when it never will
        be."""
        try:
            future = self._journal.append(frame)
        except JournalError as error:
            self._counts.frames_lost += 1
            lost(error)
            return
        self._counts.count_frame(frame.kind, len(frame.body))
        self._follow(future, len(frame.body), kept, lost)

    def mark(self, kept: Kept, lost: Lost) -> None:
        """`kept` once everything appended so far is durable."""
        self._follow(self._journal.durable(), 0, kept, lost)

    async def empty(self) -> None:
        """Return when the journal has decided on everything handed to it."""
        while self._awaited:
            await asyncio.wait([self._awaited[-1].future])
            await asyncio.sleep(0)  # its callback runs after ours

    @property
    def is_empty(self) -> bool:
        """True when nothing waits for the journal."""
        return not self._awaited

    def _follow(self, future: asyncio.Future[int], size_bytes: int, kept: Kept, lost: Lost) -> None:
        self.unwritten_bytes += size_bytes
        self._awaited.append(_Awaited(future, now_ns(), size_bytes, kept, lost))
        future.add_done_callback(self._decided)

    def _decided(self, _future: asyncio.Future[int]) -> None:
        try:
            while self._awaited and self._awaited[0].future.done():
                self._finish(self._awaited.popleft())
        except Exception as error:
            self._broke(error)
            raise
        self._moved()

    def _finish(self, awaited: _Awaited) -> None:
        self.unwritten_bytes -= awaited.size_bytes
        error = awaited.future.exception()
        if isinstance(error, JournalError):
            self._counts.frames_lost += awaited.size_bytes > 0
            awaited.lost(error)
        elif error is not None:
            raise error
        else:
            if awaited.size_bytes:
                self._counts.journal_us.add((now_ns() - awaited.appended_ns) // 1000)
            awaited.kept(awaited.future.result())
