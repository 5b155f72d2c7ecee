"""Line: one endpoint as the gateway sees it: its streams, and what is in flight on them.

A batch that was handed over ends exactly once here: by a reply that the Engine took, or by a failure with its
cause. What a message says, only the adapter and the Engine know; when to connect, only keep.py.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from adapters.contract import Adapter, Unreadable
from gateway._core import (
    CAUSE_GARBAGE,
    CAUSE_REFUSED,
    CAUSE_TIMEOUT,
    CAUSE_UNDELIVERED,
    FAULT_GARBAGE,
    FAULT_NONE,
    FAULT_REFUSAL,
    FAULT_UNKNOWN_BATCH,
)
from gateway.edge.gate import Gate
from gateway.edge.line_counts import LineCounts
from gateway.edge.stream import Flight, Stream
from gateway.edge.trouble import Teller, Trouble, clean, failing
from gateway.policy import breaker, hours, rate, retry
from gateway.policy.breaker import State
from gateway.policy.rate import Bucket
from runtime.clock import now_ns

if TYPE_CHECKING:
    from gateway._core import Batch, Settled
    from gateway.directory.model import Endpoint
    from gateway.edge.dial import Dials
    from gateway.edge.pump import Pump
    from runtime.chance import Chance
    from runtime.settings import Line as LineSettings

MILLISECOND_NS: Final = 1_000_000
SECOND_NS: Final = 1_000_000_000
COOL_DOWN_NS_MAX: Final = 300 * SECOND_NS
# A duplicate comes soon after its reply, if it comes; one of an older batch counts as a reply to nothing.
ENDED_KEPT_MAX: Final = 256
# So does one more than this: an endpoint that repeats itself without end would keep the loop from others.
DUPLICATES_MAX: Final = 8
# A stream that ends sooner than this and without a reply was as good as refused; one that was open for longer
# may have been ended by whoever minds an idle line.
STREAM_NS_MIN: Final = 10 * SECOND_NS


@dataclass(frozen=True, slots=True)
class Shared:
    """What all lines have in common."""

    pump: "Pump"
    settings: "LineSettings"
    chance: "Chance"
    dials: "Dials"
    opening: asyncio.Semaphore
    writing: Callable[[int], None]
    replied: Callable[[int, int], None]
    described: Callable[[int, Mapping[int, frozenset[str]]], None]


class Line:
    """One endpoint. Only the event loop's thread may call it."""

    def __init__(
        self, endpoint: "Endpoint", institutions: tuple[int, ...], adapter: Adapter, shared: Shared
    ) -> None:
        settings = shared.settings
        self.endpoint = endpoint
        self.adapter = adapter
        self.shared = shared
        self.counts = LineCounts()
        self.streams: list[Stream] = []
        self.gate = Gate(
            endpoint.in_flight_max,
            hours.parse(endpoint.hours if settings.service_hours else hours.ALWAYS),
            breaker.Limits(
                settings.breaker_failures, settings.breaker_cool_down_ms * MILLISECOND_NS, COOL_DOWN_NS_MAX
            ),
            shared.chance.jitter,
            self._gate_changed,
        )
        self._teller = Teller(endpoint.key)
        self._institutions = institutions
        self._flights: dict[int, Flight] = {}
        # Duplicates seen by batch.
        self._ended: OrderedDict[int, int] = OrderedDict()
        self._bucket = Bucket()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def has_address(self) -> bool:
        """False: it cannot be called, and stays closed."""
        return self.endpoint.key in self.shared.dials

    @property
    def is_troubled(self) -> bool:
        """Its breaker is not closed, or it has failed and never replied."""
        has_failed = self.counts.connects_failed or sum(self.counts.failures)
        return self.gate.breaker.state is not State.CLOSED or bool(has_failed and not self.counts.replies)

    @property
    def in_flight(self) -> int:
        """Batches handed over that have not ended."""
        return len(self._flights)

    @property
    def hello(self) -> bytes:
        """What a stream begins with."""
        return self.adapter.hello(self._institutions)

    def send(self, batch: "Batch") -> None:
        """Take a batch; never waits."""
        self.counts.batches += 1
        if not self.streams:
            self._fail(batch.id, CAUSE_UNDELIVERED, now_ns())
            return
        stream = min(self.streams, key=lambda one: one.flight_count)
        flight = Flight(batch.id, len(batch.message), stream)
        self._flights[batch.id] = flight
        self._ended.pop(batch.id, None)
        stream.post(self.adapter.batch(batch.message), flight)
        if self._timer is None:
            self._watch_replies()

    def new_stream(self) -> Stream:
        """A stream that is not open yet."""
        return Stream(
            self.shared.dials[self.endpoint.key](),
            self.endpoint.key,
            pause_ns=self._pause_ns,
            writing=self.shared.writing,
            received=self._received,
        )

    def up(self, stream: Stream) -> None:
        """A stream is open."""
        self.counts.streams_opened += 1
        if stream.hello != self.hello:
            stream.post(self.hello)  # they changed while it was being opened
        self.streams.append(stream)
        self.gate.connected(True)

    def down(self, stream: Stream, cause: int) -> None:
        """A stream has ended; so has everything in flight on it."""
        self.counts.streams_ended += 1
        self.streams.remove(stream)
        lost = [flight for flight in self._flights.values() if flight.stream is stream]
        at_ns = now_ns()
        if lost or not (stream.has_answered or at_ns - stream.opened_ns >= STREAM_NS_MIN):
            self.failed(failing(cause, stream.status, "" if stream.has_sent else clean(stream.detail)))
        self.gate.connected(bool(self.streams))
        retry_ns = at_ns + self.backoff_ns()
        for flight in lost:
            self._pop(flight.batch_id)
            if flight.sent_ns:
                self._fail(flight.batch_id, cause, retry_ns)
            else:
                self._fail(flight.batch_id, CAUSE_UNDELIVERED, at_ns)

    def failed(self, trouble: Trouble) -> None:
        """A connection or a batch failed."""
        self.gate.failed()
        self._teller.failed(self.gate.breaker.state, trouble)

    def backoff_ns(self) -> int:
        """How long to wait after the failures that there were in a row."""
        settings = self.shared.settings
        return retry.backoff_ns(
            max(1, self.gate.breaker.failures),
            settings.backoff_base_ms * MILLISECOND_NS,
            settings.backoff_max_ms * MILLISECOND_NS,
            self.shared.chance.jitter,
        )

    def set_institutions(self, institutions: tuple[int, ...]) -> None:
        """Who is meant from now on by an entry without institutions. Batches already posted go out before
        it."""
        if institutions == self._institutions:
            return
        self._institutions = institutions
        for stream in self.streams:
            stream.post(self.hello)

    def close(self) -> None:
        """No more timers."""
        self.gate.close()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- replies

    def _received(self, stream: Stream, message: bytes) -> None:
        try:
            for reply in self.adapter.replies(message):
                settled = self.shared.pump.on_reply(self.endpoint.index, reply)
                if settled.fault == FAULT_NONE:
                    stream.has_answered = True
                    self._taken(settled.batch_id)
                else:
                    self._refused(stream, settled)
        except Unreadable:
            self._void(FAULT_GARBAGE)
            stream.end(CAUSE_GARBAGE)

    def _taken(self, batch_id: int) -> None:
        self.counts.replies += 1
        flight = self._pop(batch_id)
        if flight.sent_ns:
            self.shared.replied(self.endpoint.index, now_ns() - flight.sent_ns)
        self.gate.succeeded()
        self._teller.succeeded(self.gate.breaker.state)

    def _refused(self, stream: Stream, settled: "Settled") -> None:
        batch_id = settled.batch_id
        if batch_id in self._flights and settled.fault != FAULT_UNKNOWN_BATCH:
            self._void(settled.fault)
            self._pop(batch_id)
            cause = CAUSE_REFUSED if settled.fault == FAULT_REFUSAL else CAUSE_GARBAGE
            self.failed(failing(cause))
            self._fail(batch_id, cause, now_ns() + self.backoff_ns())
        elif self._ended.get(batch_id, DUPLICATES_MAX) < DUPLICATES_MAX:
            self._ended[batch_id] += 1
            self.counts.duplicates += 1
        else:
            self._void(settled.fault)
            stream.end(CAUSE_GARBAGE)

    def _void(self, fault: int) -> None:
        self.counts.refused += 1
        self._teller.void(fault, now_ns())

    def _pop(self, batch_id: int) -> Flight:
        flight = self._flights.pop(batch_id)
        flight.has_ended = True
        flight.stream.flight_count -= 1
        self._ended[batch_id] = 0
        if len(self._ended) > ENDED_KEPT_MAX:
            self._ended.popitem(last=False)
        return flight

    def _fail(self, batch_id: int, cause: int, retry_ns: int) -> None:
        self.counts.failures[cause] += 1
        self.shared.pump.on_failed(self.endpoint.index, batch_id, cause, retry_ns)

    # -- time

    def _watch_replies(self) -> None:
        """End the streams on which a batch waits for too long, and look again when the next one may."""
        self._timer = None
        timeout_ns = round(self.shared.settings.reply_timeout_s * SECOND_NS)
        at_ns = now_ns()
        oldest_ns = at_ns
        for flight in self._flights.values():
            if not flight.sent_ns:
                continue
            if flight.sent_ns + timeout_ns <= at_ns:
                flight.stream.end(CAUSE_TIMEOUT)
            else:
                oldest_ns = min(oldest_ns, flight.sent_ns)
        if self._flights:
            delay_s = max((oldest_ns + timeout_ns - at_ns) / 1e9, 0.001)
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._watch_replies)

    def _pause_ns(self) -> int:
        """Take a token of the endpoint's rate; how long to wait before asking again when there is none."""
        self._bucket, pause_ns = rate.take(
            self._bucket, now_ns(), self.shared.settings.rate_per_s, self.endpoint.in_flight_max
        )
        return pause_ns

    def _gate_changed(self, in_flight_max: int) -> None:
        self.shared.pump.open_endpoint(self.endpoint.index, in_flight_max)
