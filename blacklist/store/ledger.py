"""Ledger: how far each unit has carried out the changes: a watermark and exceptions, not a row for each.

Removals have a deadline in working days. It counts those that a unit has not acknowledged: a unit that never
does has all of them open. Who is a unit, and what concerns it, it is told.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, func, insert, or_, select
from sqlalchemy.exc import SQLAlchemyError

from blacklist.errors import AheadError
from blacklist.model import Deed
from blacklist.screening.rows import LISTED
from blacklist.store.head import read_head, writing
from blacklist.store.reader import RETRY_MS
from blacklist.store.tables import ENTRIES, EXCEPTIONS, WATERMARKS
from runtime.calendar import add_days, date_of, midnight_ns, working_days_after
from runtime.errors import UnavailableError

EXCEPTIONS_MAX: Final = 10_000
# Working days are at most this far apart.
DAYS_BACK_MAX: Final = 400


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one unit. `due`: by when its oldest open removal is to be acknowledged; 0: none is open."""

    unit: str
    cursor: int
    exceptions: tuple[int, ...]
    acknowledged_ns: int
    open_removals: int
    overdue_removals: int
    due: int


class Ledger:
    """Of one database. UnavailableError when it cannot be read or written."""

    def __init__(self, engine: Engine, working_days: int) -> None:
        self._engine = engine
        self._working_days = working_days

    def acknowledge(self, unit: str, cursor: int, exceptions: Sequence[int], now_ns: int) -> None:
        """Everything up to the cursor is carried out, but for the exceptions. An older cursor takes nothing
        back. AheadError."""
        with _told(), writing(self._engine) as connection:
            last = read_head(connection).cursor
            if cursor > last:
                raise AheadError(f"cursor: {cursor} given, the last change is {last}")
            before = _watermark(connection, unit)
            if cursor < before:
                return
            connection.execute(delete(WATERMARKS).where(WATERMARKS.c.unit == unit))
            row = {"unit": unit, "cursor": cursor, "acknowledged_ns": now_ns}
            connection.execute(insert(WATERMARKS), row)
            connection.execute(delete(EXCEPTIONS).where(EXCEPTIONS.c.unit == unit))
            if exceptions:
                rows = [{"unit": unit, "cursor": one} for one in sorted(set(exceptions))]
                connection.execute(insert(EXCEPTIONS), rows)

    def standing(self, unit: str, bounds: Collection[int], now_ns: int) -> Standing:
        """How a unit stands. `bounds`: those of entries that concern it although they are no listings."""
        cutoff_ns = midnight_ns(first_day_in_time(date_of(now_ns), self._working_days))
        with _told(), self._engine.connect() as connection:
            row = connection.execute(select(WATERMARKS).where(WATERMARKS.c.unit == unit)).one_or_none()
            cursor = row.cursor if row else 0
            excepted = select(EXCEPTIONS.c.cursor).where(EXCEPTIONS.c.unit == unit)
            exceptions = connection.execute(excepted.order_by(EXCEPTIONS.c.cursor)).scalars().all()
            # Who is listed for longer is not removed.
            is_removal = ENTRIES.c.removed_deed != int(Deed.EXTEND)
            is_open = and_(_is_open(cursor, excepted if exceptions else None), is_removal, _concerns(bounds))
            oldest_ns = func.min(ENTRIES.c.removed_ns)
            open_count, first_ns = connection.execute(select(func.count(), oldest_ns).where(is_open)).one()
            late = and_(is_open, ENTRIES.c.removed_ns < cutoff_ns)
            late_count = (
                connection.execute(select(func.count()).where(late)).scalar_one() if open_count else 0
            )
        due = working_days_after(date_of(first_ns), self._working_days).date if first_ns else 0
        return Standing(
            unit,
            cursor,
            tuple(exceptions),
            row.acknowledged_ns if row else 0,
            int(open_count),
            int(late_count),
            due,
        )

    def proof(self, listing_id: int, unit: str) -> bool:
        """Whether a unit has carried out the removal of a listing. False too while there is none."""
        with _told(), self._engine.connect() as connection:
            newest = select(func.max(ENTRIES.c.cursor)).where(ENTRIES.c.listing_id == listing_id)
            query = select(ENTRIES.c.removed_cursor).where(ENTRIES.c.cursor == newest.scalar_subquery())
            removed = connection.execute(query).scalar()
            if removed is None or removed > _watermark(connection, unit):
                return False
            excepted = and_(EXCEPTIONS.c.unit == unit, EXCEPTIONS.c.cursor == removed)
            return connection.execute(select(EXCEPTIONS).where(excepted)).first() is None


def first_day_in_time(today: int, working_days: int) -> int:
    """The first date of which a removal need not have been acknowledged before today."""
    day = today
    for _ in range(DAYS_BACK_MAX):
        earlier = add_days(day, -1)
        if working_days_after(earlier, working_days).date < today:
            break
        day = earlier
    return day


def _watermark(connection: Connection, unit: str) -> int:
    found = connection.execute(select(WATERMARKS.c.cursor).where(WATERMARKS.c.unit == unit)).scalar()
    return int(found or 0)


def _is_open(cursor: int, excepted: Any) -> ColumnElement[bool]:
    after: ColumnElement[bool] = ENTRIES.c.removed_cursor > cursor
    if excepted is None:
        return after
    return or_(after, ENTRIES.c.removed_cursor.in_(excepted))


def _concerns(bounds: Collection[int]) -> ColumnElement[bool]:
    is_listed = ENTRIES.c.kinds.op("&")(LISTED) != 0
    return or_(is_listed, ENTRIES.c.bound.in_(sorted(bounds)))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        kind = type(error).__name__
        text = f"the blacklist's database cannot be used: {kind}"
        raise UnavailableError(text, retry_ms=RETRY_MS) from error
