"""Ledger: how far each unit was told of the changes and has carried them out: a watermark and exceptions,
not a row for each.

What a mark means, what one is when a unit succeeds another, and who is late, blacklist/push decides; here
it is kept and counted. It blocks, and is called in threads; each call is one transaction.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Row,
    and_,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from blacklist.errors import AheadError
from blacklist.model import Deed
from blacklist.push.deadlines import Open, Standing, standing
from blacklist.push.marks import Exceptions, Failure, Mark, inherited
from blacklist.rules.units import Units
from blacklist.store.head import read_head, writing
from blacklist.store.reader import RETRY_MS
from blacklist.store.tables import ENTRIES, EXCEPTIONS, MARKS, WATERMARKS
from runtime.calendar import BEIJING_OFFSET_NS, DAY_NS, date_of, day_of
from runtime.errors import UnavailableError

EXCEPTIONS_MAX: Final = 10_000
# Of one statement.
CURSORS_MAX: Final = 1_000
# Beijing days since 1970. Constants and not parameters: it is grouped by.
REMOVED_DAY: Final = (
    (ENTRIES.c.removed_ns + literal_column(str(BEIJING_OFFSET_NS), BigInteger))
    // literal_column(str(DAY_NS), BigInteger)
).label("removed_day")

# (bound, day) -> removals.
Removals = Mapping[tuple[int, int], int]


class Ledger:
    """Of one database. UnavailableError when it cannot be read or written. `working_days`: of units that have
    no number of their own."""

    def __init__(self, engine: Engine, units: Units, working_days: int) -> None:
        self._engine = engine
        self._units = units
        self._working_days = working_days

    def working_days(self, unit: str) -> int:
        """In how many a unit acknowledges removals."""
        return self._units.working_days(unit, self._working_days)

    def mark(self, unit: str, now_ns: int) -> tuple[Mark, int]:
        """How far a unit is, and the list's version."""
        with _told(), self._engine.connect() as connection:
            return self._mark(connection, unit, date_of(now_ns))[0], read_head(connection).cursor

    def version(self) -> int:
        """Cursor of the last change."""
        with _told(), self._engine.connect() as connection:
            return read_head(connection).cursor

    def acknowledge(self, unit: str, cursor: int, exceptions: Exceptions, now_ns: int) -> Mark:
        """Everything up to the cursor is carried out, but for the exceptions. An older cursor takes nothing
        back. AheadError."""
        with _told(), writing(self._engine) as connection:
            last = read_head(connection).cursor
            if cursor > last:
                raise AheadError(f"cursor: {cursor} given, the last change is {last}")
            before, is_own = self._mark(connection, unit, date_of(now_ns))
            after = before.acknowledged(cursor, exceptions, now_ns)
            if after != before:
                kept = before.exceptions if is_own else {}
                _put(connection, unit, after, day_of(now_ns))
                _put_exceptions(connection, unit, kept, after.exceptions, day_of(now_ns))
            return after

    def tell(self, given: Mapping[str, Sequence[tuple[int, int]]], now_ns: int) -> None:
        """Units were told of everything from one cursor to another; several of these a unit, in their
        order."""
        with _told(), writing(self._engine) as connection:
            for unit, pieces in given.items():
                before, is_own = self._mark(connection, unit, date_of(now_ns))
                after = before
                for piece in pieces:
                    after = after.given(*piece)
                if after == before:
                    continue
                _put(connection, unit, after, day_of(now_ns))
                if not is_own:
                    _put_exceptions(connection, unit, {}, after.exceptions, day_of(now_ns))

    def standing(self, unit: str, now_ns: int) -> Standing:
        """How a unit stands."""
        return self.standings(now_ns, (unit,))[0]

    def standings(self, now_ns: int, units: Collection[str] = ()) -> list[Standing]:
        """How these units stand; all of the day when none is given."""
        today = date_of(now_ns)
        found = []
        with _told(), self._engine.connect() as connection:
            after: dict[int, Removals] = {}
            for unit in units or self._units.on(today):
                mark, _ = self._mark(connection, unit, today)
                if mark.cursor not in after:
                    # Units that are equally far are counted for together.
                    after[mark.cursor] = _removals(connection, ENTRIES.c.removed_cursor > mark.cursor)
                left = [after[mark.cursor], *_excepted(connection, mark.exceptions)]
                binding = self._units.binding(unit, today)
                opens = [
                    Open(day, count) for one in left for (bound, day), count in one.items() if binding[bound]
                ]
                found.append(standing(unit, mark, opens, self.working_days(unit), today))
        return found

    def _mark(self, connection: Connection, unit: str, date: int) -> tuple[Mark, bool]:
        """Of a unit, and whether it is its own: until it is told something it has that of those it
        succeeds."""
        row = connection.execute(select(WATERMARKS).where(WATERMARKS.c.unit == unit)).one_or_none()
        if row is not None:
            is_open = and_(EXCEPTIONS.c.unit == unit, EXCEPTIONS.c.settled_day.is_(None))
            query = select(EXCEPTIONS.c.cursor, EXCEPTIONS.c.failure).where(is_open)
            return _mark_of(row, connection.execute(query.order_by(EXCEPTIONS.c.cursor)).all()), True
        before = [self._mark(connection, one, date)[0] for one in self._units.predecessors(unit, date)]
        return inherited(before), False


def _mark_of(row: Row[Any], left: Iterable[Any]) -> Mark:
    exceptions = {int(one.cursor): Failure(one.failure) for one in left}
    return Mark(int(row.cursor), exceptions, int(row.told), int(row.acknowledged_ns))


def _put(connection: Connection, unit: str, mark: Mark, day: int) -> None:
    kept = {"unit": unit, "cursor": mark.cursor, "told": mark.told}
    connection.execute(delete(WATERMARKS).where(WATERMARKS.c.unit == unit))
    connection.execute(insert(WATERMARKS), kept | {"acknowledged_ns": mark.acknowledged_ns})
    connection.execute(delete(MARKS).where(MARKS.c.unit == unit, MARKS.c.day == day))
    connection.execute(insert(MARKS), kept | {"day": day})


def _put_exceptions(
    connection: Connection, unit: str, before: Exceptions, after: Exceptions, day: int
) -> None:
    """Those that are left out no more were carried out on this day."""
    for piece in _pieces(sorted(before.keys() - after.keys())):
        settled = and_(EXCEPTIONS.c.unit == unit, EXCEPTIONS.c.cursor.in_(piece))
        connection.execute(update(EXCEPTIONS).where(settled).values(settled_day=day))
    fresh = sorted(one for one, failure in after.items() if before.get(one) != failure)
    for piece in _pieces(fresh):
        again = and_(EXCEPTIONS.c.unit == unit, EXCEPTIONS.c.cursor.in_(piece))
        connection.execute(delete(EXCEPTIONS).where(again))
        rows = [{"unit": unit, "cursor": one, "failure": int(after[one])} for one in piece]
        connection.execute(insert(EXCEPTIONS), rows)


def _removals(connection: Connection, where: Any) -> dict[tuple[int, int], int]:
    # Who is listed for longer is not removed.
    is_removal = and_(where, ENTRIES.c.removed_deed != int(Deed.EXTEND))
    query = select(ENTRIES.c.bound, REMOVED_DAY, func.count()).where(is_removal)
    counted = connection.execute(query.group_by(ENTRIES.c.bound, REMOVED_DAY))
    return {(int(bound), int(day)): int(count) for bound, day, count in counted}


def _excepted(connection: Connection, exceptions: Exceptions) -> list[Removals]:
    pieces = _pieces(sorted(exceptions))
    return [_removals(connection, ENTRIES.c.removed_cursor.in_(piece)) for piece in pieces]


def _pieces(cursors: list[int]) -> list[list[int]]:
    return [cursors[start : start + CURSORS_MAX] for start in range(0, len(cursors), CURSORS_MAX)]


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        kind = type(error).__name__
        text = f"the blacklist's database cannot be used: {kind}"
        raise UnavailableError(text, retry_ms=RETRY_MS) from error
