"""Dispatch: the lines to all endpoints.

Hands each batch to its line, follows the institutions' capabilities into the directory, and knows how much
may still be written. It cuts no batch and judges no reply; the Engine does, through the pump.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from adapters.contract import Adapter
from gateway.directory.model import INQUIRE
from gateway.edge import keep
from gateway.edge.histogram import Histogram
from gateway.edge.league import League, Place
from gateway.edge.line import Line, Shared
from gateway.policy.breaker import State

if TYPE_CHECKING:
    from gateway._core import Batch
    from gateway.directory.directory import Directory
    from gateway.directory.model import Endpoint
    from gateway.edge.dial import Dials
    from gateway.edge.pump import Pump
    from runtime.chance import Chance
    from runtime.settings import Line as LineSettings

# gRPC copies what is being written, one batch a stream. What waits behind it is the Engine's own object, and
# the agreed number in flight bounds it; counted here, a few dozen deaf endpoints would stop all others. What
# a deaf endpoint does not read counts for a moment only (stream.DEAF_S); the agreed size of a batch bounds
# it.
UNWRITTEN_BYTES_MAX: Final = 128 << 20


class Dispatch:
    """All lines. `run` keeps them until it is cancelled; the pump is given this as its outlet."""

    def __init__(
        self,
        directory: "Directory",
        pump: "Pump",
        dials: "Dials",
        adapters: Mapping[str, Adapter],
        settings: "LineSettings",
        chance: "Chance",
        directory_changed: "Callable[[Directory], None]" = lambda _directory: None,
    ) -> None:
        """KeyError when an endpoint's protocol has no adapter. `dials` make channels with CHANNEL_OPTIONS; an
        endpoint that has none is closed for good. `directory_changed` is told what institutions can do from
        now on."""
        self._directory = directory
        self._pump = pump
        self._directory_changed = directory_changed
        self._unwritten_bytes = 0
        self.league = League(len(directory.endpoints))
        shared = Shared(
            pump=pump,
            settings=settings,
            chance=chance,
            dials=dials,
            opening=asyncio.Semaphore(settings.open_at_once),
            writing=self._writing,
            replied=self._replied,
            described=self._described,
        )
        self.lines = tuple(
            Line(endpoint, self._inquirable(endpoint), adapters[endpoint.protocol], shared)
            for endpoint in directory.endpoints
        )
        self._classes = sorted({endpoint.endpoint_class for endpoint in directory.endpoints})
        self._class_of = tuple(
            self._classes.index(endpoint.endpoint_class) for endpoint in directory.endpoints
        )
        self.batch_entries = tuple(Histogram() for _ in self._classes)
        self.reply_us = tuple(Histogram() for _ in self._classes)
        self.batch_queries = [0] * len(self._classes)
        self.batch_bytes = [0] * len(self._classes)
        self.cuts = tuple([0] * 8 for _ in self._classes)

    @property
    def directory(self) -> "Directory":
        """The newest, with what the institutions said of themselves."""
        return self._directory

    async def run(self) -> None:
        """Connect, and stay connected, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for line in self.lines:
                if line.has_address:
                    tasks.create_task(keep.keep(line))

    def send(self, batch: "Batch") -> None:
        """Take one batch; never waits."""
        index = self._class_of[batch.endpoint]
        # One less, so that a full batch of 4,096 is still below 2**12.
        self.batch_entries[index].add(batch.entry_count - 1)
        self.batch_queries[index] += batch.query_count
        self.batch_bytes[index] += len(batch.message)
        self.cuts[index][batch.reason] += 1
        self.lines[batch.endpoint].send(batch)

    def room_bytes(self) -> int:
        """How many bytes of messages may be handed over now."""
        return UNWRITTEN_BYTES_MAX - self._unwritten_bytes

    def is_reachable(self, endpoint: int) -> bool:
        """True when the endpoint takes calls now: connected, within its hours, its breaker not open."""
        return self.lines[endpoint].gate.in_flight_max > 0

    def breaker_state(self, endpoint: int) -> State:
        """The state of the endpoint's breaker."""
        return self.lines[endpoint].gate.breaker.state

    @property
    def unwritten_bytes(self) -> int:
        """Bytes of batches that gRPC was given and has not written yet."""
        return self._unwritten_bytes

    @property
    def endpoint_classes(self) -> list[str]:
        """The classes of endpoints, in the order of the counts by class."""
        return self._classes

    def class_of(self, endpoint: int) -> int:
        """The position of an endpoint's class in `endpoint_classes`."""
        return self._class_of[endpoint]

    def slowest(self, count: int) -> list[Place]:
        """So many places of the league table: endpoints in trouble first, then by their median."""
        troubled = {line.endpoint.index for line in self.lines if line.is_troubled}
        return self.league.slowest(count, troubled)

    def _replied(self, endpoint: int, reply_ns: int) -> None:
        self.league.replied(endpoint, reply_ns)
        self.reply_us[self._class_of[endpoint]].add(reply_ns // 1000)

    def _writing(self, bytes_more: int) -> None:
        was_full = self.room_bytes() <= 0
        self._unwritten_bytes += bytes_more
        if was_full and self.room_bytes() > 0:
            self._pump.poke()

    def _described(self, endpoint: int, capabilities: Mapping[int, frozenset[str]]) -> None:
        """Take an endpoint's word on the institutions behind it; on others it has none."""
        behind = self._directory.endpoints[endpoint].institutions
        own = {index: capabilities[index] for index in behind if index in capabilities}
        changed = self._directory.with_capabilities(own)
        if changed is self._directory:
            return
        self._directory = changed
        self._pump.set_directory(changed.snapshot())
        self._directory_changed(changed)
        self.lines[endpoint].set_institutions(self._inquirable(changed.endpoints[endpoint]))

    def _inquirable(self, endpoint: "Endpoint") -> tuple[int, ...]:
        return tuple(i for i in endpoint.institutions if INQUIRE in self._directory.institutions[i].can)
