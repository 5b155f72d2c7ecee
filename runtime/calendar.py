"""Calendar: Beijing dates, terms of months, and working days.

Pure. A date is a number such as 20261122; 0 is no date. The first day does not count: a term that begins on a
day ends on the corresponding day, else on the month's last (民事诉讼法 (2023) art 85; 民法典 arts 201-203).
A hold's term never moves; a procedural limit that ends on a holiday moves to the next working day. Working
days come from chinesecalendar; a year that it does not know comes from what was learnt of it at the start
(holidays.py), else from weekends and the holidays of fixed date, and is provisional then. It knows no court's
own holidays and reads no clock.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import chinese_calendar

SECOND_NS: Final = 1_000_000_000
DAY_NS: Final = 24 * 3_600 * SECOND_NS
# UTC+8, no summer time since 1991.
BEIJING_OFFSET_NS: Final = 8 * 3_600 * SECOND_NS
EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
# A year of dates in use, and terms of a few lengths from each.
CACHED_DATES: Final = 8_192
# The longest run of days off so far was 8; a limit that is moved further than this is a fault of the
# calendar.
MOVED_DAYS_MAX: Final = 31
# chinesecalendar begins later, and nobody learns a year that is long over.
EARLIEST_YEAR: Final = 2000
# No holidays are published so long ahead.
LATEST_YEAR: Final = 2200
# New Year, Labour Day, National Day: the statutory holidays of fixed date (全国年节及纪念日放假办法, 2025).
FIXED_HOLIDAYS: Final = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})

# By year, what was learnt: days off, and workdays of weekends.
_LEARNT: Final[dict[int, tuple[frozenset[int], frozenset[int]]]] = {}


@dataclass(frozen=True, slots=True)
class Limit:
    """The last day of a procedural limit. `is_provisional`: the holidays of its year are not known yet."""

    date: int
    is_provisional: bool


def day_of(now_ns: int) -> int:
    """Days from 1970-01-01 to the Beijing day of this moment."""
    return (now_ns + BEIJING_OFFSET_NS) // DAY_NS


def date_of(now_ns: int) -> int:
    """The Beijing date of this moment."""
    return date_of_day(day_of(now_ns))


@lru_cache(CACHED_DATES)
def date_of_day(day: int) -> int:
    """The date that is so many days after 1970-01-01."""
    return number(date.fromordinal(EPOCH_ORDINAL + day))


@lru_cache(CACHED_DATES)
def day_of_date(given: int) -> int:
    """Days from 1970-01-01 to this date. ValueError for a number that is no date."""
    return to_date(given).toordinal() - EPOCH_ORDINAL


def midnight_ns(given: int) -> int:
    """The moment with which this date begins in Beijing."""
    return day_of_date(given) * DAY_NS - BEIJING_OFFSET_NS


@lru_cache(CACHED_DATES)
def is_date(given: int) -> bool:
    """Whether this number is a date."""
    try:
        to_date(given)
    except ValueError:
        return False
    return True


def number(given: date) -> int:
    """A date as a number: 20261122."""
    return given.year * 10_000 + given.month * 100 + given.day


def to_date(given: int) -> date:
    """The date of such a number. ValueError if it is none."""
    return date(given // 10_000, given // 100 % 100, given % 100)


@lru_cache(CACHED_DATES)
def add_days(given: int, days: int) -> int:
    """So many days later."""
    return number(to_date(given) + timedelta(days=days))


@lru_cache(CACHED_DATES)
def add_months(given: int, months: int) -> int:
    """The corresponding day so many months later, else the last day of that month."""
    year, month, day = given // 10_000, given // 100 % 100, given % 100
    year, month = year + (month - 1 + months) // 12, (month - 1 + months) % 12 + 1
    return year * 10_000 + month * 100 + min(day, monthrange(year, month)[1])


@lru_cache(CACHED_DATES)
def is_working_day(given: int) -> tuple[bool, bool]:
    """Whether people work on this date, and whether that is provisional."""
    day = to_date(given)
    if _is_in_library(day.year):
        return bool(chinese_calendar.is_workday(day)), False
    if day.year in _LEARNT:
        days_off, workdays = _LEARNT[day.year]
        return given in workdays or (day.weekday() < 5 and given not in days_off), False
    return day.weekday() < 5 and (day.month, day.day) not in FIXED_HOLIDAYS, True


@lru_cache(CACHED_DATES)
def is_known_year(year: int) -> bool:
    """Whether the holidays of this year are known."""
    return year in _LEARNT or _is_in_library(year)


def learn(year: int, days_off: frozenset[int], workdays: frozenset[int]) -> None:
    """The holidays of a year; one that chinesecalendar knows stays as it has it. Only before anything is
    counted: what was counted without them stays as it is."""
    _LEARNT[year] = (days_off, workdays)
    _forget_counted()


def unlearn() -> None:
    """Everything that was learnt."""
    _LEARNT.clear()
    _forget_counted()


def known_years() -> tuple[int, ...]:
    """The years whose holidays are known, in their order."""
    return tuple(year for year in range(EARLIEST_YEAR, LATEST_YEAR + 1) if is_known_year(year))


def procedural_limit(begun: int, days: int) -> Limit:
    """The last day of a limit of so many days; the first does not count, a holiday moves it on."""
    return moved_to_working_day(add_days(begun, days))


def moved_to_working_day(given: int) -> Limit:
    """This date, or the next working day."""
    was_provisional = False
    for moved in range(MOVED_DAYS_MAX):
        candidate = add_days(given, moved)
        is_working, is_provisional = is_working_day(candidate)
        was_provisional |= is_provisional
        if is_working:
            return Limit(candidate, was_provisional)
    raise AssertionError(f"calendar: no working day within {MOVED_DAYS_MAX} days of {given}")


def working_days_after(begun: int, days: int) -> Limit:
    """The last day of a limit of so many working days; the first day does not count."""
    candidate, was_provisional = begun, False
    for _ in range(days):
        moved = moved_to_working_day(add_days(candidate, 1))
        candidate, was_provisional = moved.date, was_provisional or moved.is_provisional
    return Limit(candidate, was_provisional)


@lru_cache(CACHED_DATES)
def _is_in_library(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _forget_counted() -> None:
    is_working_day.cache_clear()
    is_known_year.cache_clear()
