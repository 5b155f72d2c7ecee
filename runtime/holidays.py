"""Holidays: reads the days off and make-up workdays of years that chinesecalendar does not know yet.

A file has a table for each year, as the State Council's notice says it; all mistakes are told at once. It
decides nothing: what a working day is runtime.calendar says.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from runtime import calendar

FIRST_YEAR: Final = 2026
KEYS: Final = frozenset({"year", "basis", "days_off", "workdays"})
# A notice names some thirty days off and seven workdays.
DAYS_MAX: Final = 100
SATURDAY: Final = 5


class HolidaysError(ValueError):
    """A file of holidays is wrong. `faults` has one line for each mistake."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("holidays: " + "; ".join(faults))


@dataclass(frozen=True, slots=True)
class Year:
    """Days off, weekends among them or not, and the days of weekends on which people work."""

    year: int
    days_off: frozenset[int]
    workdays: frozenset[int]


def learn(path: Path | None) -> None:
    """Have the calendar know the years of this file, before anything is counted. HolidaysError."""
    if path is not None:
        for one in read_file(path):
            calendar.learn(one.year, one.days_off, one.workdays)


def read_file(path: Path) -> list[Year]:
    """The years of a file. HolidaysError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HolidaysError([f"{path}: {type(error).__name__}; must be a readable TOML file"]) from None
    return read(text)


def read(text: str) -> list[Year]:
    """The years of such a text. HolidaysError."""
    try:
        given = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise HolidaysError([f"not TOML: {error}"]) from None
    tables = given.pop("holidays", [])
    faults = [f"{key}: unknown key; must be [[holidays]]" for key in given]
    if not isinstance(tables, list) or not tables or not all(isinstance(one, dict) for one in tables):
        raise HolidaysError([*faults, "holidays: must be a table [[holidays]] for each year"])
    years = [_year(f"holidays[{place}]", one, faults) for place, one in enumerate(tables)]
    numbers = [one.year for one in years]
    faults += [f"year: {year} is there twice" for year in sorted(set(numbers)) if numbers.count(year) > 1]
    if faults:
        raise HolidaysError(faults)
    return years


def _year(path: str, given: dict[str, Any], faults: list[str]) -> Year:
    faults += [f"{path}.{key}: unknown key; must be of {sorted(KEYS)}" for key in given if key not in KEYS]
    year = given.get("year", 0)
    if type(year) is not int or not FIRST_YEAR <= year <= calendar.LATEST_YEAR:
        faults.append(f"{path}.year: {year!r} given; must be {FIRST_YEAR} to {calendar.LATEST_YEAR}")
        return Year(0, frozenset(), frozenset())
    if not isinstance(given.get("basis"), str) or not given["basis"].strip():
        faults.append(f"{path}.basis: must name the notice")
    days_off = _days(f"{path}.days_off", year, given.get("days_off", []), faults)
    workdays = _days(f"{path}.workdays", year, given.get("workdays", []), faults)
    missing = sorted({year * 10_000 + month * 100 + day for month, day in calendar.FIXED_HOLIDAYS} - days_off)
    faults += [f"{path}.days_off: {day} is missing; it is off in every year" for day in missing]
    faults += [f"{path}.workdays: {day} is a day off too" for day in sorted(days_off & workdays)]
    for day in sorted(workdays):
        if calendar.to_date(day).weekday() < SATURDAY:
            faults.append(f"{path}.workdays: {day} is no day of a weekend")
    return Year(year, days_off, workdays)


def _days(path: str, year: int, given: object, faults: list[str]) -> frozenset[int]:
    if not isinstance(given, list) or len(given) > DAYS_MAX:
        faults.append(f"{path}: must be a list of at most {DAYS_MAX} dates")
        return frozenset()
    return frozenset(_dates(path, year, given, faults))


def _dates(path: str, year: int, given: list[object], faults: list[str]) -> Iterator[int]:
    for one in given:
        if not isinstance(one, date) or isinstance(one, datetime) or one.year != year:
            faults.append(f"{path}: {one} given; must be dates of {year} such as {year}-10-01")
        else:
            yield calendar.number(one)
