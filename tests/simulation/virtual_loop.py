"""Virtual loop: asyncio without sockets, threads or waiting; its time jumps to the next timer.

The same calls give the same turns in the same order. Whoever waits for something that nothing will bring gets
StillError instead of waiting for ever.
"""

import asyncio
import math
from collections.abc import Callable
from typing import Any

from runtime.clock import Clock

SECOND_NS = 1_000_000_000


class StillError(Exception):
    """Nothing is due, and nothing ever will be."""


class VirtualTime:
    """The time of the loop, and the time of day: that one can be set forward, days at once."""

    def __init__(self, begun_ns: int) -> None:
        self.loop_ns = 0
        self.ahead_ns = begun_ns

    def now_ns(self) -> int:
        """The time of day."""
        return self.ahead_ns + self.loop_ns

    def steady_ns(self) -> int:
        """The time of the loop, which nobody sets."""
        return self.loop_ns

    def clock(self) -> Clock:
        """The project's clock, over this time."""
        return Clock(self.now_ns, self.steady_ns)


class _NoSelector:
    """Stands where a loop waits for sockets: there are none, so waiting is but the time that goes by."""

    def __init__(self, time: VirtualTime) -> None:
        self._time = time

    def select(self, timeout_s: float | None) -> list[Any]:
        if timeout_s is None:
            raise StillError
        self._time.loop_ns += math.ceil(timeout_s * SECOND_NS)
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    """`after_turn` is called after every turn; what it raises ends the run."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._virtual_time = time
        self._selector = _NoSelector(time)
        self._clock_resolution = 1e-6
        self.after_turn: Callable[[], None] = lambda: None

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._virtual_time.loop_ns / SECOND_NS

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """At once, here: a thread would take its own time."""
        done: asyncio.Future[Any] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done

    def _run_once(self) -> None:
        super()._run_once()  # type: ignore[misc]
        self.after_turn()

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """It never sleeps, so it need not be woken."""
