"""Known: what the follower reads of the tracker's own cases.

Each call is one transaction and blocks; it is made in a thread. UnavailableError when the database cannot be
read.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnClause, Connection, Engine, and_, literal_column, or_, select

from chakong.tracker.v1 import case_pb2
from tracker.follow.answers import Known
from tracker.follow.asked import Asked
from tracker.follow.holds import Taken, held_thing, hold_of
from tracker.follow.names import subject_key
from tracker.follow.orders import Owned
from tracker.model import Status
from tracker.rules.words import CLOSING, CORRECTED, NOTHING_THERE, ONLINE_INQUIRY
from tracker.store.reader import reading
from tracker.store.tables import CASES, COURTS, EVENTS

# Of one statement; SQLite takes 32,766 parameters.
NUMBERS_AT_ONCE: Final = 4_096
FOUND_KINDS: Final = ("property_found", "property_found_after_suspension")
MEASURE: Final = "measure_effective"
FOUND: Final = "FOUND"
# Not as a parameter: the index of these cases alone is found by the number itself.
_ENDED_FOR_NOW: Final[ColumnClause[Any]] = literal_column(str(int(Status.ENDED_FOR_NOW)))
PROPERTY_KINDS: Final = (*FOUND_KINDS, MEASURE, "measure_ended")


class Place(NamedTuple):
    """Where a pass over the cases that are ended for now has come to."""

    status_day: int = 0
    case_no: int = 0


class Ended(NamedTuple):
    """A case that is ended for now."""

    place: Place
    owned: Owned


class Numbered(NamedTuple):
    """A case with its number in the tables. `is_open`: neither closed nor ended for now."""

    case_no: int
    owned: Owned
    is_open: bool


class Cases:
    """Reads one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def courts_after(self, court_id: int, limit: int) -> list[tuple[int, str]]:
        """Courts that have or had a case, with their numbers, which rise."""
        statement = (
            select(COURTS).where(COURTS.c.court_id > court_id).order_by(COURTS.c.court_id).limit(limit)
        )
        with reading(self._engine) as connection:
            return [(row.court_id, row.code) for row in connection.execute(statement)]

    def known(self, court: str, numbers: Collection[str]) -> dict[str, Known]:
        """What is known of the cases with these numbers; without those that are not registered."""
        found: dict[str, Known] = {}
        with reading(self._engine) as connection:
            by_no: dict[int, Known] = {}
            for number, row in chosen(connection, court, numbers).items():
                subjects = case_pb2.Case.FromString(row.registration).subjects
                keys = tuple(subject_key(one) for one in subjects)
                ended_on = row.status_day if row.status == Status.ENDED_FOR_NOW else 0
                found[number] = by_no[row.case_no] = Known(len(keys), ended_on, subjects=keys)
            kinds = (*PROPERTY_KINDS, ONLINE_INQUIRY, CORRECTED)
            for case_no, event in _as_corrected(_events(connection, by_no, kinds)):
                _learn(by_no[case_no], event)
        return found

    def taken(self, court: str, numbers: Collection[str]) -> Taken:
        """Which things are names of which holds, in these cases."""
        taken: Taken = {}
        with reading(self._engine) as connection:
            names = {row.case_no: number for number, row in chosen(connection, court, numbers).items()}
            for case_no, event in _events(connection, names, (MEASURE,)):
                if hold_id := hold_of(event.event_id):
                    taken[names[case_no], event.thing] = hold_id
        return taken

    def registered_after(self, case_no: int, limit: int) -> list[Numbered]:
        """Cases in the order of their registration."""
        columns = (CASES.c.case_no, COURTS.c.code, CASES.c.registration, CASES.c.status)
        statement = select(*columns).join(COURTS, COURTS.c.court_id == CASES.c.court_id)
        statement = statement.where(CASES.c.case_no > case_no).order_by(CASES.c.case_no).limit(limit)
        with reading(self._engine) as connection:
            return [
                Numbered(row.case_no, _owned(row.code, row.registration), row.status == Status.OPEN)
                for row in connection.execute(statement)
            ]

    def ended_after(self, place: Place, limit: int) -> list[Ended]:
        """Cases that are ended for now, by the day since when."""
        columns = (CASES.c.status_day, CASES.c.case_no, COURTS.c.code, CASES.c.registration)
        statement = select(*columns).join(COURTS, COURTS.c.court_id == CASES.c.court_id)
        later = or_(
            CASES.c.status_day > place.status_day,
            and_(CASES.c.status_day == place.status_day, CASES.c.case_no > place.case_no),
        )
        statement = statement.where(
            CASES.c.status == _ENDED_FOR_NOW, CASES.c.status_day >= place.status_day, later
        )
        statement = statement.order_by(CASES.c.status_day, CASES.c.case_no).limit(limit)
        with reading(self._engine) as connection:
            return [
                Ended(Place(row.status_day, row.case_no), _owned(row.code, row.registration))
                for row in connection.execute(statement)
            ]

    def ended_since(self, seq: int, limit: int) -> list[tuple[int, Ended]]:
        """Cases that are ended for now, and of which an ending, or something corrected, was recorded later
        than `seq`; each with that event's own, which rise."""
        columns = (EVENTS.c.seq, CASES.c.status_day, CASES.c.case_no, COURTS.c.code, CASES.c.registration)
        statement = select(*columns).join(CASES, CASES.c.case_no == EVENTS.c.case_no)
        statement = statement.join(COURTS, COURTS.c.court_id == CASES.c.court_id)
        statement = statement.where(
            EVENTS.c.seq > seq, EVENTS.c.kind.in_((CLOSING, CORRECTED)), CASES.c.status == _ENDED_FOR_NOW
        )
        with reading(self._engine) as connection:
            return [
                (row.seq, Ended(Place(row.status_day, row.case_no), _owned(row.code, row.registration)))
                for row in connection.execute(statement.order_by(EVENTS.c.seq).limit(limit))
            ]


def _owned(court: str, registration: bytes) -> Owned:
    return Owned(court, case_pb2.Case.FromString(registration))


def chosen(connection: Connection, court: str, numbers: Collection[str]) -> dict[str, Any]:
    """The rows with these numbers: the court's own, or one that went from it to another court. A case that
    only has the same number is another court's."""
    rows: dict[str, list[Any]] = {}
    wanted = sorted(numbers)
    columns = (
        CASES.c.case_no,
        CASES.c.case_number,
        CASES.c.status,
        CASES.c.status_day,
        CASES.c.registration,
        COURTS.c.code,
    )
    for start in range(0, len(wanted), NUMBERS_AT_ONCE):
        statement = select(*columns).join(COURTS, COURTS.c.court_id == CASES.c.court_id)
        statement = statement.where(CASES.c.case_number.in_(wanted[start : start + NUMBERS_AT_ONCE]))
        for row in connection.execute(statement):
            rows.setdefault(row.case_number, []).append(row)
    chosen: dict[str, Any] = {}
    for number, same in rows.items():
        ours = [row for row in same if row.code == court]
        ours = ours or [row for row in same if _was_of(connection, row.case_no, court)]
        if ours:
            chosen[number] = ours[0]
    return chosen


def _was_of(connection: Connection, case_no: int, court: str) -> bool:
    """Whether the court had the case: then something was recorded there, at least that it went away."""
    columns = EVENTS.c
    statement = select(columns.seq).join(COURTS, COURTS.c.court_id == columns.court_id)
    statement = statement.where(columns.case_no == case_no, COURTS.c.code == court).limit(1)
    return connection.execute(statement).first() is not None


def _learn(known: Known, event: case_pb2.Event) -> None:
    """What one event says of a property, or of a subject; they come in the order of recording."""
    thing = event.detail.origin or event.thing
    if event.kind == ONLINE_INQUIRY:
        detail, ended = event.detail, {one.state for one in event.detail.ended}
        if detail.subject and ended and (detail.is_full or FOUND in ended):
            is_nothing = detail.is_full and ended <= NOTHING_THERE
            known.rounds.add(Asked(detail.subject - 1, detail.inquiry, event.effective, is_nothing))
    elif event.kind in FOUND_KINDS:
        amount_fen = max(known.found_fen.get(thing, 0), event.detail.amount_fen)
        known.found_fen[thing] = amount_fen
    elif event.kind == MEASURE:
        known.measured.setdefault(thing, event.effective)
    else:
        # Let go of: whoever finds it again finds something new.
        thing = held_thing(event.thing)
        known.found_fen.pop(thing, None)
        known.measured.pop(thing, None)


def _as_corrected(told: Iterable[tuple[int, case_pb2.Event]]) -> Iterator[tuple[int, case_pb2.Event]]:
    """Events that happened, as they were put right, in the order of recording."""
    events: list[tuple[int, case_pb2.Event]] = []
    corrections: dict[tuple[int, str], case_pb2.Correction] = {}
    for case_no, event in told:
        if event.kind == CORRECTED:
            corrections[case_no, event.correction.event_id] = event.correction
        else:
            events.append((case_no, event))
    for case_no, event in events:
        correction = corrections.get((case_no, event.event_id))
        if correction is None:
            yield case_no, event
        elif not correction.is_void:
            event.effective, event.thing = correction.effective, correction.thing
            event.detail.CopyFrom(correction.detail)
            yield case_no, event


def _events(
    connection: Connection, case_nos: Iterable[int], kinds: tuple[str, ...]
) -> Iterable[tuple[int, case_pb2.Event]]:
    wanted = sorted(case_nos)
    for start in range(0, len(wanted), NUMBERS_AT_ONCE):
        some = EVENTS.c.case_no.in_(wanted[start : start + NUMBERS_AT_ONCE])
        statement = (
            select(EVENTS.c.case_no, EVENTS.c.body)
            .where(some, EVENTS.c.kind.in_(kinds))
            .order_by(EVENTS.c.seq)
        )
        for case_no, body in connection.execute(statement):
            yield case_no, case_pb2.Event.FromString(body)
