"""Tracker cases: a database of millions of open cases, made as the tracker would have left it.

Each case has the records, due nodes and tallies that the rules give for its events; cases that stand alike
are judged once. Rows go in by the tracker's own code, sorted and before the indexes, since only what is asked
of them afterwards is measured. Their events are left out: nothing that is measured reads them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, insert

from chakong.tracker.v1 import case_pb2
from runtime.calendar import add_days, date_of
from runtime.clock import now_ns
from tracker.serve import open_database
from tracker.store.draft import Draft, Mould, Place
from tracker.store.head import LAST_CASE_NO, put_counters, writing
from tracker.store.judge import COURT, Judge, Told
from tracker.store.laws import judge_of
from tracker.store.leads import Leads
from tracker.store.moulds import Moulds
from tracker.store.names import Names
from tracker.store.rows import insert_rows
from tracker.store.tables import CASES, COURTS, DUE_NODES, HANDLERS

# As many as the nation has; five handlers each.
COURT_COUNT: Final = 3_500
HANDLERS_PER_COURT: Final = 5
# Cases were begun in the last so many days: some are overdue, most are not.
DAYS_BACK: Final = 200
CASES_AT_ONCE: Final = 50_000
DIGEST: Final = bytes(16)
PROFILES: Final = ("", "", "", "local-a", "local-b")
# What else has happened in a case, days after it was filed.
STORIES: Final[tuple[tuple[tuple[str, str, int], ...], ...]] = (
    (),
    (("distribution", "", 3), ("enforcement_notice", "", 5), ("property_found", "p-1", 6)),
    (
        ("distribution", "", 2),
        ("enforcement_notice", "", 4),
        ("online_inquiry", "", 6),
        ("property_found", "p-1", 6),
        ("measure_effective", "p-1", 8),
    ),
    (("distribution", "", 4), ("enforcement_notice", "", 8), ("clue_received", "c-1", 9)),
)
DEPOSIT: Final = case_pb2.Detail(property="deposit")
WITH_PROPERTY: Final = frozenset({"property_found", "measure_effective"})


@dataclass(frozen=True, slots=True)
class Kind:
    """Cases that stand alike."""

    case: case_pb2.Case
    filed: int
    mould: Mould


@dataclass(frozen=True, slots=True)
class Filled:
    """What was put in. `open_count` of nodes, `due_count` of those with a due day."""

    case_count: int
    open_count: int
    due_count: int
    kinds: tuple[Kind, ...]

    def kind_of(self, index: int) -> Kind:
        """Of a case, by its place from 0."""
        return self.kinds[kind_index(index, len(self.kinds))]


def kind_index(index: int, kind_count: int) -> int:
    """Kinds are mixed over courts and numbers; the multiplier has no factor in common with their count."""
    return index * 7_919 % kind_count


def court_code(court_id: int) -> str:
    """Of the courts that were made."""
    return f"京{court_id:04}"


def case_number(index: int) -> str:
    """Of a case, by its place from 0."""
    return f"(2026){court_code(court_id_of(index))}执{index}号"


def court_id_of(index: int) -> int:
    """Of a case, by its place from 0."""
    return index % COURT_COUNT + 1


def fill(engine: Engine, case_count: int, told: Callable[[str], None] = lambda _text: None) -> Filled:
    """Make the tables in an empty database, and the cases."""
    open_database(engine)
    indexes = [index for table in (CASES, DUE_NODES) for index in table.indexes]
    for index in indexes:
        index.drop(engine)
    with writing(engine) as connection:
        names, leads = Names(), Leads()
        kinds = tuple(_kinds(Moulds(names, leads), judge_of(connection, 1), connection))
        leads.write(connection)
        _put_names(connection)
    for start in range(0, case_count, CASES_AT_ONCE):
        _put_cases(engine, kinds, range(start, min(start + CASES_AT_ONCE, case_count)))
    told("cases")
    due_count = _put_due(engine, kinds, case_count)
    told("due nodes")
    with writing(engine) as connection:
        put_counters(connection, {LAST_CASE_NO: case_count})
    for index in indexes:
        index.create(engine)
    told("indexes")
    open_count = sum(
        sum(figures.open for _, figures in kind.mould.figures) * _times(place, len(kinds), case_count)
        for place, kind in enumerate(kinds)
    )
    return Filled(case_count, open_count, due_count, kinds)


def _times(place: int, kind_count: int, case_count: int) -> int:
    """How many of the cases are of the kind at this place."""
    whole, rest = divmod(case_count, kind_count)
    return whole + sum(1 for index in range(rest) if kind_index(index, kind_count) == place)


def _kinds(moulds: Moulds, judge: Judge, connection: Connection) -> Iterator[Kind]:
    today = date_of(now_ns())
    for back in range(DAYS_BACK):
        filed = add_days(today, -DAYS_BACK + back)
        for story in STORIES:
            if story and back + story[-1][2] > DAYS_BACK:
                continue
            for profile in PROFILES:
                case = case_pb2.Case(level=case_pb2.COURT_LEVEL_BASIC, profile=profile, court_code="京0001")
                case.case_number = "(2026)京0001执1号"
                told = [Told(event, now_ns(), COURT) for event in _events(filed, story)]
                judged = judge.stand(case, told, now_ns())
                yield Kind(case, filed, moulds.made(connection, judged))


def _events(filed: int, story: Sequence[tuple[str, str, int]]) -> Iterator[case_pb2.Event]:
    begun = (("application_received", "", -1), ("filing", "", 0))
    for kind, thing, days in (*begun, *story):
        day = add_days(filed, days)
        event = case_pb2.Event(event_id=kind, kind=kind, thing=thing, effective=day, officer="o-1")
        if kind in WITH_PROPERTY:
            event.detail.CopyFrom(DEPOSIT)
        yield event


def _put_names(connection: Connection) -> None:
    courts = range(1, COURT_COUNT + 1)
    rows = [{"court_id": number, "code": court_code(number)} for number in courts]
    connection.execute(insert(COURTS), rows)
    handlers = [
        {"handler_id": handler_id(number, place), "court_id": number, "name": f"judge-{place}"}
        for number in courts
        for place in range(HANDLERS_PER_COURT)
    ]
    connection.execute(insert(HANDLERS), handlers)


def handler_id(court_id: int, place: int) -> int:
    """Of a court's handlers."""
    return (court_id - 1) * HANDLERS_PER_COURT + place + 1


def _place(index: int) -> Place:
    court_id = court_id_of(index)
    handler = index // COURT_COUNT % HANDLERS_PER_COURT
    return Place(court_id, handler_id(court_id, handler), case_pb2.COURT_LEVEL_BASIC)


def _put_cases(engine: Engine, kinds: Sequence[Kind], indexes: range) -> None:
    """Cases and tallies, in the order of their numbers."""
    at_ns = now_ns()
    bodies = [kind.case.SerializeToString() for kind in kinds]
    draft = Draft(law_id=1)
    for index in indexes:
        which = kind_index(index, len(kinds))
        named = (case_number(index), at_ns, bodies[which], DIGEST)
        draft.add_case(index + 1, _place(index), named, kinds[which].mould)
    draft.due.clear()
    with writing(engine) as connection:
        draft.flush(connection)


def _put_due(engine: Engine, kinds: Sequence[Kind], case_count: int) -> int:
    """The due nodes, in their own order; how many."""
    count = 0
    rows: list[tuple[object, ...]] = []
    for court_id in range(1, COURT_COUNT + 1):
        draft = Draft(law_id=1)
        for index in range(court_id - 1, case_count, COURT_COUNT):
            mould = kinds[kind_index(index, len(kinds))].mould
            draft.add_case(index + 1, _place(index), ("", 0, b"", b""), mould)
        rows += sorted(draft.due)
        count += len(draft.due)
        if len(rows) >= CASES_AT_ONCE or court_id == COURT_COUNT:
            with writing(engine) as connection:
                insert_rows(connection, DUE_NODES, rows)
            rows = []
    return count
