"""Control lines: all endpoints as far as holds go.

One line for each endpoint that has an address; controls for another wait until it has one. It tells lines
that there is something to take, one every few turns of the loop, whoever waits longest first: a loop that has
much else to do takes long turns, and what is decided meanwhile goes out in the same calls. A release of a
wrong freeze waits for no turn. It knows which endpoint an institution is behind, and decides nothing.
"""

import asyncio
from typing import TYPE_CHECKING, Final

from gateway.edge.control_line import ControlLine
from gateway.edge.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.directory.directory import Directory
    from gateway.edge.control_call import ControlCall
    from gateway.edge.desk import Desk
    from runtime.chance import Chance
    from runtime.settings import Controls as ControlSettings

# A call costs as much as some ten controls in it. Where nothing else is to be done, a turn takes 2
# microseconds, and all lines have theirs within 15 ms.
TURNS: Final = 16


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
        # Endpoints with something to take that were not told yet, in the order in which they will be.
        self._waiting: dict[int, None] = {}
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
        for endpoint in endpoints:
            if endpoint in self.lines:
                self._waiting[endpoint] = None
        for endpoint in self._desk.ledger.endpoints_urgent():
            if endpoint in self._waiting:
                del self._waiting[endpoint]
                self.lines[endpoint].poke()
        if self._waiting:
            self._moved.set()

    async def _tell(self) -> None:
        while True:
            await self._moved.wait()
            self._moved.clear()
            while self._waiting:
                endpoint = next(iter(self._waiting))
                del self._waiting[endpoint]
                self.lines[endpoint].poke()
                for _ in range(TURNS):
                    await asyncio.sleep(0)

    def has_institution(self, institution: int) -> bool:
        """Whether the directory has it."""
        return 0 <= institution < len(self._directory.institutions)

    def line_of(self, institution: int) -> ControlLine | None:
        """The line of the endpoint that an institution is behind; None without an address."""
        return self.lines.get(self._directory.institutions[institution].endpoint)
