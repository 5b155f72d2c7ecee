"""Alone: a process with one service in it, which elsewhere shares one with others (beside.py).

The port is taken first and opened when the service has looked for what it needs. On the way down nothing new
is taken, what was taken becomes durable, and watchers come to their end. What the service does is its own.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from runtime.beside import Beside
from runtime.errors import StartError
from runtime.lifecycle import ends_within, run_until, stop_on_signals
from runtime.metrics import Exporter, Metrics, export
from runtime.server import Server

if TYPE_CHECKING:
    from runtime.config import Config

S = TypeVar("S", bound=Beside)

# The port is opened so late at most for what is not there yet.
LOOK_S_MAX: Final = 5.0
# Watchers have so long to read what they were told last.
WATCHERS_GRACE_S: Final = 2.0

log = logging.getLogger(__name__)


async def serve(config: "Config", make: "Callable[[Config, asyncio.Event], S]") -> None:
    """Run the service that `make` gives, until SIGTERM or SIGINT. SystemExit with a message when it cannot
    start."""
    async with stop_on_signals() as stop:
        try:
            await Alone(config, make).run(stop, _print_ready)
        except StartError as error:
            raise SystemExit(f"chakong: {error.message}") from None


class Alone(Generic[S]):
    """The parts of such a process. StartError."""

    def __init__(self, config: "Config", make: "Callable[[Config, asyncio.Event], S]") -> None:
        self._config = config
        self._draining = asyncio.Event()
        self.service = make(config, self._draining)
        self.server = Server(config.listen, config.limits.calls_max, [self.service.methods], self._draining)

    async def run(self, stop: asyncio.Event, ready: Callable[[int], None]) -> None:
        """Serve until `stop`, drain, and end. `ready` is told the port once it serves. StartError when it
        cannot."""
        port = self.server.bind()
        exporter = self._export()
        ended = asyncio.Event()
        try:
            services = (
                self.service.run(self._tell_health),
                self._serve_until(stop, ended, partial(ready, port)),
            )
            await run_until(ended, services)
        finally:
            if exporter is not None:
                exporter.close()
            self.service.close()

    async def _tell_health(self, service: str, is_serving: bool) -> None:
        await self.server.tell_health(service, is_serving=is_serving)

    async def _serve_until(
        self, stop: asyncio.Event, ended: asyncio.Event, ready: Callable[[], None]
    ) -> None:
        if not await ends_within(LOOK_S_MAX, self.service.looked()):
            log.warning("what the service needs is not there yet")
        await self.server.start()
        ready()
        try:
            await stop.wait()
            await self.server.drain()
            if not await ends_within(self._config.listen.drain_s, self.service.drain()):
                log.error("not everything could be made durable in time; it was not acknowledged")
            await self.server.stop(min(self._config.listen.drain_s, WATCHERS_GRACE_S))
        finally:
            await self.server.stop(0)
        ended.set()

    def _export(self) -> Exporter | None:
        address = self._config.metrics.address
        if not address:
            return None
        metrics = Metrics()
        metrics.figures(self.service.figures)
        try:
            return export(metrics, address)
        except OSError as error:
            raise StartError(f"metrics.address {address}: {error.strerror}") from None


def _print_ready(port: int) -> None:
    print(f"ready port={port}", flush=True)
