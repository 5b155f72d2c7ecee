"""Control lines: all endpoints as far as holds go.

One line for each endpoint that has an address; controls for another wait until it has one. It tells lines
that there is something to take, and knows which endpoint an institution is behind. It decides nothing.
"""

import asyncio
from typing import TYPE_CHECKING

from gateway.edge.control_line import ControlLine
from gateway.edge.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.directory.directory import Directory
    from gateway.edge.control_call import ControlCall
    from gateway.edge.desk import Desk
    from runtime.chance import Chance
    from runtime.settings import Controls as ControlSettings


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
            for line in self.lines.values():
                tasks.create_task(line.run())

    def poke(self, endpoints: frozenset[int]) -> None:
        """There is something to take for these."""
        for endpoint in endpoints:
            line = self.lines.get(endpoint)
            if line is not None:
                line.poke()

    def has_institution(self, institution: int) -> bool:
        """Whether the directory has it."""
        return 0 <= institution < len(self._directory.institutions)

    def line_of(self, institution: int) -> ControlLine | None:
        """The line of the endpoint that an institution is behind; None without an address."""
        return self.lines.get(self._directory.institutions[institution].endpoint)
