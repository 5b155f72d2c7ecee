"""Gate: how many batches an endpoint may have in flight now.

Connected, within its hours, breaker closed: the agreed number; after a failure, until the next reply, and
half open: one; else none. It wakes itself when a cool-down or the hours end. It neither connects nor sends;
the line does.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from gateway.policy import breaker
from gateway.policy.breaker import Breaker, Limits, State
from gateway.policy.hours import NEVER_NS, Hours
from runtime.clock import now_ns

# Looked at again at least this often, whatever became of the system's clock meanwhile.
LOOK_S_MAX: Final = 60.0
LOOK_S_MIN: Final = 0.001


class Gate:
    """One endpoint's gate. `changed(in_flight_max)` is called whenever that number changes; it begins
    with 0."""

    def __init__(
        self,
        in_flight_max: int,
        hours: Hours,
        limits: Limits,
        jitter: Callable[[int], int],
        changed: Callable[[int], None],
    ) -> None:
        self._agreed_max = in_flight_max
        self._hours = hours
        self._limits = limits
        self._jitter = jitter
        self._changed = changed
        self._breaker = Breaker()
        self._is_connected = False
        self._timer: asyncio.TimerHandle | None = None
        self.in_flight_max = 0
        # Set while connecting makes sense.
        self.may_connect = asyncio.Event()

    @property
    def breaker(self) -> Breaker:
        """The endpoint's breaker as it stands."""
        return self._breaker

    def look(self) -> None:
        """See what the time has changed. Called once at the start; from then on the gate calls it itself."""
        at_ns = now_ns()
        self._breaker = breaker.cooled(self._breaker, at_ns)
        is_within = self._hours.is_open(at_ns)
        if is_within and self._breaker.state is not State.OPEN:
            self.may_connect.set()
        else:
            self.may_connect.clear()
        in_flight_max = self._allowed() if is_within and self._is_connected else 0
        if in_flight_max != self.in_flight_max:
            self.in_flight_max = in_flight_max
            self._changed(in_flight_max)
        self._set_timer(at_ns)

    def connected(self, is_connected: bool) -> None:
        """Whether there is a stream to send on."""
        self._is_connected = is_connected
        self.look()

    def succeeded(self) -> None:
        """A reply was taken."""
        before, self._breaker = self._breaker, breaker.succeeded(self._breaker)
        if self._breaker.state is not before.state or before.failures:
            self.look()

    def failed(self) -> None:
        """A connection or a batch failed."""
        before = self._breaker
        self._breaker = breaker.failed(before, now_ns(), self._limits, self._jitter)
        if self._breaker.state is not before.state or not before.failures:
            self.look()

    def close(self) -> None:
        """Look no more; nothing is in flight any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _allowed(self) -> int:
        # A batch that breaks its stream breaks those beside it too. Alone, each shows whether it was the one;
        # together they would use up their attempts together.
        closed_max = min(1, self._agreed_max) if self._breaker.failures else self._agreed_max
        return {State.CLOSED: closed_max, State.HALF_OPEN: 1, State.OPEN: 0}[self._breaker.state]

    def _set_timer(self, at_ns: int) -> None:
        self.close()
        due_ns = self._hours.next_change_ns(at_ns)
        if self._breaker.state is State.OPEN:
            due_ns = min(due_ns, self._breaker.cool_ns)
        if due_ns < NEVER_NS:
            delay_s = min(max((due_ns - at_ns) / 1e9, LOOK_S_MIN), LOOK_S_MAX)
            self._timer = asyncio.get_running_loop().call_later(delay_s, self.look)
