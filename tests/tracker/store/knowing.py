"""Knowing: processes that know the holidays of a year and processes that do not, in one: the calendar learns
and forgets, with all that was counted from it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import pytest

from runtime import calendar
from tracker.rules import counting, days
from tracker.store import calendars

# Filed so that six months end within the first days of October of a year that nobody knows yet.
YEAR: Final = 2087
FILED: Final = 20870402
NOW_OF_YEAR_NS: Final = calendar.midnight_ns(20870501)
# 2 October is off in every year, and a Thursday; the 3rd is off too, then comes a weekend. Whoever knows the
# year knows that the Monday after it is off as well.
PROVISIONALLY: Final = (20871006, True)
KNOWN: Final = (20871007, False)
OFF: Final = frozenset(
    {YEAR * 10_000 + month * 100 + day for month, day in calendar.FIXED_HOLIDAYS} | {20871006}
)


@lru_cache(1)
def of_library() -> dict[int, int]:
    """The years that the library knows; they are many, and stay."""
    calendar.unlearn()
    calendars.ours.cache_clear()
    return dict(calendars.ours())


class Knowing:
    """What the calendar knows besides the library's years."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._years: dict[int, int] = {}
        library = of_library()
        monkeypatch.setattr(calendars, "ours", lambda: library | self._years)

    def learn(self, years: Mapping[int, frozenset[int]] | None = None) -> None:
        """Days off by year, of YEAR alone if nothing is given; nothing else is known."""
        self.forget()
        for year, days_off in ({YEAR: OFF} if years is None else years).items():
            calendar.learn(year, days_off, frozenset())
            self._years[year] = calendars.whole(year)

    def forget(self) -> None:
        """The library's years alone are known."""
        calendar.unlearn()
        for one in (counting.duty, counting.window, counting.term, counting.advance, days.table):
            one.cache_clear()
        self._years.clear()
