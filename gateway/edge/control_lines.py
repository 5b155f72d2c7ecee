"""Control lines: all endpoints as far as holds go.

One line for each endpoint that has an address; controls for another wait until it has one. It tells lines
that there is something to take, whoever waits longest first, one in each turn of the loop. While orders wait
to be decided lines wait too, though not for long: what is decided then goes out in the same calls. A release
of a wrong freeze waits for nothing. It knows which endpoint an institution is behind, and decides nothing.
"""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from gateway.edge.control_line import ControlLine
from gateway.edge.histogram import Histogram
from runtime.clock import now_ns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.directory.directory import Directory
    from gateway.edge.control_call import ControlCall
    from gateway.edge.desk import Desk
    from runtime.chance import Chance
    from runtime.settings import Controls as ControlSettings

# A call costs gateway and institution as much as some ten controls in it. Where the desk is never done, an
# endpoint is called once a second.
WAIT_NS_MAX: Final = 1_000_000_000
NS: Final = 1_000_000_000


class ControlLines:
    """`calls` by endpoint index."""

    def __init__(
        self,
        directory: "Directory",
        calls: "Mapping[int, ControlCall]",
        desk: "Desk",
        settings: "ControlSettings",
        chance: "Chance",
    ) -> None:
        self._directory = directory
        self._desk = desk
        self.lines: dict[int, ControlLine] = {}
        # Endpoints with something to take that were not told yet, in the order in which they will be, and
        # since when they wait.
        self._waiting: dict[int, int] = {}
        self._moved = asyncio.Event()
        # By class of endpoint.
        self.by_class: dict[str, list[ControlLine]] = {}
        self.reply_us: dict[str, Histogram] = {}
        for endpoint in directory.endpoints:
            counted = self.reply_us.setdefault(endpoint.endpoint_class, Histogram())
            those = self.by_class.setdefault(endpoint.endpoint_class, [])
            if endpoint.index in calls:
                line = ControlLine(endpoint, calls[endpoint.index], desk, settings, chance, counted.add)
                self.lines[endpoint.index] = line
                those.append(line)

    async def run(self) -> None:
        """Send and follow until cancelled."""
        for institution in self._desk.ledger.institutions_with_holds():
            line = self.line_of(institution)
            if line is not None:
                line.follow()
        self._desk.start(self.poke)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tell())
            for line in self.lines.values():
                tasks.create_task(line.run())

    def poke(self, endpoints: frozenset[int]) -> None:
        """There is something to take for these."""
        at_ns = now_ns()
        for endpoint in endpoints:
            if endpoint in self.lines:
                self._waiting.setdefault(endpoint, at_ns)
        for endpoint in self._desk.ledger.endpoints_urgent():
            if endpoint in self._waiting:
                del self._waiting[endpoint]
                self.lines[endpoint].poke()
        if self._waiting:
            self._moved.set()

    async def _tell(self) -> None:
        while True:
            # Poked after each step of the desk.
            with suppress(TimeoutError):
                async with asyncio.timeout(self._wait_s()):
                    await self._moved.wait()
            self._moved.clear()
            while self._waiting and not self._wait_s():
                endpoint = next(iter(self._waiting))
                del self._waiting[endpoint]
                self.lines[endpoint].poke()
                await asyncio.sleep(0)

    def _wait_s(self) -> float | None:
        """How long the first of those that wait still lets the desk go on; None: nobody waits."""
        for since_ns in self._waiting.values():
            if not self._desk.orders_waiting:
                return 0.0
            return max(0, since_ns + WAIT_NS_MAX - now_ns()) / NS
        return None

    def has_institution(self, institution: int) -> bool:
        """Whether the directory has it."""
        return 0 <= institution < len(self._directory.institutions)

    def line_of(self, institution: int) -> ControlLine | None:
        """The line of the endpoint that an institution is behind; None without an address."""
        return self.lines.get(self._directory.institutions[institution].endpoint)
