"""Follow: makes the follower's parts, and runs them beside the tracker's own.

Without an address in the configuration there is nobody to follow, and nothing runs. It decides nothing.
"""

import asyncio
from typing import TYPE_CHECKING, Final

from runtime.chance import Chance
from runtime.data import items
from runtime.steady import Steady
from tracker.follow.arriving import Arriving
from tracker.follow.counts import Counts
from tracker.follow.gateway import Gateway
from tracker.follow.known import Cases
from tracker.follow.ordering import Ordering
from tracker.follow.patrolling import Patrolling
from tracker.follow.recorder import Recorder
from tracker.follow.strays import Strays
from tracker.follow.watching import Watching

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine

    from runtime.metrics import Figure
    from runtime.settings_follow import Follow as Settings
    from tracker.rpc.lawyer import Lawyer
    from tracker.store.desk import Desk
    from tracker.store.reader import Reader

OPEN_LOOK_S: Final = 0.05


class Follow:
    """Of one tracker."""

    def __init__(
        self, settings: "Settings", engine: "Engine", desk: "Desk", reader: "Reader", lawyer: "Lawyer"
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._desk = desk
        self._reader = reader
        self._lawyer = lawyer
        self.counts = Counts()

    def figures(self) -> "Iterable[Figure]":
        """What Prometheus is told, from any thread."""
        return self.counts.figures() if self._settings.address else ()

    async def run(self) -> None:
        """Follow and ask until cancelled."""
        if not self._settings.address:
            return
        gateway = Gateway(self._settings)
        try:
            await self._run(gateway)
        finally:
            await gateway.close()

    async def _run(self, gateway: Gateway) -> None:
        settings, counts, desk, reader = self._settings, self.counts, self._desk, self._reader
        terms = {row["code"]: row["term"] for row in items() if row["term"]}
        cases, strays = Cases(self._engine), Strays(self._engine)
        steady = Steady(settings, Chance(), counts)
        recorder = Recorder(gateway, desk, cases, strays, terms, counts)
        watching = Watching(gateway, reader, cases, recorder, steady, counts, settings.courts_at_once)
        ordering = Ordering(gateway, recorder, counts, settings.inquiries_per_s)
        profiles = frozenset(settings.inquire_profiles)
        arriving = Arriving(reader, cases, strays, desk, recorder, ordering, profiles)
        patrolling = Patrolling(reader, cases, self._lawyer, desk, ordering)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(watching.run())
            tasks.create_task(steady.keep_doing("arrivals", arriving.join_strays))
            tasks.create_task(steady.keep_doing("first_inquiries", arriving.start_inquiries))
            tasks.create_task(steady.keep_doing("patrols", patrolling.step))
            tasks.create_task(steady.keep_doing("strays", arriving.forget_strays))
