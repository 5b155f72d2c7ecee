"""Clock: the one place where the time of day is read.

`now_ns()` is UTC in nanoseconds since 1970 and never goes back within a process, even when the system's
clock is set back: it then stands still until the system's clock has caught up. Pure code does not import
it; it is given `now_ns`.
"""

import threading
import time
from collections.abc import Callable


class Clock:
    """A source of nanoseconds made monotonic. Safe to call from any thread."""

    def __init__(self, read_ns: Callable[[], int] = time.time_ns) -> None:
        self._read_ns = read_ns
        self._latest_ns = 0
        self._lock = threading.Lock()

    def now_ns(self) -> int:
        """At least what any earlier call returned."""
        with self._lock:
            self._latest_ns = max(self._latest_ns, self._read_ns())
            return self._latest_ns


_PROCESS_CLOCK = Clock()


def now_ns() -> int:
    """UTC nanoseconds since 1970; never less than before in this process."""
    return _PROCESS_CLOCK.now_ns()
