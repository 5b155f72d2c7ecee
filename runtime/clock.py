"""Clock: the one place where the time of day is read.

`now_ns()` is UTC in nanoseconds since 1970 and never goes back within a process, even when the system's
clock is set back: it then goes at half its pace until the system's clock has caught up. Standing still would
stop every deadline, retry and rate for as long. Pure code does not import it; it is given `now_ns`.
"""

import threading
import time
from collections.abc import Callable


class Clock:
    """A source of nanoseconds made monotonic. Safe to call from any thread.

    `read_ns` is the system's clock, `steady_ns` one that nobody sets.
    """

    def __init__(
        self,
        read_ns: Callable[[], int] = time.time_ns,
        steady_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._read_ns = read_ns
        self._steady_ns = steady_ns
        self._latest_ns = 0
        # When on the steady clock `_latest_ns` was reached.
        self._latest_steady_ns = steady_ns()
        self._lock = threading.Lock()

    def now_ns(self) -> int:
        """At least what any earlier call returned."""
        with self._lock:
            steady_ns = self._steady_ns()
            half_pace_ns = self._latest_ns + (steady_ns - self._latest_steady_ns) // 2
            self._latest_ns = max(self._read_ns(), half_pace_ns)
            self._latest_steady_ns = steady_ns
            return self._latest_ns


_PROCESS_CLOCK = Clock()


def now_ns() -> int:
    """UTC nanoseconds since 1970; never less than before in this process."""
    return _PROCESS_CLOCK.now_ns()
