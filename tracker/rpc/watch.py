"""Watch: tells courts of events in their cases, each watcher from its own cursor.

The cursor is the event's seq. Events are read from the database, also those that another process recorded;
nothing is queued for a watcher. At least once, in order.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chakong.tracker.v1 import tracker_pb2
from runtime import requests
from runtime.errors import FullError
from tracker.store.messages import shown

if TYPE_CHECKING:
    from tracker.store.reader import Reader

EVENTS_PER_MESSAGE: Final = 500
RETRY_MS: Final = 5_000
# What another process recorded is seen after so long at most.
LOOK_EVERY_S: Final = 2.0
CURSOR_MAX: Final = 2**63 - 1


@dataclass(slots=True, eq=False)
class _Watcher:
    court: str
    moved: asyncio.Event = field(default_factory=asyncio.Event)


class EventsWatch:
    """The watchers of all courts. One event loop."""

    def __init__(self, reader: "Reader", watchers_max: int) -> None:
        self._reader = reader
        self._watchers_max = watchers_max
        self._watchers: set[_Watcher] = set()
        self.is_closed = False

    @property
    def watcher_count(self) -> int:
        """How many watch now."""
        return len(self._watchers)

    def publish(self, courts: frozenset[str]) -> None:
        """These courts have new events."""
        for watcher in self._watchers:
            if watcher.court in courts:
                watcher.moved.set()

    def close(self) -> None:
        """Let every watcher come to its end once it has what there is."""
        self.is_closed = True
        for watcher in self._watchers:
            watcher.moved.set()

    async def follow(
        self, court: str, request: tracker_pb2.WatchEventsRequest
    ) -> AsyncGenerator[bytes, None]:
        """Encoded WatchEventsResponses after the request's cursor, until closed or `aclose`d."""
        cursor = request.cursor
        last = await asyncio.to_thread(self._reader.last_seq)
        if cursor > min(last, CURSOR_MAX):
            raise requests.wrong("cursor", f"must be at most {last}, {cursor} given")
        if len(self._watchers) >= self._watchers_max:
            raise FullError(f"watchers: {self._watchers_max} there already", retry_ms=RETRY_MS)
        watcher = _Watcher(court)
        self._watchers.add(watcher)
        try:
            while True:
                watcher.moved.clear()
                is_last = self.is_closed
                found = await asyncio.to_thread(
                    self._reader.events_after, court, cursor, request.case_number, EVENTS_PER_MESSAGE
                )
                if found:
                    cursor = found[-1].seq
                    events = [shown(one.told, one.case_number) for one in found]
                    yield tracker_pb2.WatchEventsResponse(cursor=cursor, events=events).SerializeToString()
                elif is_last:
                    return
                else:
                    await _wait(watcher.moved)
        finally:
            self._watchers.discard(watcher)


async def _wait(moved: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(LOOK_EVERY_S):
            await moved.wait()
    except TimeoutError:
        return
