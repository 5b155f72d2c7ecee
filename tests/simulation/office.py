"""Office: one gateway from its start to its end, made as `serve` makes it.

Replaced are the journal's files, the tables, gRPC on both sides and the seed of its chance; the composition
root, the Engine and everything between are the gateway's own. Nothing here decides; a crash takes all of it
away but what the disk holds.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from chakong.institution.v1 import institution_pb2
from gateway.edge.serve import Gateway, Outside
from runtime.chance import Chance
from runtime.config import Config
from tests.simulation.archive import Archive
from tests.simulation.channel import SimulatedChannel
from tests.simulation.memory_journal import Disk, MemoryJournal
from tests.simulation.network import Way
from tests.simulation.town import directory

if TYPE_CHECKING:
    from gateway.edge.dial import Dials
    from gateway.edge.journal import Journal
    from gateway.edge.projection import Projection
    from gateway.edge.server import Handlers, Server
    from gateway.edge.store import Store
    from gateway.holds.ledger import Ledger
    from runtime.server import Methods

PORT = 1


@dataclass(slots=True)
class Departures:
    """What leaves this gateway, until it is gone."""

    leave: Callable[[int, Sequence[institution_pb2.Control]], None]
    ask: Callable[[int, institution_pb2.Batch], None]
    is_gone: bool = False


class Entrance:
    """Stands for the gRPC server: whoever holds it calls its handlers while it is open."""

    def __init__(self, handlers: "Handlers", draining: asyncio.Event) -> None:
        self.handlers = handlers
        self.is_open = False
        self._draining = draining

    def bind(self) -> int:
        """There is no port to take."""
        return PORT

    async def start(self) -> None:
        """Calls are taken from now on."""
        self.is_open = True

    async def tell_health(self, _service: str, *, is_serving: bool) -> None:
        """Nobody asks."""

    async def drain(self) -> None:
        """Take nothing new."""
        self._draining.set()

    async def stop(self, _grace_s: float) -> None:
        """Refuse new calls."""
        self.is_open = False


class Replaced(Outside):
    """The world of the simulation instead of the real one."""

    def __init__(
        self, chance: Chance, ways: dict[int, Way], archive: Archive, departures: Departures
    ) -> None:
        self._chance = chance
        self._ways = ways
        self._archive = archive
        self._departures = departures

    def chance(self) -> Chance:
        """From the seed."""
        return self._chance

    def dials(self, config: Config) -> "Dials":
        """Into the simulated network."""
        del config
        made: dict[str, Callable[[], Any]] = {
            endpoint.key: partial(
                SimulatedChannel, endpoint.index, self._ways[endpoint.index], self._departures
            )
            for endpoint in directory().endpoints
        }
        return made

    def projection(self, config: Config, journal: "Journal", chance: Chance) -> "Projection":
        """The archive."""
        del config, journal, chance
        return cast("Projection", self._archive)

    def store(self, config: Config) -> "Store":
        """The same."""
        del config
        return cast("Store", self._archive)

    def server(
        self, config: Config, handlers: "Handlers", draining: asyncio.Event, shared: "Sequence[Methods]"
    ) -> "Server":
        """An entrance that courts come to."""
        del config, shared
        return cast("Server", Entrance(handlers, draining))


class Office:
    """`start` it once it is made; `stop` or `crash` it at any time."""

    def __init__(
        self,
        config: Config,
        disk: Disk,
        ways: dict[int, Way],
        archive: Archive,
        chance: Chance,
        departures: Departures,
    ) -> None:
        self.journal = MemoryJournal(disk)
        self._departures = departures
        replaced = Replaced(chance, ways, archive, departures)
        self.gateway = Gateway(config, cast("Journal", self.journal), None, directory(), replaced)
        self.ready = asyncio.Event()
        self.is_recovered = False
        # Whether it has ended as it was told to; or why it has by itself, empty while it has not.
        self.has_ended = False
        self.fault = ""
        # Set once it has ended or crashed.
        self.over = asyncio.Event()
        self._stop = asyncio.Event()
        self.running: asyncio.Task[None] | None = None
        # Courts that follow changes; and calls of courts that wait for their answer.
        self.watching: list[asyncio.Task[None]] = []
        self.asking: dict[asyncio.Task[None], None] = {}

    @property
    def ledger(self) -> "Ledger":
        return self.gateway.controls.desk.ledger

    @property
    def handlers(self) -> "Handlers":
        return self._entrance.handlers

    @property
    def is_open(self) -> bool:
        """Whether courts may call."""
        return self._entrance.is_open

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to end in order."""
        return self._stop.is_set()

    def start(self) -> None:
        """Recover, and serve."""
        self.running = asyncio.get_running_loop().create_task(self._run())
        self.running.add_done_callback(self._done)

    def watch(self, task: "asyncio.Task[None]") -> None:
        """A court follows changes; it is to be told of them until the end."""
        self.watching.append(task)
        task.add_done_callback(self._left)

    def stop(self) -> None:
        """Drain, and end."""
        self._stop.set()

    def crash(self) -> None:
        """Everything stops here and now."""
        self._departures.is_gone = True
        self.over.set()
        self.journal.crash()
        for task in (*self.asking, *self.watching):
            task.cancel()
        if self.running is not None:
            self.running.cancel()
        # Its timers go on otherwise, for as long as the world.
        self.gateway.pump._has_drained = True

    @property
    def step_count(self) -> int:
        """Steps that it kept."""
        return self.gateway.controls.desk.counts.steps

    @property
    def is_behind(self) -> bool:
        """Whether answers are durable that the ledger was not told of."""
        return self.gateway.controls.sighting.behind_frames > 0

    @property
    def _entrance(self) -> Entrance:
        return cast("Entrance", self.gateway.server)

    async def _run(self) -> None:
        await self.gateway.recover()
        self.is_recovered = True
        await self.gateway.run(self._stop, lambda _port: self.ready.set())

    def _done(self, running: "asyncio.Task[None]") -> None:
        if self._departures.is_gone:
            return
        error = None if running.cancelled() else running.exception()
        self.has_ended = self.is_stopping and error is None and not running.cancelled()
        if not self.has_ended:
            self.fault = f"the gateway broke: {_innermost(error)}"

    def _left(self, _task: "asyncio.Task[None]") -> None:
        if not self._departures.is_gone and not self.is_stopping:
            self.fault = "a watcher was left alone"


def _innermost(error: BaseException | None) -> str:
    for _ in range(10):
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
