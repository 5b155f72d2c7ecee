"""Line: what waits for one endpoint, what is in flight there, and what failed and goes again.

It cuts batches, and failed ones in two. It ends no query: who gives up on what is the engine's business.
"""

from dataclasses import dataclass, field, replace

from chakong.institution.v1 import institution_pb2 as institution
from tests.model import face
from tests.model.state import Ask, Entry
from tests.model.wire import Limits

# A line whose batches fail one after the other is down, and cutting them smaller only makes more of them.
FAILURES_IN_A_ROW_MAX = 8


@dataclass(slots=True, eq=False)
class Flight:
    """A batch from its cut to its end."""

    batch: face.Batch
    entries: list[Entry]
    ready_ns: int = 0
    failure_count: int = 0

    def is_wanted(self) -> bool:
        return any(entry.is_wanted() for entry in self.entries)

    def due_ns(self) -> int:
        return min(entry.due_ns for entry in self.entries)

    def asks(self) -> list[Ask]:
        return [ask for entry in self.entries for ask in entry.asks.values()]


@dataclass(slots=True, eq=False)
class Line:
    endpoint: int
    limits: Limits
    in_flight_max: int = 0
    waiting: list[Entry] = field(default_factory=list)
    again: list[Flight] = field(default_factory=list)
    in_flight: dict[int, Flight] = field(default_factory=dict)
    batch_count: int = 0
    failures_in_a_row: int = 0

    def put(self, entry: Entry) -> None:
        """Let it wait, after those that are due as early."""
        self.waiting.append(entry)
        for ask in entry.asks.values():
            ask.entry = entry
        self.sort()

    def sort(self) -> None:
        self.waiting.sort(key=lambda entry: entry.due_ns)

    def remove(self, ask: Ask) -> None:
        """Take a waiting question out."""
        if ask.entry is not None:
            del ask.entry.asks[ask.question.institution]
            if not ask.entry.asks:
                self.waiting.remove(ask.entry)
            ask.entry = None

    def oldest_due_ns(self, now_ns: int) -> int | None:
        """When the oldest was due of what could be sent now; None: nothing can."""
        if len(self.in_flight) >= self.in_flight_max:
            return None
        dues = [flight.due_ns() for flight in self.again if flight.ready_ns <= now_ns]
        dues += [entry.due_ns for entry in self.waiting if entry.ready_ns <= now_ns]
        return min(dues, default=None)

    def take(self, now_ns: int) -> Flight:
        """Put the next batch in flight: one that failed before, else a new cut."""
        flight = next((flight for flight in self.again if flight.ready_ns <= now_ns), None)
        if flight is None:
            flight = self._cut(now_ns)
        else:
            self.again.remove(flight)
        self.in_flight[flight.batch.id] = flight
        return flight

    def is_within_reach(self, ask: Ask) -> bool:
        """Open, and the question does not wait for another try after a failure or being left out."""
        waits_again = ask.entry is not None and ask.entry.is_again
        for flight in self.again:
            for entry in flight.entries:
                waits_again |= ask in entry.asks.values() and (flight.failure_count > 0 or entry.is_again)
        return self.in_flight_max > 0 and not waits_again

    def settle(self, flight: Flight) -> None:
        """It was answered."""
        del self.in_flight[flight.batch.id]
        self.failures_in_a_row = 0

    def fail(self, flight: Flight, cause: int, retry_ns: int, attempts_max: int) -> bool:
        """It goes again, whole or in two; False: it is given up."""
        del self.in_flight[flight.batch.id]
        flight.ready_ns = retry_ns
        flight.batch = replace(flight.batch, reason=face.CUT_AGAIN)
        if cause != face.CAUSE_UNDELIVERED:
            flight.failure_count += 1
            self.failures_in_a_row += 1
            if not flight.is_wanted():
                return False
            if self._is_halved(flight, cause):
                self._halve(flight, retry_ns)
                return True
            if flight.failure_count >= attempts_max:
                return False
        self.again.append(flight)
        return True

    def _is_halved(self, flight: Flight, cause: int) -> bool:
        return (
            flight.failure_count >= 2
            and len(flight.entries) > 1
            and cause != face.CAUSE_TIMEOUT
            and self.failures_in_a_row < FAILURES_IN_A_ROW_MAX
        )

    def _halve(self, flight: Flight, retry_ns: int) -> None:
        middle = len(flight.entries) // 2
        for half in (flight.entries[:middle], flight.entries[middle:]):
            part = Flight(self._batch(half, face.CUT_HALF), half, retry_ns, failure_count=1)
            self.again.append(part)

    def _cut(self, now_ns: int) -> Flight:
        chosen: list[Entry] = []
        reason = face.CUT_DRAINED
        size_bytes = institution.Batch(id=self.batch_count + 1).ByteSize()
        for entry in self.waiting:
            if entry.ready_ns > now_ns:
                continue
            size_bytes += institution.Batch(entries=[entry.message()]).ByteSize()
            if chosen and size_bytes > self.limits.bytes:
                reason = face.CUT_BYTES
                break
            if len(chosen) == self.limits.entries:
                reason = face.CUT_ENTRIES
                break
            chosen.append(entry)
        self.waiting = [entry for entry in self.waiting if entry not in chosen]
        for entry in chosen:
            for ask in entry.asks.values():
                ask.entry = None
        if all(entry.is_again for entry in chosen):
            reason = face.CUT_REST
        return Flight(self._batch(chosen, reason), chosen)

    def _batch(self, entries: list[Entry], reason: int) -> face.Batch:
        self.batch_count += 1
        message = institution.Batch(id=self.batch_count, entries=[entry.message() for entry in entries])
        return face.Batch(
            endpoint=self.endpoint,
            id=self.batch_count,
            message=message.SerializeToString(),
            entry_count=len(entries),
            query_count=sum(len(entry.asks) for entry in entries),
            reason=reason,
        )
