"""Tracker cases: a database of millions of open cases, made as the tracker would have left it.

Each case has the records, due nodes and tallies that the rules give for its events; cases that stand alike
are judged once, by the tracker's own code, and the database multiplies them. Rows go in sorted and before the
indexes, since only what is asked of them afterwards is measured. Their events are left out: nothing that is
measured reads them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    cast,
    func,
    insert,
    literal,
    select,
)

from chakong.tracker.v1 import case_pb2
from runtime.calendar import add_days, date_of
from runtime.clock import now_ns
from tracker.serve import open_database
from tracker.store.draft import Mould
from tracker.store.head import LAST_CASE_NO, put_counters, writing
from tracker.store.judge import COURT, Judge, Told
from tracker.store.laws import judge_of
from tracker.store.leads import Leads
from tracker.store.moulds import Moulds
from tracker.store.names import Names
from tracker.store.rows import insert_rows
from tracker.store.tables import (
    CASES,
    COURTS,
    DUE_COUNTS,
    DUE_NODES,
    FIGURES,
    HANDLERS,
    TALLIES,
)

# As many as the nation has; five handlers each.
COURT_COUNT: Final = 3_500
HANDLERS_PER_COURT: Final = 5
# Cases were begun in the last so many days: some are overdue, most are not.
DAYS_BACK: Final = 200
CASES_AT_ONCE: Final = 200_000
LEVEL: Final = int(case_pb2.COURT_LEVEL_BASIC)
NODE_MAX: Final = 37
# Kinds are mixed over courts and numbers; it has no factor in common with their count.
KIND_STEP: Final = 7_919
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
Places = TypeVar("Places", int, NDArray[np.int64])

# Kinds of cases as rows, there while the database is filled.
_MOULDS: Final = MetaData()
_KINDS: Final = Table(
    "bench_kinds",
    _MOULDS,
    Column("kind", Integer, primary_key=True, autoincrement=False),
    Column("status", Integer, nullable=False),
    Column("status_day", Integer, nullable=False),
    Column("registration", LargeBinary, nullable=False),
    Column("standing", LargeBinary, nullable=False),
    Column("things", Text, nullable=False),
)
_KIND_DUE: Final = Table(
    "bench_due",
    _MOULDS,
    Column("kind", Integer, primary_key=True, autoincrement=False),
    Column("node", Integer, primary_key=True, autoincrement=False),
    Column("due", Integer, primary_key=True, autoincrement=False),
    Column("thing", String(64), primary_key=True),
    *(Column(name, Integer, nullable=False) for name in ("start", "amber", "red", "flags", "origin_id")),
)
_ROUNDS: Final = Table(
    "bench_rounds", _MOULDS, Column("round", Integer, primary_key=True, autoincrement=False)
)


@dataclass(frozen=True, slots=True)
class Kind:
    """Cases that stand alike."""

    case: case_pb2.Case
    filed: int
    events: tuple[case_pb2.Event, ...]
    mould: Mould


@dataclass(frozen=True, slots=True)
class Filled:
    """What was put in. `open_count` of nodes, `due_count` of those with a due day."""

    case_count: int
    open_count: int
    due_count: int
    kinds: tuple[Kind, ...]
    # How many of the cases are of each.
    kind_counts: tuple[int, ...]


def kind_index(index: Places, kind_count: int) -> Places:
    """The kind of a case, by its place from 0."""
    return index * KIND_STEP % kind_count


def court_code(court_id: int) -> str:
    """Of the courts that were made."""
    return f"京{court_id:04}"


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
    # How many of the cases are of each kind, in each court.
    counts = _counts(len(kinds), case_count)
    _MOULDS.create_all(engine)
    with writing(engine) as connection:
        _put_moulds(connection, kinds, -(-case_count // COURT_COUNT))
        _put_tallies(connection, kinds, counts)
    _put_cases(engine, len(kinds), case_count)
    told("cases")
    _put_due(engine, len(kinds), case_count)
    told("due nodes")
    with writing(engine) as connection:
        put_counters(connection, {LAST_CASE_NO: case_count})
    _MOULDS.drop_all(engine)
    for index in indexes:
        index.create(engine)
    told("indexes")
    totals = counts.sum(axis=0).tolist()
    due_count = sum(len(kind.mould.due) * total for kind, total in zip(kinds, totals, strict=True))
    open_counts = [sum(figures.open for _, figures in kind.mould.figures) for kind in kinds]
    open_count = sum(count * total for count, total in zip(open_counts, totals, strict=True))
    return Filled(case_count, open_count, due_count, kinds, tuple(totals))


def _counts(kind_count: int, case_count: int) -> NDArray[np.int64]:
    """By court and kind."""
    index = np.arange(case_count)
    places = index % COURT_COUNT * kind_count + kind_index(index, kind_count)
    counts = np.bincount(places, minlength=COURT_COUNT * kind_count)
    return counts.reshape(COURT_COUNT, kind_count)


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
                events = tuple(_events(filed, story))
                judged = judge.stand(case, [Told(event, now_ns(), COURT) for event in events], now_ns())
                yield Kind(case, filed, events, moulds.made(connection, judged))


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


def _put_moulds(connection: Connection, kinds: Sequence[Kind], round_count: int) -> None:
    """What there is of each kind, and the numbers from 0 to multiply it by."""
    rows, due = [], []
    for number, kind in enumerate(kinds):
        mould = kind.mould
        registration = kind.case.SerializeToString()
        rows.append((number, mould.status, mould.status_day, registration, mould.records, mould.things))
        due += [(number, *listed, thing, *rest) for listed, thing, rest in mould.due]
    insert_rows(connection, _KINDS, rows)
    insert_rows(connection, _KIND_DUE, due)
    insert_rows(connection, _ROUNDS, [(number,) for number in range(round_count)])


def _put_tallies(connection: Connection, kinds: Sequence[Kind], counts: NDArray[np.int64]) -> None:
    size = len(FIGURES)
    figures = np.zeros((len(kinds), (NODE_MAX + 1) * size))
    for number, kind in enumerate(kinds):
        for node, added in kind.mould.figures:
            figures[number, node * size : (node + 1) * size] += added
    # Whole numbers below 2^53: exact.
    sums = (counts.astype(np.float64) @ figures).astype(np.int64).reshape(COURT_COUNT, NODE_MAX + 1, size)
    rows = [
        (court + 1, LEVEL, node, *sums[court, node].tolist())
        for court, node in zip(*np.nonzero(sums.any(axis=2)), strict=True)
    ]
    insert_rows(connection, TALLIES, [tuple(map(int, row)) for row in rows])


def _case_rows(kind_count: int, case_count: int) -> tuple[Any, Any]:
    """Courts times rounds, joined with the kind of each case; and the case's place from 0."""
    place = COURTS.c.court_id - 1 + COURT_COUNT * _ROUNDS.c.round
    kind = cast(place, BigInteger) * KIND_STEP % kind_count
    joined = COURTS.join(_ROUNDS, place < case_count).join(_KINDS, _KINDS.c.kind == kind)
    return joined, place


def _handler() -> Any:
    place = _ROUNDS.c.round % HANDLERS_PER_COURT
    return (COURTS.c.court_id - 1) * HANDLERS_PER_COURT + place + 1


def _put_cases(engine: Engine, kind_count: int, case_count: int) -> None:
    """In the order of their numbers."""
    joined, place = _case_rows(kind_count, case_count)
    number = literal("(2026)") + COURTS.c.code + literal("执") + cast(place, String) + literal("号")
    values = {
        "case_no": place + 1,
        "court_id": COURTS.c.court_id,
        "case_number": number,
        "handler_id": _handler(),
        "level": literal(LEVEL),
        "status": _KINDS.c.status,
        "status_day": _KINDS.c.status_day,
        "law_id": literal(1),
        "registered_ns": literal(now_ns(), BigInteger),
        "registration": _KINDS.c.registration,
        "digest": literal(DIGEST, LargeBinary),
        "standing": _KINDS.c.standing,
        "things": _KINDS.c.things,
    }
    rows = select(*values.values()).select_from(joined).order_by(place)
    rounds_at_once = CASES_AT_ONCE // COURT_COUNT
    for start in range(0, -(-case_count // COURT_COUNT), rounds_at_once):
        some = rows.where(_ROUNDS.c.round.between(start, start + rounds_at_once - 1))
        with writing(engine) as connection:
            connection.execute(insert(CASES).from_select(list(values), some))


def _put_due(engine: Engine, kind_count: int, case_count: int) -> None:
    """The due nodes, in their own order, and how many there are by day."""
    joined, place = _case_rows(kind_count, case_count)
    given = _KIND_DUE.c
    key = (COURTS.c.court_id, given.node, given.due, place + 1, given.thing)
    rest = (given.start, given.amber, given.red, given.flags, given.origin_id)
    rows = select(*key, _handler(), *rest).select_from(joined.join(_KIND_DUE, given.kind == _KINDS.c.kind))
    rows = rows.order_by(*key)
    counted = (COURTS.c.court_id, literal(LEVEL), DUE_NODES.c.node, DUE_NODES.c.due)
    by_day = select(*counted, func.count()).select_from(
        COURTS.join(DUE_NODES, DUE_NODES.c.court_id == COURTS.c.court_id)
    )
    by_day = by_day.where(DUE_NODES.c.due > 0).group_by(COURTS.c.court_id, DUE_NODES.c.node, DUE_NODES.c.due)
    courts_at_once = max(1, CASES_AT_ONCE * COURT_COUNT // max(case_count, 1))
    for start in range(1, COURT_COUNT + 1, courts_at_once):
        some = COURTS.c.court_id.between(start, start + courts_at_once - 1)
        with writing(engine) as connection:
            connection.execute(insert(DUE_NODES).from_select(list(DUE_NODES.c.keys()), rows.where(some)))
            connection.execute(insert(DUE_COUNTS).from_select(list(DUE_COUNTS.c.keys()), by_day.where(some)))
