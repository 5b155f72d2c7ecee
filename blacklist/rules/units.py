"""Units: who acts on the list, by which measures, on which day.

The table is versioned by day: a unit that was merged into another hands its measures over on the day of the
succession and is no unit from then on. Four kinds of entries (bounds) are told apart, because their measures
differ: a listed person, a listed organisation, a person who is restricted alone or derived, an organisation
that is restricted alone.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from blacklist.model import Kind, Listing

MEASURE_COUNT: Final = 37
UNIT_COUNT: Final = 44
CATEGORY_COUNT: Final = 11
# The category of measures that restrict consumption.
CONSUMPTION: Final = "consumption"
# How a unit or a succession has its own deadline.
WORKING_DAYS: Final = "acknowledge_working_days"
WORKING_DAYS_MAX: Final = 60
ALL_UNITS: Final = "all"
APPLIES: Final = ("person", "organisation", "derived")

LISTED_PERSON: Final = 0
LISTED_ORGANISATION: Final = 1
RESTRICTED_PERSON: Final = 2
RESTRICTED_ORGANISATION: Final = 3
BOUND_COUNT: Final = 4

Measures = tuple[frozenset[int], frozenset[int], frozenset[int], frozenset[int]]


class UnitsError(ValueError):
    """The files cannot be used. `faults` has a line for each mistake."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("measures and units: " + "; ".join(faults))


@dataclass(frozen=True, slots=True)
class Measure:
    """One of the measures. `units` are those of the first version; succession says who carries on."""

    number: int
    key: str
    is_consumption: bool
    applies: frozenset[str]
    units: frozenset[str]


@dataclass(frozen=True, slots=True)
class Succession:
    """From this date on `to` carries on for each of `of`."""

    of: frozenset[str]
    to: str
    effective_from: int


@dataclass(frozen=True)
class Units:
    """The table with all its versions."""

    effective_from: int
    first: tuple[str, ...]
    measures: tuple[Measure, ...]
    successions: tuple[Succession, ...]
    # Of units that have another number of working days to acknowledge removals than the others.
    own_working_days: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def known(self) -> frozenset[str]:
        """Every unit that there ever was."""
        return frozenset(self.first) | {one.to for one in self.successions}

    def on(self, date: int) -> tuple[str, ...]:
        """The units of that day, in their order; a successor stands where its first predecessor stood."""
        if date < self.effective_from:
            return ()
        heirs = self._heirs(date)
        return tuple(dict.fromkeys(heirs.get(unit, unit) for unit in self.first))

    def successor(self, unit: str, date: int) -> str:
        """Who acts for a unit on that day: mostly itself."""
        return self._heirs(date).get(unit, unit)

    def predecessors(self, unit: str, date: int) -> tuple[str, ...]:
        """Those that a unit succeeds since that day or before, not those that these had succeeded."""
        found = [one.of for one in self.successions if one.to == unit and one.effective_from <= date]
        return tuple(sorted(frozenset[str]().union(*found)))

    def working_days(self, unit: str, default: int) -> int:
        """In how many a unit acknowledges removals."""
        return self.own_working_days.get(unit, default)

    def binding(self, unit: str, date: int) -> Measures:
        """For each bound the numbers of the measures that bind a unit; none for who is no unit that day."""
        if unit not in self.on(date):
            return (frozenset(), frozenset(), frozenset(), frozenset())
        heirs = self._heirs(date)
        ours = [
            one
            for one in self.measures
            if ALL_UNITS in one.units or unit in {heirs.get(name, name) for name in one.units}
        ]
        return (
            _numbers(one for one in ours if "person" in one.applies),
            _numbers(one for one in ours if "organisation" in one.applies),
            _numbers(one for one in ours if one.is_consumption and "derived" in one.applies),
            _numbers(one for one in ours if one.is_consumption and "organisation" in one.applies),
        )

    def _heirs(self, date: int) -> dict[str, str]:
        heirs: dict[str, str] = {}
        for one in self.successions:
            if one.effective_from <= date:
                # A successor may be succeeded in its turn; successions stand in the order of their days.
                heirs = {unit: one.to if heir in one.of else heir for unit, heir in heirs.items()}
                heirs |= dict.fromkeys(one.of, one.to)
        return heirs


def bound_of(listing: Listing) -> int:
    """Whom an entry binds, and so by which measures."""
    if listing.kind is Kind.LISTED:
        return LISTED_ORGANISATION if listing.subject.is_organisation else LISTED_PERSON
    return RESTRICTED_ORGANISATION if listing.subject.is_organisation else RESTRICTED_PERSON


def load(measures_text: str, units_text: str) -> Units:
    """The table of both files. UnitsError."""
    faults: list[str] = []
    try:
        measures, units = tomllib.loads(measures_text), tomllib.loads(units_text)
    except tomllib.TOMLDecodeError as error:
        raise UnitsError([f"not TOML: {error}"]) from None
    first = tuple(str(row.get("key", "")) for row in units.get("unit", ()))
    if len(set(first)) != UNIT_COUNT or "" in first:
        faults.append(f"unit: {len(set(first))} keys given, must be {UNIT_COUNT}")
    successions = _successions(units.get("succession", ()), first, faults)
    found = Units(
        _date(units.get("effective_from")),
        first,
        _measures(measures, first, faults),
        successions,
        _working_days(units, faults),
    )
    if not found.effective_from:
        faults.append("effective_from: must be a date")
    if faults:
        raise UnitsError(faults)
    return found


def _measures(whole: Mapping[str, Any], first: tuple[str, ...], faults: list[str]) -> tuple[Measure, ...]:
    categories = {row.get("number"): row.get("key") for row in whole.get("category", ())}
    if len(categories) != CATEGORY_COUNT or CONSUMPTION not in categories.values():
        faults.append(
            f"category: {len(categories)} given, must be {CATEGORY_COUNT}, {CONSUMPTION} among them"
        )
    measures = []
    for row in whole.get("measure", ()):
        number, place = row.get("number"), f"measure {row.get('number')}"
        applies, units = frozenset(row.get("applies", ())), frozenset(row.get("units", ()))
        is_consumption = categories.get(row.get("category")) == CONSUMPTION
        if row.get("category") not in categories:
            faults.append(f"{place}: category {row.get('category')} given, must be one of the file")
        if not applies or not applies <= set(APPLIES):
            faults.append(f"{place}: applies must be some of {', '.join(APPLIES)}")
        if not units or not units <= {*first, ALL_UNITS}:
            faults.append(f"{place}: units must be keys of units.toml")
        if ("derived" in applies) != (is_consumption and "person" in applies):
            # Who is restricted alone and who is derived share a bound.
            faults.append(
                f"{place}: must apply to derived subjects just if it restricts persons' consumption"
            )
        measures.append(Measure(number, str(row.get("key", "")), is_consumption, applies, units))
    if [one.number for one in measures] != list(range(1, MEASURE_COUNT + 1)):
        faults.append(f"measure: numbers must be 1 to {MEASURE_COUNT} in order")
    return tuple(measures)


def _successions(
    rows: Iterable[Mapping[str, Any]], first: tuple[str, ...], faults: list[str]
) -> tuple[Succession, ...]:
    successions: list[Succession] = []
    known = set(first)
    for row in rows:
        one = Succession(
            frozenset(row.get("from", ())), str(row.get("to", "")), _date(row.get("effective_from"))
        )
        if not one.of or not one.of <= known or not one.to or one.to in known or not one.effective_from:
            faults.append(f"succession to {one.to or 'nobody'}: from, to and effective_from must be of units")
        known.add(one.to)
        successions.append(one)
    return tuple(sorted(successions, key=lambda one: one.effective_from))


def _working_days(whole: Mapping[str, Any], faults: list[str]) -> dict[str, int]:
    """Of units, and of those that succeed some; whoever has none has the default."""
    rows = [(row.get("key"), row) for row in whole.get("unit", ())]
    rows += [(row.get("to"), row) for row in whole.get("succession", ())]
    found = {str(key): row[WORKING_DAYS] for key, row in rows if WORKING_DAYS in row}
    for key, days in found.items():
        if not isinstance(days, int) or not 1 <= days <= WORKING_DAYS_MAX:
            faults.append(f"{key}: {WORKING_DAYS} {days} given, must be 1 to {WORKING_DAYS_MAX}")
    return found


def _numbers(measures: Iterable[Measure]) -> frozenset[int]:
    return frozenset(one.number for one in measures)


def _date(found: Any) -> int:
    return found.year * 10_000 + found.month * 100 + found.day if hasattr(found, "year") else 0
