"""Unprojected: a gateway's outside without a projector, for tests in which nobody asks for the tables.

The projector is a process: it costs a second to start and to end. Everything else is as it is installed.
"""

import asyncio
from typing import TYPE_CHECKING

from gateway.edge.journal import Journal
from gateway.edge.projection import Projection
from gateway.edge.serve import Outside
from runtime.chance import Chance

if TYPE_CHECKING:
    from runtime.config import Config


class Idle(Projection):
    """It is never started, so its tables stay as they are."""

    async def run(self) -> None:
        await asyncio.Event().wait()


class Unprojected(Outside):
    """The installed outside but for the projector."""

    def projection(self, config: "Config", journal: Journal, chance: Chance) -> Projection:
        return Idle(journal.path, config.projection.url, chance, config.log)
