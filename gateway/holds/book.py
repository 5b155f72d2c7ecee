"""Book: all that the ledger knows, and the step that is open on it.

A step changes copies (holds, claims) and notes what else it changed, so that keep costs nothing, drop puts
everything back, and `kept_*` show what is durable while a step is open. It knows no rule; apply, guard and
follow do.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from chakong.journal.v1 import ledger_pb2
from gateway.directory import Directory
from gateway.holds.due import Timetable
from gateway.holds.face import Limits, Refusal
from gateway.holds.law import Law
from gateway.holds.model import Claim, Control, Hold, Outcome, Sighting, Subject
from gateway.holds.past import Past
from runtime import calendar

if TYPE_CHECKING:
    from gateway.holds.still import Still

# True, or why not.
Able = dict[tuple[int, int, str, str], Refusal | Literal[True]]
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass
class Basis:
    """What a control rests on: why it does not suffice, or its officer, case, and the mandate as it
    leaves."""

    refusal: Refusal | None
    officer: str
    case_number: str
    mandate: bytes


class Draft:
    """An open step: its facts, and how things stood before it (None: they were not there)."""

    def __init__(
        self,
        stamp: int,
        stamp_before: int,
        now_ns_before: int,
        next_id: int,
        next_claim: int,
        outer: "Draft | None" = None,
    ) -> None:
        self.stamp = stamp
        self.stamp_before = stamp_before
        self.now_ns_before = now_ns_before
        self.next_id = next_id
        self.next_claim = next_claim
        self.outer = outer
        self.now_ns = 0
        # In their order: encoded as they stand in the step, or messages that are still being filled.
        self.facts: list[bytes | ledger_pb2.Fact] = []
        self.holds: dict[int, Hold | None] = {}
        self.claims: dict[int, Claim | None] = {}
        self.controls: list[int] = []
        self.ended: list[int] = []
        # How to put everything else back, the last change first; a list: its end is taken off.
        self.undo: list[tuple[Callable[..., object], tuple[object, ...]] | list[Any]] = []
        # Taken from the timetable; an empty step keeps them taken, for nothing was due.
        self.taken: list[tuple[Callable[..., object], tuple[object, ...]]] = []
        self.cursors: dict[int, int] = {}
        # What it gave to the timetable: so many deadlines, and these last days (date, hold, date, hold ...).
        self.deadline_count = 0
        self.last_days: list[int] = []
        # Claims that leave the ledger once the step is kept; with holds, only these.
        self.forgotten: list[tuple[int, tuple[int, ...]]] = []


class Book:
    """Claims, holds, controls and their indexes."""

    def __init__(self, law: Law, directory: Directory, limits: Limits) -> None:
        self.law = law
        self.directory = directory
        self.limits = limits
        self.claims: dict[int, Claim] = {}
        self.holds: dict[int, Hold] = {}
        self.controls: dict[int, Control] = {}
        self.outcomes: dict[int, Outcome] = {}
        # By court and the court's own id.
        self.claim_numbers: dict[tuple[str, str], int] = {}
        self.case_claims: dict[tuple[str, str], int] = {}
        self.orders: dict[tuple[str, str], int] = {}
        self.case_events: dict[tuple[str, str], bytes] = {}
        # By court, ascending; what went to another court since is still there.
        self.court_claims: dict[str, list[str]] = {}
        self.court_holds: dict[str, list[int]] = {}
        self.subject_holds: dict[Subject, list[int]] = {}
        self.institution_holds: dict[int, list[int]] = {}
        # By claim: what was found, by debtor and place; and where number and name did not fit, with the
        # newest inquiry that says so (0: it is not certain whom it was about).
        self.sightings: dict[int, dict[tuple[int, int, int, str], Sighting]] = {}
        self.ambiguous: dict[int, dict[tuple[int, int], int]] = {}
        # What can be held at all, by institution, item, kind and currency: reckoned once under a directory.
        self.able: Able = {}
        # Mandates that were read, by court and content.
        self.bases: dict[tuple[str, bytes], Basis] = {}
        self.cursors: dict[int, int] = {}
        # Controls that wait for an officer.
        self.waiting: set[int] = set()
        # Controls that left, or may have left before a restart, and have no outcome. Of this process: no fact
        # is made of it.
        self.left: set[int] = set()
        self.timetable = Timetable()
        self.past = Past()
        # While a snapshot is written.
        self.still: Still | None = None
        self.draft: Draft | None = None
        # The same where it is certain that one is open.
        self.step = Draft(0, 0, 0, 1, 1)
        self.stamp = 0
        self._stamps = 0
        self.next_id = 1
        self.next_claim = 1
        self.now_ns = 0
        self.day = 0
        self.today = 0
        # Faults of our own over inputs that were refused for it; whoever drives the ledger tells of them.
        self.accidents: list[Exception] = []
        # What the input at hand touched, and what followed from it.
        self.touched: dict[int, None] = {}
        self.followed: list[int] = []
        # Claims of which some hold may reach less far than before though the gap has not shrunk.
        self.rescan: set[int] = set()

    # -- the step

    def open(self, now_ns: int) -> None:
        """Open a step; within an open one, a step that can only be dropped."""
        before = self.draft
        self._stamps += 1
        self.draft = Draft(self._stamps, self.stamp, self.now_ns, self.next_id, self.next_claim, outer=before)
        self.step = self.draft
        self.stamp = self._stamps
        self.set_clock(max(now_ns, self.now_ns))
        self.draft.now_ns = self.now_ns
        self.clear_input()

    def clear_input(self) -> None:
        """Begin an input."""
        self.touched.clear()
        self.followed.clear()
        self.rescan.clear()

    def set_clock(self, now_ns: int) -> None:
        """The moment of the step, and its Beijing day."""
        self.now_ns = now_ns
        day = calendar.day_of(now_ns)
        if day != self.day:
            self.day = day
            self.today = calendar.date_of_day(day)

    def close(self) -> Draft:
        """Close the step and leave everything as it is now."""
        draft = self.open_draft()
        self.draft = draft.outer
        if draft.outer is not None:
            self.step = draft.outer
        return draft

    def drop(self) -> None:
        """Close the step and put everything back."""
        draft = self.open_draft()
        for undo, arguments in reversed(draft.taken):
            undo(*arguments)
        self.drop_empty()

    def drop_empty(self) -> None:
        """The same, but what the timetable gave is not due again."""
        draft = self.close()
        for one in reversed(draft.undo):
            if isinstance(one, list):
                one.pop()
            else:
                undo, arguments = one
                undo(*arguments)
        self.timetable.take_back(draft.deadline_count, draft.last_days)
        self.cursors.update(draft.cursors)
        self._restore_claims(draft)
        self._restore_holds(draft)
        for control_id in draft.ended:
            del self.outcomes[control_id]
        for control_id in draft.controls:
            control = self.controls.pop(control_id)
            if control.order_id:
                del self.orders[control.court, control.order_id]
        self.next_id, self.next_claim = draft.next_id, draft.next_claim
        self.stamp = draft.stamp_before
        self.set_clock(draft.now_ns_before)

    def _restore_claims(self, draft: Draft) -> None:
        for number, claim in draft.claims.items():
            if claim is None:
                del self.claims[number]
            else:
                self.claims[number] = claim

    def _restore_holds(self, draft: Draft) -> None:
        """Holds as they were, and what the sets and lists say of them; new ones stand at the ends of their
        lists."""
        for hold_id in reversed(list(draft.holds)):
            before = draft.holds[hold_id]
            claim = self.claims.get((before or self.holds[hold_id]).origin.claim)
            if before is not None:
                self.holds[hold_id] = before
            else:
                origin = self.holds.pop(hold_id).origin
                self.subject_holds[origin.subject].pop()
                self.institution_holds[origin.property.institution].pop()
                if claim is not None:
                    claim.holds.pop()
            if claim is not None:
                mark(claim.reaching, hold_id, before is not None and before.reach > 0)
                mark(claim.counting, hold_id, before is not None and before.counts)
                mark(claim.flying, hold_id, before is not None and before.is_flying)

    def open_draft(self) -> Draft:
        """The open step."""
        if self.draft is None:
            raise AssertionError("ledger: no step is open")
        return self.draft

    def fact(self) -> ledger_pb2.Fact:
        """A new fact at the end of the step."""
        fact = ledger_pb2.Fact()
        self.step.facts.append(fact)
        return fact

    def note(self, fact: bytes) -> None:
        """The same for one that is encoded, as a field of its step."""
        self.step.facts.append(fact)

    def accident(self, fact_count: int, error: Exception) -> str:
        """What to tell of an input over which we failed by our own fault. It alone is refused, if nothing has
        come of it: there were `fact_count` facts before it. Otherwise, and where the ledger has found itself
        wrong, the error is raised again: nobody can say what is missing, and the next process reads the
        journal."""
        if self.touched or len(self.step.facts) != fact_count or isinstance(error, AssertionError):
            raise error
        self.accidents.append(error)
        return f"the gateway failed over it ({type(error).__name__})"

    # -- changing things within a step

    def edit_hold(self, hold_id: int) -> Hold:
        """This step's copy of a hold."""
        hold = self.holds[hold_id]
        if hold.stamp != self.stamp:
            self.step.holds[hold_id] = hold
            if self.still is not None:
                self.still.hold(hold)
            hold = hold.fork(self.stamp)
            self.holds[hold_id] = hold
        return hold

    def edit_claim(self, number: int) -> Claim:
        """This step's copy of a claim; it is looked at when the input is done."""
        claim = self.claims[number]
        if claim.stamp != self.stamp:
            self.step.claims[number] = claim
            if self.still is not None:
                self.still.claim(claim)
            claim = claim.fork(self.stamp)
            self.claims[number] = claim
        self.touched[number] = None
        return claim

    def new_hold(self, hold: Hold) -> None:
        """Add a hold."""
        hold_id = hold.origin.hold_id
        self.step.holds[hold_id] = None
        self.holds[hold_id] = hold

    def new_claim(self, claim: Claim) -> None:
        """Add a claim."""
        self.step.claims[claim.number] = None
        self.claims[claim.number] = claim
        self.touched[claim.number] = None

    def new_control(self, control: Control) -> None:
        """Add a control."""
        self.step.controls.append(control.control_id)
        self.controls[control.control_id] = control

    def end_control(self, control_id: int, outcome: Outcome) -> None:
        """Note how a control ended."""
        self.step.ended.append(control_id)
        self.outcomes[control_id] = outcome

    def put(self, index: dict[K, V], key: K, value: V) -> None:
        """Set an entry of an index."""
        undo = self.open_draft().undo
        if key in index:
            undo.append((index.__setitem__, (key, index[key])))
        else:
            undo.append((index.pop, (key,)))
        index[key] = value

    def remove(self, index: dict[K, V], key: K) -> None:
        """Take an entry out of an index."""
        self.open_draft().undo.append((index.__setitem__, (key, index.pop(key))))

    def insert(self, values: list[V], place: int, value: V) -> None:
        """Put into a list."""
        self.open_draft().undo.append((values.pop, (place,)))
        values.insert(place, value)

    def append(self, values: list[V], value: V) -> None:
        """Put at the end of a list."""
        self.step.undo.append(values)
        values.append(value)

    def include(self, values: set[V], value: V, *, included: bool) -> None:
        """Make sure that a value is in a set, or that it is not."""
        if included:
            if value not in values:
                self.open_draft().undo.append((values.discard, (value,)))
                values.add(value)
        elif value in values:
            self.open_draft().undo.append((values.add, (value,)))
            values.discard(value)

    def deadline(self, due_ns: int, hold_id: int) -> None:
        """A FREEZE is overdue from then on."""
        self.timetable.deadline(due_ns, hold_id)
        self.step.deadline_count += 1

    def last_day(self, until: int, hold_id: int) -> None:
        """A hold ends with this date."""
        self.timetable.last_day(until, hold_id)
        self.step.last_days += (until, hold_id)

    def set_cursor(self, endpoint: int, seq: int) -> None:
        """An endpoint's events are heard up to this one."""
        self.open_draft().cursors.setdefault(endpoint, self.cursors.get(endpoint, 0))
        self.cursors[endpoint] = seq

    # -- what is kept, whatever an open step does

    def kept_hold(self, hold_id: int) -> Hold | None:
        """A hold as it is kept."""
        if self.draft is not None and hold_id in self.draft.holds:
            return self.draft.holds[hold_id]
        return self.holds.get(hold_id)

    def kept_claim(self, number: int) -> Claim | None:
        """A claim as it is kept."""
        if self.draft is not None and number in self.draft.claims:
            return self.draft.claims[number]
        return self.claims.get(number)

    def kept_outcome(self, control_id: int) -> Outcome | None:
        """How a control ended, as it is kept."""
        outcome = self.outcomes.get(control_id)
        if outcome is not None and self.draft is not None and outcome.stamp == self.draft.stamp:
            return None
        return outcome

    def kept_cursor(self, endpoint: int) -> int:
        """The last event of an endpoint, as it is kept."""
        if self.draft is not None and endpoint in self.draft.cursors:
            return self.draft.cursors[endpoint]
        return self.cursors.get(endpoint, 0)


def mark(values: set[int], value: int, included: bool) -> None:
    """Make sure that a value is in a set, or that it is not."""
    if included:
        values.add(value)
    else:
        values.discard(value)
