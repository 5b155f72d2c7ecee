"""Clerk: who stands between an endpoint's books and the gateway, and may misbehave.

With no misbehaviour it says what the books say. Sans-I/O, as the books are: what is done late is done in
`advance`. What it remembers of troubles under way is bounded; beyond that it behaves.
"""

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import NamedTuple

from chakong.institution.v1 import institution_pb2
from chakong.institution.v1.institution_pb2 import ControlReceipt, HoldEvent
from chakong.type.v1 import hold_pb2
from chakong.type.v1.hold_pb2 import ControlKind, HoldStatement
from runtime._wire import message
from simulator._control import Control, read_control
from simulator.books.books import Books
from simulator.books.misbehaviour import Misbehaviour, Misdeed

# Controls under way: late ones, FREEZEs that will come again, replies lost.
UNDER_WAY_MAX = 100_000
OBJECTION = "the account holds money of others"


class Later(NamedTuple):
    """What will be done at its time."""

    due_ns: int
    ordinal: int
    misdeed: Misdeed
    control: Control


class Clerk:
    """One endpoint's."""

    def __init__(self, books: Books, misbehaviour: Misbehaviour | None = None) -> None:
        self.books = books
        self._misbehaviour = misbehaviour or Misbehaviour()
        self._behaves = not any(self._misbehaviour.rates.values())
        self._later: list[Later] = []
        self._late_ids: set[int] = set()
        self._echoes: dict[int, tuple[Misdeed, Control]] = {}  # by hold, FREEZEs that wait for its RELEASE
        self._tries: dict[int, int] = {}  # by control, of those whose reply was lost
        self._ordinal = 0

    def control(self, controls: Iterable[institution_pb2.Control], now_ns: int) -> list[ControlReceipt]:
        """For whoever has messages."""
        booked = self.book([read_control(control.SerializeToString()) for control in controls], now_ns)
        return [ControlReceipt.FromString(receipt) for receipt in booked]

    def book(self, controls: Iterable[Control], now_ns: int) -> list[bytes]:
        """An encoded receipt for each, in order; less or more when it misbehaves."""
        self.advance(now_ns)
        if self._behaves:
            book = self.books.book
            return [book(control, now_ns) for control in controls]
        return [receipt for control in controls for receipt in self._one(control, now_ns)]

    def events_after(self, cursor: int, count_max: int) -> list[HoldEvent]:
        events = self.books.events_after(cursor, count_max)
        if self._behaves:
            return events
        strikes = self._misbehaviour.strikes
        said: list[HoldEvent] = []
        for event in events:
            if not strikes(Misdeed.EVENTS_WITHHELD, event.seq):
                said += [event] * (2 if strikes(Misdeed.EVENTS_TWICE, event.seq) else 1)
        return said

    def holds(self, institution: int, after_hold_id: int, count_max: int) -> list[HoldStatement]:
        return self.books.holds(institution, after_hold_id, count_max)

    def advance(self, now_ns: int) -> None:
        """Do what is due by then, each at its own time."""
        for _ in range(len(self._later)):
            if self._later[0].due_ns > now_ns:
                break
            later = heappop(self._later)
            if later.misdeed is Misdeed.FORGETS:
                self.books.apply_again(later.control, later.due_ns)
            else:
                self.books.book(later.control, later.due_ns)
                self._late_ids.discard(later.control.control_id)
        self.books.advance(now_ns)

    def next_due_ns(self) -> int:
        """When `advance` has something to do; 0: never."""
        due_ns = self.books.next_due_ns()
        if not self._later:
            return due_ns
        return min(due_ns, self._later[0].due_ns) if due_ns else self._later[0].due_ns

    def _one(self, control: Control, now_ns: int) -> list[bytes]:
        control_id = control.control_id
        is_new = self.books.receipt(control_id) is None
        if is_new and self._comes_late(control, now_ns):
            return [message(1, control_id, 2, hold_pb2.CONTROL_OUTCOME_UNAVAILABLE)]
        receipt = ControlReceipt.FromString(self._book(control, now_ns))
        if is_new and receipt.outcome == hold_pb2.CONTROL_OUTCOME_DONE:
            self._follow_up(control, now_ns)
        self._report(receipt)
        if self._loses_reply(control_id):
            return []
        return [receipt.SerializeToString()] * (
            2 if self._misbehaviour.strikes(Misdeed.REPLY_TWICE, control_id) else 1
        )

    def _comes_late(self, control: Control, now_ns: int) -> bool:
        control_id = control.control_id
        if control_id in self._late_ids:
            return True
        if not self._misbehaviour.strikes(Misdeed.LATE, control_id) or len(self._late_ids) >= UNDER_WAY_MAX:
            return False
        self._late_ids.add(control_id)
        self._schedule(Misdeed.LATE, control, now_ns)
        return True

    def _book(self, control: Control, now_ns: int) -> bytes:
        strikes = self._misbehaviour.strikes
        kind, control_id = control.kind, control.control_id
        if kind == ControlKind.CONTROL_KIND_RENEW and strikes(Misdeed.RENEWAL_REFUSED, control_id):
            text = "renewals are made at the counter"
            return self.books.refuse(control, hold_pb2.CONTROL_REFUSAL_OTHER, text, now_ns)
        is_frozen_more = kind == ControlKind.CONTROL_KIND_FREEZE and not control.whole
        if is_frozen_more and strikes(Misdeed.CONTROLS_MORE, control_id):
            return self.books.book(control, now_ns, control.with_ceiling(control.ceiling_fen * 2 + 1))
        return self.books.book(control, now_ns)

    def _follow_up(self, control: Control, now_ns: int) -> None:
        """What a FREEZE or RELEASE that was just done brings with it."""
        if control.kind == ControlKind.CONTROL_KIND_FREEZE:
            if self._misbehaviour.strikes(Misdeed.OBJECTION, control.control_id):
                self.books.object(control.institution, control.hold_id, OBJECTION, now_ns)
            for misdeed in (Misdeed.ECHO, Misdeed.FORGETS):
                is_struck = self._misbehaviour.strikes(misdeed, control.control_id)
                if is_struck and len(self._echoes) < UNDER_WAY_MAX:
                    self._echoes[control.hold_id] = (misdeed, control)
        elif control.kind == ControlKind.CONTROL_KIND_RELEASE and control.hold_id in self._echoes:
            misdeed, echo = self._echoes.pop(control.hold_id)
            self._schedule(misdeed, echo, now_ns)

    def _schedule(self, misdeed: Misdeed, control: Control, now_ns: int) -> None:
        self._ordinal += 1
        due_ns = now_ns + self._misbehaviour.delay_ns(misdeed, control.control_id)
        heappush(self._later, Later(due_ns, self._ordinal, misdeed, control))

    def _report(self, receipt: ControlReceipt) -> None:
        """As it is told."""
        if receipt.HasField("hold") and self._misbehaviour.strikes(
            Misdeed.REPORTS_OTHERWISE, receipt.control_id
        ):
            receipt.hold.controlled_fen = receipt.hold.controlled_fen * 2 + 1

    def _loses_reply(self, control_id: int) -> bool:
        """Anew at each try, so that one comes through in the end."""
        tries = self._tries.pop(control_id, 0)
        is_lost = self._misbehaviour.strikes(Misdeed.LOST_REPLY, control_id, tries)
        if is_lost and len(self._tries) < UNDER_WAY_MAX:
            self._tries[control_id] = tries + 1
        return is_lost
