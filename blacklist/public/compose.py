"""Compose: makes the parts of the person's side, and runs them: the record of hits, its retention, the port.

It decides nothing: what a look-up comes to is looking.py's, what waits to be written recording.py's.
"""

import asyncio
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from blacklist.public.figures import hit_figures, look_up_figures
from blacklist.public.limiter import KEY_BYTES, Limiter, per_hour, per_second
from blacklist.public.looking import Looking, Pace, Sources
from blacklist.public.port import PublicPort
from blacklist.store.hits import Hits
from blacklist.store.recording import Recording
from runtime.calendar import DAY_NS
from runtime.chance import Chance
from runtime.clock import now_ns
from runtime.lifecycle import whole
from runtime.metrics import Figure

if TYPE_CHECKING:
    from runtime.config import Config

PRUNE_EVERY_S = 3_600.0

log = logging.getLogger(__name__)


class Person:
    """Of one blacklist. StartError when the port cannot be had."""

    def __init__(self, config: "Config", engine: Engine, sources: Sources, draining: asyncio.Event) -> None:
        self._settings = config.blacklist
        public = config.public
        self.hits = Hits(engine)
        self.recording = Recording(self.hits, self._settings.hits_waiting_max, now_ns)
        self.limiter = Limiter(
            per_hour(public.address_per_hour),
            per_hour(public.number_per_hour),
            per_second(public.total_per_s),
            Chance().token(KEY_BYTES),
        )
        pace = Pace(self.limiter, Chance().token(KEY_BYTES), public.answer_every_ms, public.at_once_max)
        self.looking = Looking(sources, pace, now_ns)
        self.port = PublicPort(public, self.looking, now_ns, draining) if public.address else None
        self.pruned_count = 0

    def figures(self) -> Iterator[Figure]:
        """What Prometheus is told, from any thread."""
        yield from look_up_figures(self.looking, self.limiter, self.port)
        yield from hit_figures(self.recording, self.pruned_count)

    async def serve(self) -> None:
        """At the port, until cancelled. What cannot be answered yet says so."""
        if self.port is not None:
            await self.port.run()

    async def keep(self) -> None:
        """Write hits and delete old ones, until cancelled. The database is open by now."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._record())
            tasks.create_task(self._prune())

    def close(self) -> None:
        """Give the port back."""
        if self.port is not None:
            self.port.close()

    async def _record(self) -> None:
        while True:
            await asyncio.sleep(self._settings.hits_every_s)
            await self.recording.write()

    async def _prune(self) -> None:
        while True:
            before_ns = now_ns() - self._settings.hits_keep_days * DAY_NS
            try:
                while count := await whole(asyncio.to_thread(self.hits.prune, before_ns)):
                    self.pruned_count += count
            except (SQLAlchemyError, OSError) as error:
                log.warning("old hits were not deleted", extra={"error": type(error).__name__})
            await asyncio.sleep(PRUNE_EVERY_S)
