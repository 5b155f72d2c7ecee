"""Calendars: with the holidays of which years the cases of this database are counted.

Of each year it is kept whether every case is counted with it (whole), or some still by weekends (partly), and
with which working days, as a digest. Whoever counts cases says first what it knows; a process that knows a
year with which not every case is counted counts them anew (catching_up.py). It counts nothing itself.
"""

import zlib
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection

from runtime.calendar import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    date_of_day,
    day_of_date,
    is_working_day,
    known_years,
)
from tracker.store.head import CALENDAR, put_counters, read_counters

YEARS: Final = {f"year:{year}": year for year in range(EARLIEST_YEAR, LATEST_YEAR + 1)}
# How a year stands: with none of these bits by weekends alone, else with its digest in the lower bits.
KNOWN: Final = 1 << 32
PARTLY: Final = 1 << 33
# Counted with other days here than there: such days do not look provisional.
OTHERWISE: Final = 1 << 34

Standing = dict[int, int]


@lru_cache(1)
def ours() -> Standing:
    """Years that this process knows, as they stand where all cases are counted with them. The same as long as
    the process lives."""
    return {year: whole(year) for year in known_years()}


def whole(year: int) -> int:
    """How a year stands where all cases are counted with it as this process knows it."""
    first, last = day_of_date(year * 10_000 + 101), day_of_date(year * 10_000 + 1231)
    working = bytes(is_working_day(date_of_day(day))[0] for day in range(first, last + 1))
    return KNOWN | zlib.crc32(working)


def standing(connection: Connection) -> Standing:
    """The years that some case is counted with."""
    return {YEARS[name]: value for name, value in read_counters(connection, tuple(YEARS)).items() if value}


def unknown_here(connection: Connection) -> list[int]:
    """Years that every case is counted with, and that this process does not know."""
    there = standing(connection)
    return sorted(year for year in there.keys() - ours().keys() if not there[year] & (PARTLY | OTHERWISE))


def knows_more(connection: Connection) -> bool:
    """Whether this process knows a year that some case is not counted with."""
    return bool(ours().items() - standing(connection).items())


def knows_otherwise(connection: Connection) -> bool:
    """Whether some case is counted with other days of a year than this process knows: then it is not enough
    to count anew what is provisional."""
    there = standing(connection)
    return any(there.get(year, 0) not in (0, one, one | PARTLY) for year, one in ours().items())


def narrow(connection: Connection) -> None:
    """Before this process counts some cases. Only under the writers' lock."""
    before = standing(connection)
    years = before.keys() | ours().keys()
    _put(connection, before, {year: _mixed(before.get(year, 0), ours().get(year, 0)) for year in years})


def widen(connection: Connection) -> None:
    """Before this process begins to count all cases. Only under the writers' lock."""
    narrow(connection)
    before = standing(connection)
    _put(connection, before, before | ours())


def _mixed(there: int, known: int) -> int:
    """How a year stands when one more case is counted; 0: by weekends."""
    if there | PARTLY == known | PARTLY:
        return there
    if not there or not known:
        return there | known | PARTLY
    return OTHERWISE


def _put(connection: Connection, before: Standing, after: Standing) -> None:
    if before != after:
        number = zlib.crc32(repr(sorted(after.items())).encode())
        put_counters(connection, {CALENDAR: number, **{f"year:{year}": one for year, one in after.items()}})
