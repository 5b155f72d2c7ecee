"""Follow: watches the events of every court at the tracker, each from the cursor that was kept.

Without an address in the configuration there is nobody to follow, and nothing runs. What an event proposes
the rules say; it is written with the cursor, once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from blacklist.follow.counts import Counts
from blacklist.follow.tracker import Tracker, concerning
from runtime.chance import Chance
from runtime.data import courts
from runtime.steady import Steady
from runtime.turns import Turns, each

if TYPE_CHECKING:
    from collections.abc import Iterable

    from blacklist.store.desk import Desk
    from blacklist.store.proposer import Proposer
    from chakong.tracker.v1.tracker_pb2 import WatchEventsResponse
    from runtime.metrics import Figure
    from runtime.settings_follow import FollowTracker

# A court with its first listing is followed after so long at most.
LOOK_EVERY_S: Final = 5.0


class OvertakenError(Exception):
    """Another process followed this court meanwhile."""


class Follow:
    """Of one blacklist. Followed are the courts that are installed, and those that have listings."""

    def __init__(self, settings: "FollowTracker", desk: "Desk", proposer: "Proposer") -> None:
        self._settings = settings
        self._desk = desk
        self._proposer = proposer
        self._turns = Turns(settings.courts_at_once)
        self.counts = Counts()

    def figures(self) -> "Iterable[Figure]":
        """What Prometheus is told, from any thread."""
        return self.counts.figures() if self._settings.address else ()

    async def run(self) -> None:
        """Follow until cancelled."""
        if not self._settings.address:
            return
        tracker = Tracker(self._settings)
        try:
            await self._run(tracker)
        finally:
            await tracker.close()

    async def _run(self, tracker: Tracker) -> None:
        steady = Steady(self._settings, Chance(), self.counts)
        installed = {row["code"] for row in courts()}
        followed: set[str] = set()
        async with asyncio.TaskGroup() as tasks:

            async def look() -> float:
                listing = await asyncio.to_thread(self._proposer.courts)
                for court in sorted(installed.union(listing) - followed):
                    tasks.create_task(steady.keep_doing("events", self._following(tracker, court)))
                    followed.add(court)
                return LOOK_EVERY_S

            await steady.keep_doing("courts", look)

    def _following(self, tracker: Tracker, court: str) -> Callable[[], Awaitable[float]]:
        async def step() -> float:
            await self._turns.take()
            self.counts.watching += 1
            try:
                return await self._follow(tracker, court)
            except OvertakenError:
                return 0.0
            finally:
                self.counts.watching -= 1
                self._turns.give_back()

        return step

    async def _follow(self, tracker: Tracker, court: str) -> float:
        cursor = await asyncio.to_thread(self._proposer.cursor, court)

        async def take(response: "WatchEventsResponse") -> None:
            nonlocal cursor
            await self._take(court, cursor, response)
            cursor = response.cursor

        return await each(tracker.watch_events(court, cursor), take, self._turns)

    async def _take(self, court: str, after: int, response: "WatchEventsResponse") -> None:
        events = concerning(response.events)
        proposer, upto = self._proposer, response.cursor
        outcomes = await self._desk.do(lambda at_ns: proposer.take(court, after, events, upto, at_ns))
        if outcomes is None:
            raise OvertakenError
        self.counts.events += len(response.events)
        self.counts.outcomes.update(outcomes)
