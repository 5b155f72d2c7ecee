"""Days: the calendar as arrays, for counting millions of limits at once.

Pure; made of runtime.calendar alone, and a property test compares the two. A day is a number of days since
1970, 0 or less is none; outside of the years here nothing is known, and `is_known` says so.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runtime import calendar
from tracker.rules.rule import Limit
from tracker.rules.words import DAYS, MONTHS

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FIRST_YEAR: Final = 1990
# Clocks that start today end before it even with a limit of fifty years.
LAST_YEAR: Final = 2100
# Beyond the last month, so that a sum of months is looked up before it is judged.
MONTHS_BEYOND: Final = 1_024


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """The tables. `first` is the first known day; the others begin with it."""

    first: int
    dates: Ints
    # The next working day, and whether that rests on holidays that are not known.
    working: Ints
    is_provisional: Bools
    # Working days in order, and how many days of unknown years there are up to each day.
    working_days: Ints
    unknown: Ints
    # By month since the first year: its first day, and how many it has.
    month_first: Ints
    month_length: Ints

    def is_known(self, days: Ints) -> Bools:
        """Whether the tables reach to these days, and a month further."""
        return (days >= self.first) & (days < self.first + len(self.dates) - calendar.MOVED_DAYS_MAX)

    def of_dates(self, dates: Ints) -> Ints:
        """Days of dates such as 20261122; 0 for those of other years."""
        month = self._month(dates)
        is_inside = (dates // 10_000 >= FIRST_YEAR) & (dates // 10_000 <= LAST_YEAR)
        return np.where(is_inside, self.month_first[np.where(is_inside, month, 0)] + dates % 100 - 1, 0)

    def to_dates(self, days: Ints) -> Ints:
        """Dates of known days."""
        return self.dates[days - self.first]

    def advance(self, dates: Ints, limit: Limit) -> Ints:
        """The days on which limits end that began on these dates; not moved."""
        if limit.unit == MONTHS:
            month = self._month(dates) + limit.amount
            return self.month_first[month] + np.minimum(dates % 100, self.month_length[month]) - 1
        started = self.of_dates(dates)
        if limit.unit == DAYS:
            return started + limit.amount
        at = np.searchsorted(self.working_days, started, side="right") + limit.amount - 1
        found: Ints = self.working_days[np.minimum(at, len(self.working_days) - 1)]
        return found

    def moved(self, days: Ints) -> tuple[Ints, Bools]:
        """These days or the next working ones, and whether that is provisional."""
        at = days - self.first
        return self.working[at], self.is_provisional[at]

    def passes_unknown(self, since: Ints, until: Ints) -> Bools:
        """Whether a day of an unknown year lies after `since` and up to `until`."""
        return self.unknown[until - self.first] > self.unknown[since - self.first]

    def _month(self, dates: Ints) -> Ints:
        month = (dates // 10_000 - FIRST_YEAR) * 12 + dates // 100 % 100 - 1
        clipped: Ints = np.clip(month, 0, (LAST_YEAR - FIRST_YEAR + 1) * 12 - 1)
        return clipped


@lru_cache(1)
def table() -> Days:
    """The tables of this calendar; made once in a process."""
    first = date(FIRST_YEAR, 1, 1).toordinal() - calendar.EPOCH_ORDINAL
    last = date(LAST_YEAR, 12, 31).toordinal() - calendar.EPOCH_ORDINAL
    dates = [
        calendar.number(date.fromordinal(calendar.EPOCH_ORDINAL + day)) for day in range(first, last + 1)
    ]
    known = [calendar.is_working_day(day) for day in dates]
    is_working = np.array([one for one, _ in known], dtype=np.bool_)
    is_unknown = np.array([one for _, one in known], dtype=np.bool_)
    working, is_provisional = _next_working(first, is_working, is_unknown)
    month_first, month_length = _months()
    return Days(
        first=first,
        dates=np.array(dates, dtype=np.int64),
        working=working,
        is_provisional=is_provisional,
        working_days=first + np.flatnonzero(is_working),
        unknown=np.cumsum(is_unknown),
        month_first=month_first,
        month_length=month_length,
    )


def _next_working(first: int, is_working: Bools, is_unknown: Bools) -> tuple[Ints, Bools]:
    """From the last day backwards: a day off goes to where the day after it goes."""
    working = np.zeros(len(is_working), dtype=np.int64)
    is_provisional = is_unknown.copy()
    following, follows_unknown = first + len(is_working), True
    for at in range(len(is_working) - 1, -1, -1):
        if is_working[at]:
            following, follows_unknown = first + at, bool(is_unknown[at])
        else:
            follows_unknown = follows_unknown or bool(is_unknown[at])
            is_provisional[at] = follows_unknown
        working[at] = following
    return working, is_provisional


def _months() -> tuple[Ints, Ints]:
    count = (LAST_YEAR - FIRST_YEAR + 1) * 12 + MONTHS_BEYOND
    begin: Any = np.datetime64(f"{FIRST_YEAR}-01", "M")
    starts: Ints = (begin + np.arange(count + 1)).astype("datetime64[D]").astype(np.int64)
    return starts[:-1], np.diff(starts)
