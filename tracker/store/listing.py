"""Listing: open nodes of a court by their due day, a page at a time; what warns without one comes first.

Each node's rows stand together in the order of their due days, for the court and for each of its handlers: a
page reads a little of each and merges. How far ahead amber and red can begin is known (leads.py), so that no
list reads past what it could show. Each call is one transaction and blocks; it is made in a thread.
"""

import heapq
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, or_, select, tuple_

from runtime.calendar import add_days
from tracker.store.leads import read_leads
from tracker.store.names import Names, Origin
from tracker.store.reader import reading
from tracker.store.standing import NOWHERE, PROVISIONAL
from tracker.store.tables import CASES, DUE_NODES, TALLIES

# No bound.
DAY_MIN: Final = 0
DAY_MAX: Final = 99991231
# A due day is no less; 0 is none.
DUE_MIN: Final = 1
# Warnings of due days beyond it are not looked for so long ahead.
FAR_DAY: Final = 99000101


# Days of amber and of red before the due day, at most.
Lead = tuple[int, int]
# Of windows, which warn nobody, and of limits so short that they warn on their last day.
AT_ITS_END: Final = (0, 0)


class Level(IntEnum):
    """Which nodes; the numbers are those of the contract's Urgency."""

    ALL = 0
    NORMAL = 1
    AMBER = 2
    RED = 3
    OVERDUE = 4


class Position(NamedTuple):
    """The last row of the page before."""

    due: int
    node: int
    case_no: int
    thing: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is listed, on which day. `kinds`: the kind of each node, by number. `node` 0: all; `handler`
    empty: all."""

    court: str
    level: Level
    day: int
    kinds: Mapping[int, str]
    handler: str = ""
    node: int = 0
    due_from: int = DAY_MIN
    due_until: int = DAY_MAX
    after: Position | None = None
    limit: int = 100
    # Kinds that become overdue, and kinds that warn.
    overdue_kinds: Collection[str] = field(default=("duty",))
    warning_kinds: Collection[str] = field(default=("duty", "term"))


class Listed(NamedTuple):
    """An open node with a due day, or one that warns without."""

    position: Position
    case_number: str
    handler: str
    start: int
    amber: int
    red: int
    is_provisional: bool
    origin: Origin


class Range(NamedTuple):
    """Due days from the first to the last, and what else a row must be."""

    first: int
    last: int
    where: tuple[ColumnElement[bool], ...]


class Listing:
    """Reads one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._names = Names()

    def page(self, question: Question) -> list[Listed]:
        """At most `limit` of them, in the order of due day, node and case."""
        with reading(self._engine) as connection:
            names = self._names
            court_id = names.find_court(connection, question.court)
            if court_id is None:
                return []
            handler_id = None
            if question.handler:
                handler_id = names.find_handler(connection, court_id, question.handler)
                if handler_id is None:
                    return []
            statements = self._statements(connection, question, court_id, handler_id)
            runs = [connection.execute(statement).all() for statement in statements]
            rows = list(_first(heapq.merge(*runs, key=_position), question.limit))
            return self._listed(connection, rows)

    def _statements(
        self, connection: Connection, question: Question, court_id: int, handler_id: int | None
    ) -> Iterator[Select[Any]]:
        """One for each node that the court has open."""
        numbers = connection.execute(
            select(TALLIES.c.node).distinct().where(TALLIES.c.court_id == court_id, TALLIES.c.open > 0)
        ).scalars()
        leads = read_leads(connection)
        for node in sorted(numbers):
            if question.node in (0, node):
                yield from self._of_node(question, court_id, handler_id, node, leads.get(node, AT_ITS_END))

    def _of_node(
        self, question: Question, court_id: int, handler_id: int | None, node: int, lead: Lead
    ) -> Iterator[Select[Any]]:
        statements = (
            undated_statement(question, court_id, handler_id, node),
            node_statement(question, court_id, handler_id, node, lead),
        )
        yield from (statement for statement in statements if statement is not None)

    def _listed(self, connection: Connection, rows: list[Any]) -> list[Listed]:
        case_nos = sorted({row.case_no for row in rows})
        statement = select(CASES.c.case_no, CASES.c.case_number).where(CASES.c.case_no.in_(case_nos))
        numbers = {row.case_no: row.case_number for row in connection.execute(statement)}
        return [
            Listed(
                _position(row),
                numbers[row.case_no],
                self._names.handler_of(connection, row.handler_id),
                row.start,
                row.amber,
                row.red,
                bool(row.flags & PROVISIONAL),
                self._names.origin_of(connection, row.origin_id) if row.origin_id else NOWHERE,
            )
            for row in rows
        ]


def node_statement(
    question: Question, court_id: int, handler_id: int | None, node: int, lead: Lead
) -> Select[Any] | None:
    """One node's rows in their order; None: there can be none."""
    found = _range(question, node, lead)
    if found is None:
        return None
    first, last = max(found.first, question.due_from), min(found.last, question.due_until)
    columns = DUE_NODES.c
    conditions = [columns.court_id == court_id, columns.node == node, *found.where]
    if handler_id is not None:
        conditions.append(columns.handler_id == handler_id)
    if question.after is not None:
        first = max(first, question.after.due)
        conditions += _beyond(question.after, node)
    if first > last:
        return None
    conditions += [columns.due >= first, columns.due <= last]
    order = (columns.due, columns.case_no, columns.thing)
    return select(DUE_NODES).where(and_(*conditions)).order_by(*order).limit(question.limit)


def undated_statement(
    question: Question, court_id: int, handler_id: int | None, node: int
) -> Select[Any] | None:
    """One node's rows that warn without a due day, for instance that property was found after an ending;
    None: there can be none."""
    is_bounded = (question.due_from, question.due_until) != (DAY_MIN, DAY_MAX)
    is_behind = question.after is not None and question.after.due > 0
    is_warning_kind = question.kinds.get(node, "") in question.warning_kinds
    if question.level not in (Level.AMBER, Level.RED) or is_bounded or is_behind or not is_warning_kind:
        return None
    columns = DUE_NODES.c
    conditions = [columns.court_id == court_id, columns.node == node, columns.due == 0]
    conditions.append(_warns(question.level, question.day))
    if handler_id is not None:
        conditions.append(columns.handler_id == handler_id)
    if question.after is not None:
        conditions += _beyond(question.after, node)
    order = (columns.due, columns.case_no, columns.thing)
    return select(DUE_NODES).where(and_(*conditions)).order_by(*order).limit(question.limit)


def _range(question: Question, node: int, lead: Lead) -> Range | None:
    """Which due days a row of this level can have, and what else it must be; None: there can be no row."""
    day, kind = question.day, question.kinds.get(node, "")
    is_overdue_kind, is_warning_kind = kind in question.overdue_kinds, kind in question.warning_kinds
    amber_days, red_days = lead
    warns = (_warns(question.level, day),)
    ranges: dict[Level, Range | None] = {
        # A window or a term whose last day has passed is open no more.
        Level.ALL: Range(DUE_MIN if is_overdue_kind else day, DAY_MAX, ()),
        Level.NORMAL: Range(day, DAY_MAX, warns if is_warning_kind else ()),
        Level.AMBER: Range(day, _ahead(day, amber_days), warns) if is_warning_kind else None,
        Level.RED: Range(day, _ahead(day, red_days), warns) if is_warning_kind else None,
        # Numbers of dates stand in the order of their days; no date is between.
        Level.OVERDUE: Range(DUE_MIN, day - 1, ()) if is_overdue_kind else None,
    }
    return ranges[question.level]


def _ahead(day: int, days: int) -> int:
    """So many days later, as far as there are dates."""
    return add_days(day, days) if day < FAR_DAY else DAY_MAX


def _warns(level: Level, day: int) -> ColumnElement[bool]:
    """Of a row that is not overdue: whether its warnings are at this level on a day."""
    columns = DUE_NODES.c
    is_red = and_(columns.red > 0, columns.red <= day)
    is_not_red = or_(columns.red == 0, columns.red > day)
    if level is Level.RED:
        return is_red
    if level is Level.AMBER:
        return and_(columns.amber > 0, columns.amber <= day, is_not_red)
    return and_(or_(columns.amber == 0, columns.amber > day), is_not_red)


def _beyond(after: Position, node: int) -> list[ColumnElement[bool]]:
    """Rows of this node that come after the position."""
    columns = DUE_NODES.c
    if node > after.node:
        return []
    if node < after.node:
        return [columns.due > after.due]
    reached = tuple_(columns.due, columns.case_no, columns.thing)
    return [reached > tuple_(after.due, after.case_no, after.thing)]


def _position(row: Any) -> Position:
    return Position(row.due, row.node, row.case_no, row.thing)


def _first(rows: Iterator[Any], count: int) -> Iterator[Any]:
    for _, row in zip(range(count), rows, strict=False):
        yield row
