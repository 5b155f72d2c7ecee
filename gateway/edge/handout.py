"""Handout: cuts batches and hands them to the outlet, a few at a time, with rests between the cuts.

A few: what hundreds of lines write in one turn of the loop, everybody else waits for. A rest: every batch
costs a write, a reply and turns of the loop on both sides, however little is in it; while there is much to
send, batches grow meanwhile. An idle gateway cuts at once. It knows no protocol and judges nothing.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from runtime.clock import now_ns

if TYPE_CHECKING:
    from gateway._core import Batch, Engine

# What one batch costs the loop until its reply is settled, measured with small ones.
BATCH_NS: Final = 100_000
# A rest ends after this, however many batches there were.
REST_NS_MAX: Final = 100_000_000
# Handed out in one turn of the loop: a millisecond or two of writes.
TURN_COUNT: Final = 16
TURN_BYTES: Final = 1 << 20


class Outlet(Protocol):
    """Where batches go."""

    def send(self, batch: "Batch") -> None:
        """Take one batch; never waits. It ends by `Pump.on_reply` or `Pump.on_failed`."""

    def room_bytes(self) -> int:
        """How many bytes of messages may be handed over now; 0 or less: none. When there is room again:
        `Pump.poke`."""


@dataclass(frozen=True, slots=True)
class Ration:
    """How much is cut at once, and the rest after it: `rests_per_batch` times BATCH_NS for each batch."""

    cut_bytes: int
    rests_per_batch: int


class Handout:
    """`poke` is called when the next cut may be made; `broke` with an error of our own."""

    def __init__(
        self,
        engine: "Engine",
        ration: Ration,
        poke: Callable[[], None],
        broke: Callable[[BaseException], None],
    ) -> None:
        self._engine = engine
        self._ration = ration
        self._poke = poke
        self._broke = broke
        self._outlet: Outlet | None = None
        self._loop = asyncio.get_running_loop()
        # Cut, and not handed over yet: of one cut at most.
        self._batches: deque[Batch] = deque()
        self._is_full = False
        # Since the last rest.
        self._handed_count = 0
        self._rest_until_ns = 0
        self._timer: asyncio.TimerHandle | None = None

    def start(self, outlet: Outlet) -> None:
        """From now on `tick` cuts, for `outlet`."""
        self._outlet = outlet

    def stop(self) -> None:
        """Hand out nothing any more; what is in hand is asked again at the next start."""
        self._outlet = None
        self._batches.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def tick(self, at_ns: int) -> None:
        """Cut what may be sent now, unless the last cut is still being handed out, or there is a rest."""
        if self._outlet is None or self._batches or self._is_full:
            return
        if at_ns < self._rest_until_ns:
            if self._timer is None:
                self._timer = self._loop.call_later((self._rest_until_ns - at_ns) / 1e9, self._has_rested)
            return
        self._cut(self._outlet)

    def _cut(self, outlet: Outlet) -> None:
        self._is_full = False
        budget_bytes = min(self._ration.cut_bytes, outlet.room_bytes())
        if budget_bytes <= 0:
            return
        self._batches.extend(self._engine.take_batches(now_ns(), budget_bytes))
        self._is_full = sum([len(batch.message) for batch in self._batches]) >= budget_bytes
        if self._batches:
            self._hand_out(outlet)

    def _hand_out(self, outlet: Outlet) -> None:
        size_bytes = count = 0
        while self._batches and count < TURN_COUNT and size_bytes < TURN_BYTES:
            batch = self._batches.popleft()
            outlet.send(batch)
            size_bytes += len(batch.message)
            count += 1
        self._handed_count += count
        if self._batches or self._is_full:
            # What is left of a full cut goes on at once too: its batches get no fuller.
            self._loop.call_soon(self._go_on)
        else:
            rest_ns = self._ration.rests_per_batch * BATCH_NS * self._handed_count
            self._rest_until_ns = now_ns() + min(rest_ns, REST_NS_MAX)
            self._handed_count = 0

    def _go_on(self) -> None:
        outlet = self._outlet
        if outlet is None:
            return
        try:
            if self._batches:
                self._hand_out(outlet)
            else:
                self._cut(outlet)
        except Exception as error:
            self._broke(error)
            raise

    def _has_rested(self) -> None:
        self._timer = None
        self._poke()
