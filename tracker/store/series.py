"""Series: the figures as they stood every few minutes, a row only where one has changed.

The figures of all courts are counted, compared with those of the point before, and the differences kept. Old
points are dropped. It never stops because the database is down; the next point is made when it is back.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Delete, Engine, Select, and_, delete, or_, select, tuple_
from sqlalchemy.exc import SQLAlchemyError

from runtime.calendar import DAY_NS, date_of
from runtime.clock import now_ns
from runtime.errors import UnavailableError
from tracker.rules.statistics import Figures
from tracker.store.head import writing
from tracker.store.names import Names
from tracker.store.reader import reading
from tracker.store.rows import insert_rows
from tracker.store.statistics import Key, figures
from tracker.store.tables import SERIES, TALLIES

log = logging.getLogger(__name__)

SECOND_NS: Final = 1_000_000_000
_KEYS: Final = ("court_id", "node", "level")
# Of one statement.
KEYS_AT_ONCE: Final = 100


class Point(NamedTuple):
    """Figures from this moment until the next point."""

    at_ns: int
    key: Key
    figures: Figures


class Place(NamedTuple):
    """Of a point among those of its court and node."""

    at_ns: int
    level: int


# After all of them.
LATEST_NS: Final = 2**63 - 1
# Before all of them.
NOWHERE: Final = Place(0, 0)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, and how long points are kept."""

    every_s: float
    keep_days: int


class Series:
    """Of one database. `duties` are asked for at each point: the law may change."""

    def __init__(self, engine: Engine, pace: Pace, duties: Callable[[], Collection[int]]) -> None:
        self._engine = engine
        self._pace = pace
        self._duties = duties
        self._last: dict[Key, Figures] | None = None
        # The day on which old points were dropped last.
        self._dropped_on = 0
        self.point_count = 0
        self.taken_ns = 0
        # Sums over all courts, for whoever looks at the whole.
        self.totals = Figures()

    async def run(self) -> None:
        """Make points until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.take, now_ns())
            except (SQLAlchemyError, UnavailableError, OSError) as error:
                self._last = None
                log.warning("no point of the series", extra={"error": type(error).__name__})
            await asyncio.sleep(self._pace.every_s)

    def take(self, at_ns: int) -> int:
        """Make the point of this moment; how many rows it has. Blocks."""
        with reading(self._engine) as connection:
            found = figures(connection, date_of(at_ns), self._duties())
            if self._last is None:
                self._last = _latest(connection)
        rows = [(*key_row(key, at_ns), *one) for key, one in found.items() if self._last.get(key) != one]
        today = date_of(at_ns)
        with writing(self._engine) as connection:
            if self._dropped_on != today:
                connection.execute(dropping_statement(at_ns - self._pace.keep_days * DAY_NS))
            insert_rows(connection, SERIES, rows)
        self._last, self._dropped_on = found, today
        self.point_count += 1
        self.taken_ns = now_ns() - at_ns
        self.totals = (
            Figures(*(sum(column) for column in zip(*found.values(), strict=True))) if found else self.totals
        )
        return len(rows)


def key_row(key: Key, at_ns: int) -> tuple[int, int, int, int]:
    """The first columns of a row, in the order of the table."""
    return (key.court_id, key.node, at_ns, key.level)


def points(
    engine: Engine,
    court: str,
    node: int,
    between_ns: tuple[int, int],
    limit: int,
    after: Place = NOWHERE,
) -> list[Point]:
    """Points of one court and node, oldest first; before them those that stood at the first moment, one of
    each level. Blocks."""
    from_ns, until_ns = between_ns
    with reading(engine) as connection:
        court_id = Names().find_court(connection, court)
        if court_id is None:
            return []
        columns = SERIES.c
        where = and_(
            columns.court_id == court_id,
            columns.node == node,
            columns.at_ns.between(max(min(from_ns, LATEST_NS - 1) + 1, after.at_ns), until_ns),
            tuple_(columns.at_ns, columns.level) > tuple_(*after),
        )
        statement = select(SERIES).where(where).order_by(columns.at_ns, columns.level).limit(limit)
        rows = _rows(connection, standing_statement(court_id, node, from_ns)) if from_ns <= until_ns else []
        rows = sorted(row for row in rows if (row.at_ns, row.level) > after)
        rows += connection.execute(statement)
        return [
            Point(row.at_ns, Key(row.court_id, row.level, row.node), Figures(*row[4:]))
            for row in rows[:limit]
        ]


def newest_statement() -> Select[Any]:
    """The key of the newest row of each node, court and level, in the order of the table; each has a row in
    the tallies. Without a point: null."""
    return _newest(LATEST_NS)


def standing_statement(court_id: int, node: int, at_ns: int) -> Select[Any]:
    """The same of one court and node, as it was at a moment."""
    return _newest(at_ns).where(TALLIES.c.court_id == court_id, TALLIES.c.node == node)


def _newest(until_ns: int) -> Select[Any]:
    newest = SERIES.alias("newest")
    at_ns = (
        select(newest.c.at_ns)
        .where(*(newest.c[name] == TALLIES.c[name] for name in _KEYS), newest.c.at_ns <= until_ns)
        .order_by(newest.c.at_ns.desc())
        .limit(1)
        .correlate(TALLIES)
        .scalar_subquery()
    )
    return select(TALLIES.c.court_id, TALLIES.c.node, at_ns, TALLIES.c.level)


def rows_statement(keys: Sequence[tuple[int, ...]]) -> Select[Any]:
    """Rows by their keys."""
    # SQLite reads all of a table for a list of such keys.
    named = [zip(SERIES.primary_key, key, strict=True) for key in keys]
    return select(SERIES).where(or_(*(and_(*(column == value for column, value in one)) for one in named)))


def dropping_statement(old_ns: int) -> Delete:
    """Drops what is older, but of each key the last: it stands until the next."""
    later = SERIES.alias("later")
    follows = and_(
        *(later.c[name] == SERIES.c[name] for name in _KEYS),
        later.c.at_ns > SERIES.c.at_ns,
        later.c.at_ns <= old_ns,
    )
    is_followed = select(later.c.at_ns).where(follows).correlate(SERIES).exists()
    return delete(SERIES).where(SERIES.c.at_ns < old_ns, is_followed)


def _latest(connection: Connection) -> dict[Key, Figures]:
    """The newest row of each key; a start does not read the others."""
    rows = _rows(connection, newest_statement())
    return {Key(row.court_id, row.level, row.node): Figures(*row[4:]) for row in rows}


def _rows(connection: Connection, statement: Select[Any]) -> list[Any]:
    """The rows with these keys."""
    keys = [tuple(row) for row in connection.execute(statement) if row[2] is not None]
    return [
        row
        for first in range(0, len(keys), KEYS_AT_ONCE)
        for row in connection.execute(rows_statement(keys[first : first + KEYS_AT_ONCE]))
    ]
