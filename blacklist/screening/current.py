"""Current: the snapshot that is asked now, and how it keeps up with the store.

A refresh makes the next snapshot from what changed and swaps it whole; one that fails leaves the one that is
there, and how old that is stands in every answer. Reading and merging run in threads. Where the changes come
from is a Source's business.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from blacklist.screening._identity import Hasher
from blacklist.screening._snapshot import Base, Snapshot
from blacklist.screening.rows import Row
from runtime import lifecycle

# Changed entries are copied with every refresh: this many in a millisecond or two.
OVERLAY_MAX: Final = 50_000
CHANGES_MAX: Final = 10_000
REFRESH_S_MAX: Final = 60.0
LOAD_S_MAX: Final = 600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Changes:
    """`changes` in their order (True: added, False: removed), up to and with `version`."""

    version: int
    changes: Sequence[tuple[bool, Row]]


class Source(Protocol):
    """What the list is read from. Called in threads, one call at a time."""

    def entries(self) -> tuple[int, Iterable[Row]]:
        """A version, and every entry of the list as it was then."""

    def changes(self, after: int, count_max: int) -> Changes:
        """What changed after a version, at most so many changes; with nothing new, that version again."""


class Current:
    """One for a process. Nobody can be screened before `load` has returned."""

    def __init__(self, source: Source, hasher: Hasher, now_ns: Callable[[], int]) -> None:
        self._source = source
        self._hasher = hasher
        self._now_ns = now_ns
        self._snapshot: Snapshot | None = None
        self.as_of_ns = 0
        self.failure_count = 0
        self.refused: tuple[int, ...] = ()

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest whole one; None before the first."""
        return self._snapshot

    def age_s(self) -> float:
        """Since all changes were in it."""
        return max(0, self._now_ns() - self.as_of_ns) / 1e9

    async def load(self) -> None:
        """Read the whole list. Raises what the source raises; TimeoutError."""
        begun_ns = self._now_ns()
        async with asyncio.timeout(LOAD_S_MAX):
            snapshot = await asyncio.to_thread(self._loaded)
        self.refused = snapshot.base.refused
        self._swap(snapshot, begun_ns)

    async def refresh(self) -> bool:
        """Take in what changed; False: it failed, and everything is as it was. Never to be called twice at a
        time."""
        try:
            async with asyncio.timeout(REFRESH_S_MAX):
                await self._catch_up()
        except Exception:
            self.failure_count += 1
            log.exception("the list could not be refreshed")
            return False
        return True

    async def follow(self, every_s: float, stop: asyncio.Event) -> None:
        """Refresh now and then until `stop` is set."""
        while not stop.is_set():
            await self.refresh()
            await lifecycle.ends_within(every_s, stop.wait())

    async def _catch_up(self) -> None:
        before = self._snapshot
        if before is None:
            raise RuntimeError("the list was not loaded yet")
        is_behind = True
        while is_behind:
            begun_ns = self._now_ns()
            came = await asyncio.to_thread(self._source.changes, before.version, CHANGES_MAX)
            is_behind = len(came.changes) >= CHANGES_MAX
            if came.version != before.version or came.changes:
                before = before.changed(came.changes, came.version)
            # While more is to come it is not known to be as the list stood then.
            self._swap(before, self.as_of_ns if is_behind else begun_ns)
        if before.changed_count > OVERLAY_MAX:
            self._swap(await asyncio.to_thread(before.merged), self.as_of_ns)

    def _loaded(self) -> Snapshot:
        version, rows = self._source.entries()
        return Snapshot(Base.of_entries(self._hasher, rows), self._hasher, version)

    def _swap(self, snapshot: Snapshot, as_of_ns: int) -> None:
        self._snapshot, self.as_of_ns = snapshot, as_of_ns
