"""Recording: puts events into a round's draft, and what follows from them for their cases.

The cases of a round's events are read together. Each event is judged on top of all that are there and those
before it in the round; a case is judged anew once, when its last event is in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, TypeVar

from sqlalchemy import select

from chakong.tracker.v1 import case_pb2
from runtime.errors import CallError, ForbiddenError, RuleError
from tracker.errors import ReusedError, UnknownCaseError
from tracker.model import Rule
from tracker.store.draft import Mould, Place, mould_of
from tracker.store.judge import FOLLOWER, Told
from tracker.store.round import Round
from tracker.store.standing import Packed, unpack
from tracker.store.tables import CASES, EVENTS
from tracker.store.work import Outcome, Record

# Of one statement; SQLite takes 32,766 parameters.
CASES_AT_ONCE: Final = 4_096
# Of one case: each new event is judged on top of all of them. A case of ten debtors has some hundred.
EVENTS_MAX: Final = 10_000

T = TypeVar("T")


@dataclass(slots=True)
class Opened:
    """A case that events are recorded in."""

    case_no: int
    case: case_pb2.Case
    before: tuple[Place, Mould]
    place: Place
    events: list[Told] = field(default_factory=list)
    by_id: dict[str, Told] = field(default_factory=dict)
    # Of the courts that had the case when an event was recorded.
    court_ids: set[int] = field(default_factory=set)
    # When the last of its events was recorded.
    latest_ns: int = 0
    is_changed: bool = False
    # Ids of events of this round that were judged together, and are taken.
    vouched: set[str] = field(default_factory=set)

    def add(self, told: Told, court_id: int) -> None:
        """One more event."""
        self.events.append(told)
        self.by_id[told.event.event_id] = told
        self.court_ids.add(court_id)
        self.latest_ns = max(self.latest_ns, told.recorded_ns)

    def next_ns(self, event: case_pb2.Event, now_ns: int) -> int:
        """When an event is recorded that comes now: never before those that are there, also when the clock
        was set back; and of corrections each later than what it corrects."""
        return max(now_ns, self.latest_ns + event.HasField("correction"))

    def may_move(self, event: case_pb2.Event) -> bool:
        """Whether another court may have the case with this event."""
        is_correction = event.HasField("correction")
        return bool(event.detail.court) or (
            is_correction and any(told.event.detail.court for told in self.events)
        )


class Recording:
    """Of one round."""

    def __init__(self, one: Round) -> None:
        self._round = one
        self._by_number: dict[str, list[Opened]] = {}

    def record(self, works: Sequence[Record]) -> list[Outcome]:
        """An outcome for each."""
        self._open(sorted({work.event.case_number for work in works}))
        outcomes = []
        for _, told in groupby(works, lambda work: (work.event.case_number, work.court, work.source)):
            together = list(told)
            if len(together) > 1:
                self._vouch(together)
            outcomes += [self._one(work) for work in together]
        for cases in self._by_number.values():
            for opened in cases:
                if opened.is_changed:
                    self._settle(opened)
        return outcomes

    def _vouch(self, works: Sequence[Record]) -> None:
        """Judge new events of one case together: mostly there is nothing wrong with any of them."""
        opened = self._found(works[0])
        if isinstance(opened, CallError) or any(work.event.detail.court for work in works):
            return
        new: dict[str, Told] = {}
        for work in works:
            event = _plain(work)
            if event.event_id in opened.by_id or event.event_id in new:
                return
            new[event.event_id] = Told(event, self._round.now_ns, work.source)
        one = self._round
        if one.judge.takes_all(opened.case, opened.events, list(new.values()), one.now_ns):
            opened.vouched |= new.keys()

    def _one(self, work: Record) -> Outcome:
        one = self._round
        opened = self._found(work)
        if isinstance(opened, CallError):
            return Outcome(error=opened)
        event = _plain(work)
        if (there := opened.by_id.get(event.event_id)) is not None:
            if there.event == event:
                return Outcome(opened.case_no, is_repeated=True)
            return Outcome(error=ReusedError("event_id: was recorded before with another content"))
        told = Told(event, opened.next_ns(event, one.now_ns), work.source)
        is_judged = event.event_id in opened.vouched
        error = None if is_judged else one.judge.refusal(opened.case, opened.events, told, one.now_ns)
        error = error or self._no_room(opened, work, told)
        if error is not None:
            return Outcome(error=error)
        court_id = opened.place.court_id
        (seq,) = one.next_seqs(1)
        one.draft.events.append(
            (
                *(seq, opened.case_no, court_id, event.event_id, event.kind, event.effective),
                *(told.recorded_ns, work.source, event.SerializeToString()),
            )
        )
        one.courts.add(court_id)
        opened.add(told, court_id)
        opened.is_changed = True
        if opened.may_move(event):
            # What comes after it in this round is the other court's.
            self._settle(opened)
            one.draft.flush(one.connection)
        return Outcome(opened.case_no)

    def _no_room(self, opened: Opened, work: Record, told: Told) -> CallError | None:
        """Why there is no room for an event: in the case, or at the court that the case goes to with it."""
        if len(opened.events) >= EVENTS_MAX:
            text = f"event_id: the case has {len(opened.events)} events, at most {EVENTS_MAX} are kept"
            return RuleError(text, rule=Rule.TOO_MANY_EVENTS.upper())
        event, one = told.event, self._round
        others = [other for other in self._by_number[work.event.case_number] if other is not opened]
        if not others or not opened.may_move(event):
            return None
        court = one.judge.stand(opened.case, [*opened.events, told], one.now_ns).court
        court_id = one.names.find_court(one.connection, court)
        if all(other.place.court_id != court_id for other in others):
            return None
        text = "detail.court: that court has another case of this number"
        return RuleError(text, rule=Rule.NUMBER_TAKEN.upper())

    def _found(self, work: Record) -> Opened | CallError:
        """The case, if the court has it. The gateway's events may be of a court that had it before."""
        cases = self._by_number.get(work.event.case_number)
        if not cases:
            return UnknownCaseError("case_number: there is no such case")
        court_id = self._round.names.find_court(self._round.connection, work.court)
        for opened in cases:
            if opened.place.court_id == court_id:
                return opened
        if work.source == FOLLOWER:
            for opened in cases:
                if court_id in opened.court_ids:
                    return opened
        return ForbiddenError("case_number: another court has the case")

    def _settle(self, opened: Opened) -> None:
        """Judge the case with what it has now."""
        one = self._round
        judged = one.judge.stand(opened.case, opened.events, one.now_ns)
        mould = one.moulds.made(one.connection, judged)
        court_id = one.names.court(one.connection, judged.court)
        handler = opened.case.handler if judged.handler is None else judged.handler
        handler_id = one.names.handler(one.connection, court_id, handler)
        opened.place = opened.place._replace(court_id=court_id, handler_id=handler_id)
        after = (opened.place, mould)
        one.draft.change_case(opened.case_no, opened.before, after)
        opened.before = after
        opened.is_changed = False

    def _open(self, numbers: Sequence[str]) -> None:
        by_no: dict[int, Opened] = {}
        connection = self._round.connection
        for some in _pieces(numbers, CASES_AT_ONCE):
            for row in connection.execute(select(CASES).where(CASES.c.case_number.in_(some))):
                opened = self._opened(row)
                by_no[row.case_no] = opened
                self._by_number.setdefault(row.case_number, []).append(opened)
        columns = (EVENTS.c.case_no, EVENTS.c.court_id, EVENTS.c.recorded_ns, EVENTS.c.source, EVENTS.c.body)
        for some_nos in _pieces(sorted(by_no), CASES_AT_ONCE):
            statement = select(*columns).where(EVENTS.c.case_no.in_(some_nos)).order_by(EVENTS.c.seq)
            for case_no, court_id, recorded_ns, source, body in connection.execute(statement):
                told = Told(case_pb2.Event.FromString(body), recorded_ns, source)
                by_no[case_no].add(told, court_id)

    def _opened(self, row: Any) -> Opened:
        case = case_pb2.Case.FromString(row.registration)
        place = Place(row.court_id, row.handler_id, row.level)
        kept = unpack(Packed(bytes(row.standing), row.things))
        mould = mould_of(row.status, row.status_day, kept)
        return Opened(row.case_no, case, (place, mould), place)


def _plain(work: Record) -> case_pb2.Event:
    """The event as it is kept."""
    event = case_pb2.Event()
    event.CopyFrom(work.event)
    event.ClearField("case_number")
    return event


def _pieces(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
