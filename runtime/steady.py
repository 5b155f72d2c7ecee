"""Steady: does a piece of work again and again, also while another service or a database is away.

What fails because of something outside is tried again after a pause that grows; the first failure of a row is
logged. Everything else ends the process: it is a fault of ours.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, Protocol

import grpc

from runtime.errors import CallError

if TYPE_CHECKING:
    from runtime.chance import Chance
    from runtime.settings_follow import Following

MS_NS: Final = 1_000_000
DOUBLINGS_MAX: Final = 20

log = logging.getLogger(__name__)


class Counts(Protocol):
    """Where failures are counted, by kind of work."""

    @property
    def troubles(self) -> Counter[str]:
        """Since the start."""


class Steady:
    """How long it pauses, and where failures are counted."""

    def __init__(self, settings: "Following", chance: "Chance", counts: Counts) -> None:
        self._base_ms = settings.backoff_base_ms
        self._max_ms = settings.backoff_max_ms
        self._chance = chance
        self._counts = counts

    async def keep_doing(self, kind: str, step: Callable[[], Awaitable[float]]) -> None:
        """Until cancelled. A step returns after how many seconds it wants to be done again."""
        failures = 0
        while True:
            try:
                pause_s = await step()
                failures = 0
            except (grpc.RpcError, CallError) as error:
                self._counts.troubles[kind] += 1
                if not failures:
                    log.warning("following was interrupted", extra={"kind": kind, "code": _code(error)})
                pause_s = self.pause_s(failures)
                failures += 1
            await asyncio.sleep(pause_s)

    def pause_s(self, failures: int) -> float:
        """After so many failures before this one."""
        pause_ms = min(self._max_ms, self._base_ms << min(failures, DOUBLINGS_MAX))
        return self._chance.jitter(pause_ms * MS_NS) / 1e9


def _code(error: Exception) -> str:
    """The status; never the text, which may quote what was sent."""
    if isinstance(error, CallError):
        return error.status.name
    return error.code().name if isinstance(error, grpc.aio.AioRpcError) else type(error).__name__
