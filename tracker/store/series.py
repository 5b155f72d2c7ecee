"""Series: the figures as they stood every few minutes, a row only where one has changed.

The figures of all courts are counted, compared with those of the point before, and the differences kept. Old
points are dropped. It never stops because the database is down; the next point is made when it is back.
"""

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, and_, delete, func, select
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
from tracker.store.tables import SERIES

log = logging.getLogger(__name__)

SECOND_NS: Final = 1_000_000_000


class Point(NamedTuple):
    """Figures from this moment until the next point."""

    at_ns: int
    key: Key
    figures: Figures


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
        old_ns = at_ns - self._pace.keep_days * DAY_NS
        with writing(self._engine) as connection:
            connection.execute(delete(SERIES).where(SERIES.c.at_ns < old_ns))
            insert_rows(connection, SERIES, rows)
        self._last = found
        self.point_count += 1
        self.taken_ns = now_ns() - at_ns
        self.totals = (
            Figures(*(sum(column) for column in zip(*found.values(), strict=True))) if found else self.totals
        )
        return len(rows)


def key_row(key: Key, at_ns: int) -> tuple[int, int, int, int]:
    """The first columns of a row, in the order of the table."""
    return (key.court_id, key.node, at_ns, key.level)


def points(engine: Engine, court: str, node: int, between_ns: tuple[int, int], limit: int) -> list[Point]:
    """Points of one court and node, oldest first. Blocks."""
    with reading(engine) as connection:
        court_id = Names().find_court(connection, court)
        if court_id is None:
            return []
        columns = SERIES.c
        where = and_(columns.court_id == court_id, columns.node == node, columns.at_ns.between(*between_ns))
        statement = select(SERIES).where(where).order_by(columns.at_ns, columns.level).limit(limit)
        return [
            Point(row.at_ns, Key(row.court_id, row.level, row.node), Figures(*row[4:]))
            for row in connection.execute(statement)
        ]


def _latest(connection: Connection) -> dict[Key, Figures]:
    """The newest row of each key."""
    columns = SERIES.c
    keys = (columns.court_id, columns.node, columns.level)
    newest = select(*keys, func.max(columns.at_ns).label("at_ns")).group_by(*keys).subquery("newest")
    joined = and_(*(column == newest.c[column.name] for column in keys), columns.at_ns == newest.c.at_ns)
    statement = select(SERIES).select_from(SERIES.join(newest, joined))
    return {
        Key(row.court_id, row.level, row.node): Figures(*row[4:]) for row in connection.execute(statement)
    }
