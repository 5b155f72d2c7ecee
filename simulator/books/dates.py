"""Dates: legal days are Beijing days (UTC+8), counted as date.toordinal counts.

A term of months begins with a day that does not count and lasts through the corresponding day, else through
the month's last. The simulator's own, so that a day too many in the gateway's calendar cannot hide behind
the same day here. Pure. It knows no holidays: the term of a hold never moves.
"""

from datetime import date
from functools import lru_cache

DAY_NS = 86_400_000_000_000
BEIJING_NS = 8 * 3_600_000_000_000
# 1970-01-01.
EPOCH_DAY = 719_163
# Days and terms that are asked for again and again; one that fell out is reckoned anew.
KEPT = 4096
_LAST_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def day_of(now_ns: int) -> int:
    return EPOCH_DAY + (now_ns + BEIJING_NS) // DAY_NS


def start_ns(day: int) -> int:
    """The midnight with which it begins."""
    return (day - EPOCH_DAY) * DAY_NS - BEIJING_NS


@lru_cache(KEPT)
def number_of(day: int) -> int:
    """As contracts write it: yyyymmdd; 0 for no day."""
    if not day:
        return 0
    when = date.fromordinal(day)
    return when.year * 10_000 + when.month * 100 + when.day


@lru_cache(KEPT)
def months_after(day: int, months: int) -> int:
    """The last day of a term that begins on `day`. OverflowError after the year 9999."""
    when = date.fromordinal(day)
    place = when.year * 12 + when.month - 1 + months
    year, month = divmod(place, 12)
    if year > date.max.year:
        raise OverflowError(f"months: {months} given, beyond the calendar")
    is_leap = month == 1 and ((year % 4 == 0 and year % 100 != 0) or year % 400 == 0)
    last = 29 if is_leap else _LAST_DAYS[month]
    return date(year, month + 1, min(when.day, last)).toordinal()


def next_monthly(day: int, day_of_month: int) -> int:
    """The first day after `day` with this number, 1 to 28."""
    when = date.fromordinal(day)
    if when.day < day_of_month:
        return day + day_of_month - when.day
    place = when.year * 12 + when.month
    return date(place // 12, place % 12 + 1, day_of_month).toordinal()
