"""Bindings: what a unit is to do on a day, as screening wants it; made once for each unit and day.

Who is no unit on that day is bound by nothing.
"""

from functools import lru_cache
from typing import Final

from blacklist.rules.units import Measures, Units
from blacklist.screening._snapshot import Binding
from runtime.calendar import date_of, date_of_day
from runtime.clock import now_ns
from runtime.errors import ForbiddenError

# Units, today and yesterday.
KEPT_MAX: Final = 256


class Bindings:
    """Of one table of units."""

    def __init__(self, units: Units) -> None:
        self.units = units
        self._made = lru_cache(KEPT_MAX)(self._make)

    def binding(self, unit: str, day: int) -> Binding:
        """`day` counts from 1970."""
        return self._made(unit, day)

    def measures(self, unit: str, day: int) -> list[list[int]]:
        """The same as numbers, by bound."""
        return [sorted(numbers) for numbers in self.units.binding(unit, date_of_day(day))]

    def today(self, unit: str) -> Measures:
        """By bound, for who follows. ForbiddenError for who is no unit today."""
        date = date_of(now_ns())
        self.check(unit, date)
        return self.units.binding(unit, date)

    def check(self, unit: str, date: int) -> None:
        """ForbiddenError for who is no unit on that date; it names the successor."""
        if unit not in self.units.on(date):
            heir = self.units.successor(unit, date)
            known = f"{heir} carries on for it" if heir != unit else "must be a key of the table"
            raise ForbiddenError(f"unit: the certificate's is no unit on {date}; {known}")

    def _make(self, unit: str, day: int) -> Binding:
        return Binding(self.measures(unit, day))
