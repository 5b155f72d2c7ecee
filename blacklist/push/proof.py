"""Proof: who was told that somebody was taken off the list, who has confirmed it, and who is late.

Pure: it reads what the ledger kept of each unit, by day. It names no subject.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from blacklist.push.deadlines import due
from blacklist.push.marks import Failure


@dataclass(frozen=True, slots=True)
class Left:
    """What a unit says of a change that it left out. `settled`: the date that it was carried out after all;
    0: not yet."""

    failure: Failure
    settled: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What the ledger kept of one unit about one change: the dates on which its own marks reached it."""

    told: int = 0
    reached: int = 0
    left: Left | None = None


NOTHING: Final = Kept()


@dataclass(frozen=True, slots=True)
class UnitProof:
    """What one unit did about one removal. Dates; 0: not yet."""

    unit: str
    told: int
    confirmed: int
    due: int
    is_late: bool
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Ways:
    """Who is asked: the units of the day, whom each of them succeeds, and how many working days each has."""

    units: Collection[str]
    predecessors: Callable[[str], Sequence[str]]
    working_days: Callable[[str], int]


def proofs(removed: int, kept: Mapping[str, Kept], ways: Ways, today: int) -> tuple[UnitProof, ...]:
    """What each unit did about a change that was made on the date `removed`."""
    return tuple(_of_unit(unit, removed, kept, ways, today) for unit in ways.units)


def _of_unit(unit: str, removed: int, kept: Mapping[str, Kept], ways: Ways, today: int) -> UnitProof:
    confirmed, told = _confirmed(unit, kept, ways), _told(unit, kept, ways)
    # Who has confirmed was told, whoever told him.
    told = min(told, confirmed) if told and confirmed else told or confirmed
    limit = due(removed, ways.working_days(unit)).date
    failure = None if confirmed else _failure(unit, kept, ways)
    return UnitProof(unit, told, confirmed, limit, (confirmed or today) > limit, failure)


def _confirmed(unit: str, kept: Mapping[str, Kept], ways: Ways) -> int:
    """The date; a successor's is that of the last of those it succeeds, if all of them have confirmed."""
    before = [_confirmed(one, kept, ways) for one in ways.predecessors(unit)]
    if before and all(before):
        return max(before)
    own = kept.get(unit, NOTHING)
    return own.left.settled if own.left else own.reached


def _told(unit: str, kept: Mapping[str, Kept], ways: Ways) -> int:
    before = [_told(one, kept, ways) for one in ways.predecessors(unit)]
    return max(before) if before and all(before) else kept.get(unit, NOTHING).told


def _failure(unit: str, kept: Mapping[str, Kept], ways: Ways) -> Failure | None:
    left = kept.get(unit, NOTHING).left
    if left is not None:
        return None if left.settled else left.failure
    told = (_failure(one, kept, ways) for one in ways.predecessors(unit))
    return next((one for one in told if one is not None), None)
