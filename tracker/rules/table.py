"""Table: reads one table of a TOML file with what may stand in it, and collects what is wrong.

Every getter returns something usable, so that reading goes on and all mistakes are found at once. It knows
TOML's types and no law.
"""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import cast

from runtime import calendar
from tracker.rules.rule import Limit
from tracker.rules.words import DAYS, MONTHS, UNITS, WORKING_DAYS

# Ten years of days and of working days, fifty of months; what is longer is a slip of the keyboard.
LIMIT_MAX = {DAYS: 3_660, WORKING_DAYS: 2_500, MONTHS: 600}
TEXT_CHARACTERS_MAX = 1_000
SHOWN_CHARACTERS_MAX = 60


class Faults:
    """What is wrong with the files, in the order in which it was found."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, where: str, what: str) -> None:
        """One mistake at one place."""
        self.lines.append(f"{where}: {what}")

    def document(self, name: str, text: str) -> "Table":
        """A whole file; an empty one if it is no TOML."""
        try:
            return Table(self, name, tomllib.loads(text))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            self.add(name, str(error))
            return Table(self, name, {})


class Table:
    """A table, and where it stands. Fields that nobody asked for are mistakes: call `done` at the end."""

    def __init__(self, faults: Faults, where: str, fields: Mapping[str, object]) -> None:
        self.where = where
        self._faults = faults
        self._fields = fields
        self._asked: set[str] = set()

    def fault(self, what: str) -> None:
        """A mistake in this table."""
        self._faults.add(self.where, what)

    def has(self, name: str) -> bool:
        """Whether the field stands there."""
        return name in self._fields

    def named(self, where: str) -> "Table":
        """The same table under a better name."""
        self.where = where
        return self

    def text(self, name: str, default: str | None = None) -> str:
        """A string; it must stand there unless there is a default."""
        found = self._take(name, default is None)
        if found is None:
            return default or ""
        if not isinstance(found, str) or len(found) > TEXT_CHARACTERS_MAX:
            self.fault(
                f"{name}: {_shown(found)} given, a text of at most {TEXT_CHARACTERS_MAX} characters needed"
            )
            return default or ""
        return found

    def choice(self, name: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of these words."""
        found = self.text(name, default)
        if found not in allowed and (name in self._fields or default is None):
            if name in self._fields:
                self.fault(f"{name}: {_shown(found)} given, one of {', '.join(allowed)} needed")
            return default if default is not None else next(iter(allowed))
        return found

    def integer(self, name: str, lowest: int, highest: int) -> int:
        """A whole number between these."""
        found = self._take(name, True)
        if found is None:
            return lowest
        if isinstance(found, bool) or not isinstance(found, int) or not lowest <= found <= highest:
            self.fault(f"{name}: {_shown(found)} given, {lowest} to {highest} allowed")
            return lowest
        return found

    def integers(self, name: str, lowest: int, highest: int) -> tuple[int, ...]:
        """A list of whole numbers between these."""
        found = self._take(name, True)
        if not isinstance(found, list) or not found:
            if found is not None:
                self.fault(f"{name}: {_shown(found)} given, a list of numbers needed")
            return ()
        wrong = [one for one in found if type(one) is not int or not lowest <= one <= highest]
        if wrong:
            self.fault(f"{name}: {_shown(wrong[0])} given, {lowest} to {highest} allowed")
        return tuple(one for one in found if one not in wrong)

    def words(self, name: str, allowed: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of words, each one of these."""
        found = self._take(name, True)
        if found is None:
            return ()
        if not isinstance(found, list) or any(not isinstance(one, str) for one in found):
            self.fault(f"{name}: {_shown(found)} given, a list of words needed")
            return ()
        for one in found:
            if allowed is not None and one not in allowed:
                self.fault(f"{name}: {_shown(one)} given, one of {', '.join(allowed)} needed")
        return tuple(one for one in found if allowed is None or one in allowed)

    def day(self, name: str, default: int) -> int:
        """A date."""
        found = self._take(name, False)
        if found is None:
            return default
        if not isinstance(found, date) or isinstance(found, datetime):
            self.fault(f"{name}: {_shown(found)} given, a date such as 2022-04-10 needed")
            return default
        return calendar.number(found)

    def limit(self, name: str, units: Collection[str] = UNITS) -> Limit | None:
        """A limit such as { days = 7 }; None if it does not stand there."""
        found = self._take(name, False)
        if found is None:
            return None
        row = self._row(name, found)
        if row is None:
            return None
        limit = row.amount(units)
        row.done()
        return limit

    def amount(self, units: Collection[str] = UNITS) -> Limit | None:
        """The one unit of a limit that stands in this table, and how many of it."""
        given = [unit for unit in UNITS if self.has(unit)]
        if len(given) != 1 or given[0] not in units:
            self._asked.update(given)
            self.fault(f"{', '.join(given) or 'nothing'} given, one of {', '.join(units)} needed")
            return None
        before = len(self._faults.lines)
        count = self.integer(given[0], 1, LIMIT_MAX[given[0]])
        return Limit(count, given[0]) if len(self._faults.lines) == before else None

    def table(self, name: str) -> "Table":
        """A table within this one."""
        found = self._take(name, True)
        return self._row(name, found if found is not None else {}) or Table(self._faults, self.where, {})

    def rows(self, name: str) -> Iterator["Table"]:
        """The tables of a list; at least one."""
        found = self._take(name, True)
        if found is None:
            return
        if not isinstance(found, list):
            self.fault(f"{name}: {_shown(found)} given, a list of tables needed")
            return
        for index, one in enumerate(found):
            row = self._row(f"{name} {index + 1}", one)
            if row is not None:
                yield row

    def done(self) -> None:
        """Nobody asked for the rest: unknown fields."""
        for name in self._fields:
            if name not in self._asked:
                self.fault(f"{name}: unknown field")

    def _take(self, name: str, needed: bool) -> object:
        self._asked.add(name)
        if name not in self._fields and needed:
            self.fault(f"{name}: missing")
        return self._fields.get(name)

    def _row(self, name: str, found: object) -> "Table | None":
        if not isinstance(found, dict):
            self.fault(f"{name}: {_shown(found)} given, a table needed")
            return None
        return Table(self._faults, f"{self.where}: {name}", cast("Mapping[str, object]", found))


def _shown(found: object) -> str:
    text = repr(found)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else f"{text[:SHOWN_CHARACTERS_MAX]}..."
