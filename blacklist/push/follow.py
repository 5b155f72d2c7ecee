"""Follow: gives units the changes as they come about, each follower from its own cursor.

A follower holds one page at most, and reads the next when the last was taken from it: who reads slowly
waits by himself. Nobody looks whether there is something new: `publish` wakes those who have everything.
Whoever is no unit any more, since midnight perhaps, is told so.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from blacklist.errors import AheadError
from blacklist.push.feed import Feed
from blacklist.push.views import changes_view
from blacklist.rules.units import Measures
from chakong.blacklist.v1 import changes_pb2
from runtime.errors import FullError
from runtime.lifecycle import ends_within

HEARTBEAT_S: Final = 30.0
# Of one unit: a few machines, and one that is being replaced.
FOLLOWERS_PER_UNIT_MAX: Final = 4
RETRY_MS: Final = 5_000


@dataclass(slots=True, eq=False)
class _Follower:
    unit: str
    moved: asyncio.Event = field(default_factory=asyncio.Event)


class Followers:
    """Of all units. One event loop. `binding` gives the measures of a unit today, ForbiddenError for who is
    none; `told` is called with what a unit was given; `as_of_ns` is up to when all changes are known."""

    def __init__(
        self,
        feed: Feed,
        binding: Callable[[str], Measures],
        told: Callable[[str, int, int], None],
        as_of_ns: Callable[[], int],
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self._feed = feed
        self._binding = binding
        self._told = told
        self._as_of_ns = as_of_ns
        self._heartbeat_s = heartbeat_s
        self._followers: set[_Follower] = set()
        self._version = 0
        self._is_closed = False

    @property
    def follower_count(self) -> int:
        """How many follow now."""
        return len(self._followers)

    def publish(self, version: int) -> None:
        """The list has changes up to this one."""
        if version > self._version:
            self._version = version
            self._wake()

    def close(self) -> None:
        """Let every follower come to its end once it has taken what it was given."""
        self._is_closed = True
        self._wake()

    async def follow(self, unit: str, after: int, version: int) -> AsyncGenerator[bytes, None]:
        """Encoded FollowResponses after a cursor of a list that has this version, until closed or `aclose`d.
        AheadError, FullError, UnavailableError."""
        if after > version:
            raise AheadError(f"after_cursor: {after} given, the last change is {version}")
        count = sum(1 for one in self._followers if one.unit == unit)
        if count >= FOLLOWERS_PER_UNIT_MAX:
            raise FullError(f"followers: {count} of this unit there already", retry_ms=RETRY_MS)
        self.publish(version)
        follower = _Follower(unit)
        self._followers.add(follower)
        try:
            # The first message says where the list is, though there be nothing new.
            cursor, has_more = after, True
            while not self._is_closed:
                follower.moved.clear()
                if cursor < self._version or has_more:
                    page = await self._feed.page(cursor)
                    binding = self._binding(unit)
                    changes = changes_view(page.changes, binding)
                    if changes or page.is_complete:
                        yield self._message(changes, page.cursor, is_complete=page.is_complete)
                    self._told(unit, cursor, page.cursor)
                    cursor, has_more = page.cursor, not page.is_complete
                    del page, changes
                elif not await ends_within(self._heartbeat_s, follower.moved.wait()):
                    self._binding(unit)
                    yield self._message((), cursor, is_complete=True)
        finally:
            self._followers.discard(follower)

    def _wake(self) -> None:
        for follower in self._followers:
            follower.moved.set()

    def _message(self, changes: Sequence[changes_pb2.Change], cursor: int, *, is_complete: bool) -> bytes:
        response = changes_pb2.FollowResponse(
            changes=changes, cursor=cursor, complete=is_complete, as_of_ns=self._as_of_ns()
        )
        return response.SerializeToString()
