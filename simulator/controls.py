"""Controls: what one endpoint says to controls, and of holds.

It decides with the scenario and lets the clerk do it; the clock is the endpoint's own, since a test bench
may put it forward. It neither reads nor writes streams.
"""

from dataclasses import dataclass

from chakong.institution.v1 import institution_pb2, test_bench_pb2
from chakong.type.v1 import hold_pb2
from runtime._wire import message as encoded
from simulator._control import Control, read_controls
from simulator.books.clerk import Clerk
from simulator.books.dates import DAY_NS, number_of
from simulator.endpoint import World
from simulator.scenarios import Fault, Gate

CONTROLS_MAX = 1_024
EVENTS_MAX = 1_000
HOLDS_MAX = 1_000
DAYS_MAX = 3_700


class ContractError(ValueError):
    """The call breaks the contract; the message says how."""


@dataclass(frozen=True, slots=True)
class ControlWord:
    """What to say to controls, and when. No response: the call is to fail at once."""

    response: bytes | None
    delay_ms: int = 0


class ControlDesk:
    """One endpoint."""

    def __init__(self, world: World, index: int, clerk: Clerk) -> None:
        self.clerk = clerk
        self._world = world
        self._index = index
        self._ordinal = 0
        self._ahead_ns = 0  # of the machine's clock

    @property
    def can_follow(self) -> bool:
        return self._world.scenario.can_follow(self._index)

    @property
    def event_count(self) -> int:
        return self.clerk.books.event_count

    def now_ns(self) -> int:
        return self._world.now_ns() + self._ahead_ns

    def gate(self) -> Gate:
        return self._world.scenario.gate(self._index, self._world.since_ns())

    def closes_in_s(self) -> float | None:
        return self._world.scenario.closes_in_s(self._index, self._world.since_ns())

    def next_due_ns(self) -> int:
        """When something happens by itself; 0: never."""
        return self.clerk.next_due_ns()

    def due_in_ns(self) -> int | None:
        """How long until something happens by itself; None: never."""
        due_ns = self.next_due_ns()
        return max(0, due_ns - self.now_ns()) if due_ns else None

    def control(self, message: bytes) -> ControlWord:
        """ContractError for what is no batch, too many controls, or several on one hold."""
        controls = _read(message)
        conduct = self._world.scenario.control_conduct(self._index, self._ordinal)
        self._ordinal += 1
        counts = self._world.counts
        counts.controls += len(controls)
        counts.faults += conduct.fault is not Fault.NONE
        if conduct.fault is Fault.REFUSAL:
            return ControlWord(None)
        if not self._world.scenario.is_in_hours(self._index, self.now_ns()):
            return _word(_unavailable(controls, "outside the hours of service"), conduct.delay_ms)
        if conduct.fault is Fault.HALF:
            controls = controls[: len(controls) // 2]
        down_count = 1 if conduct.fault is Fault.UNAVAILABLE else 0
        receipts = self.clerk.book(controls[down_count:], self.now_ns())
        if conduct.fault is Fault.RESET:
            return ControlWord(None)
        receipts += _unavailable(controls[:down_count], "the core system is down")
        return _word(receipts, conduct.delay_ms)

    def events_after(self, cursor: int) -> bytes:
        self.clerk.advance(self.now_ns())
        events = self.clerk.events_after(cursor, EVENTS_MAX)
        return institution_pb2.HoldEvents(events=events).SerializeToString()

    def holds(self, message: bytes) -> bytes:
        """ContractError for a page size beyond the contract."""
        request = institution_pb2.ListHoldsRequest.FromString(message)
        if not 0 <= request.page_size <= HOLDS_MAX:
            raise ContractError(f"page_size: {request.page_size} given, 0 to {HOLDS_MAX} allowed")
        self.clerk.advance(self.now_ns())
        holds = self.clerk.holds(request.institution, request.after_hold_id, request.page_size or HOLDS_MAX)
        return institution_pb2.ListHoldsResponse(holds=holds).SerializeToString()

    # -- of a test bench

    def put_forward(self, request: test_bench_pb2.AdvanceRequest) -> test_bench_pb2.AdvanceResponse:
        if not 1 <= request.days <= DAYS_MAX:
            raise ContractError(f"days: {request.days} given, 1 to {DAYS_MAX} allowed")
        self._ahead_ns += request.days * DAY_NS
        self.clerk.advance(self.now_ns())
        return test_bench_pb2.AdvanceResponse(today=number_of(self.clerk.books.today))

    def credit(self, request: test_bench_pb2.CreditRequest) -> test_bench_pb2.CreditResponse:
        """LookupError for an account that nobody touched, ValueError for one that takes nothing."""
        balance_fen = self.clerk.books.credit(
            request.institution, request.locator, request.amount_fen, self.now_ns()
        )
        return test_bench_pb2.CreditResponse(balance_fen=balance_fen)

    def object(self, request: test_bench_pb2.ObjectRequest) -> test_bench_pb2.ObjectResponse:
        """LookupError for a hold that is not there, ValueError for one that has ended."""
        self.clerk.books.object(request.institution, request.hold_id, request.text, self.now_ns())
        return test_bench_pb2.ObjectResponse()


def _read(message: bytes) -> list[Control]:
    try:
        controls = read_controls(message)
    except ValueError as error:
        raise ContractError(f"controls: {error}") from None
    if len(controls) > CONTROLS_MAX:
        raise ContractError(f"controls: {len(controls)} given, at most {CONTROLS_MAX}")
    if len({control.hold_id for control in controls}) < len(controls):
        raise ContractError("controls: several on one hold")
    return controls


def _unavailable(controls: list[Control], text: str) -> list[bytes]:
    outcome = hold_pb2.CONTROL_OUTCOME_UNAVAILABLE
    return [encoded(1, control.control_id, 2, outcome, 4, text) for control in controls]


def _word(receipts: list[bytes], delay_ms: int) -> ControlWord:
    """A ReceiptBatch of encoded receipts."""
    return ControlWord(b"".join([encoded(1, receipt) for receipt in receipts]), delay_ms)
