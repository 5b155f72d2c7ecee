"""Feed: pages of changes for those who follow, read once for all who want the same page at the same time.

All who have everything wake together at a change, and want the page after the same cursor. Nothing is
kept once it was handed out.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from blacklist.store.entries import Change
from runtime.errors import UnavailableError

PAGE_CHANGES: Final = 1_000
RETRY_MS: Final = 2_000


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """Changes, and the cursor after them. `is_complete`: there was nothing after it."""

    changes: Sequence[Change]
    cursor: int
    is_complete: bool


class Feed:
    """`since` is Entries.since; it blocks, and is called in a thread."""

    def __init__(self, since: Callable[[int, int], tuple[list[Change], int]]) -> None:
        self._since = since
        self._reading: dict[int, asyncio.Task[Page]] = {}
        self.read_count = 0

    async def page(self, after: int) -> Page:
        """The page after a cursor. UnavailableError."""
        reading = self._reading.get(after)
        if reading is None:
            reading = asyncio.create_task(asyncio.to_thread(self._read, after))
            self._reading[after] = reading
            reading.add_done_callback(lambda ended: self._ended(after, ended))
            self.read_count += 1
        try:
            # Others may wait for it.
            return await asyncio.shield(reading)
        except SQLAlchemyError as error:
            kind = type(error).__name__
            text = f"the blacklist's database cannot be read: {kind}"
            raise UnavailableError(text, retry_ms=RETRY_MS) from error

    def _read(self, after: int) -> Page:
        changes, version = self._since(after, PAGE_CHANGES)
        if len(changes) < PAGE_CHANGES:
            return Page(changes, max(version, after), is_complete=True)
        return Page(changes, changes[-1].cursor, is_complete=changes[-1].cursor >= version)

    def _ended(self, after: int, reading: "asyncio.Task[Page]") -> None:
        del self._reading[after]
        if not reading.cancelled():
            # Those who waited may have gone away.
            reading.exception()
