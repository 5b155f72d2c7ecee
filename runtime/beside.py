"""Beside: what a service must be to share a process, and its port, with others.

It starts nothing by itself: who composes the process binds the port, runs what the service runs, and drains
it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from runtime.metrics import Figure
from runtime.server import Methods

if TYPE_CHECKING:
    from runtime.config import Config

# Tells what health says of a service from now on.
TellHealth = Callable[[str, bool], Awaitable[None]]


class Beside(Protocol):
    """A service of a process."""

    @property
    def methods(self) -> Methods:
        """What it answers."""

    def figures(self) -> Iterable[Figure]:
        """What Prometheus is told, from any thread."""

    async def run(self, tell_health: TellHealth) -> None:
        """Do its work until cancelled. It does not raise because something outside is down."""

    async def looked(self) -> None:
        """Return when what it needs was looked for, whether it was there or not."""

    async def drain(self) -> None:
        """Return when what was taken is durable; the event it was made with is set by then. Watchers come to
        their end, also when that takes too long and is cancelled."""

    def close(self) -> None:
        """Let go of what is open, when nothing of it runs any more."""


# Of a configuration, and the event that is set when nothing new is to be taken. StartError.
MakeBeside = Callable[["Config", asyncio.Event], Beside]
