"""Deadlines: by when a unit has to acknowledge a removal, and how late it is.

Pure. A deadline counts working days of the court calendar from the day of the removal, which does not count
itself. It does not matter whether the unit was told: it is to ask.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from blacklist.push.marks import Mark
from runtime.calendar import Limit, add_days, date_of_day, day_of_date, is_working_day, working_days_after

# How far back and how late working days are counted.
DAYS_BACK_MAX: Final = 400


class Open(NamedTuple):
    """Removals of one day that a unit has not acknowledged. `day` counts from 1970."""

    day: int
    removal_count: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one unit on a day. `due`: by when its oldest open removal is to be acknowledged; 0: none is open."""

    unit: str
    mark: Mark
    working_days: int
    open_removals: int = 0
    overdue_removals: int = 0
    due: int = 0
    late_working_days: int = 0
    is_provisional: bool = False


def standing(unit: str, mark: Mark, left: Iterable[Open], working_days: int, today: int) -> Standing:
    """How a unit stands that has left these removals open."""
    counted = [one for one in left if one.removal_count]
    if not counted:
        return Standing(unit, mark, working_days)
    in_time = day_of_date(first_day_in_time(today, working_days))
    oldest = date_of_day(min(one.day for one in counted))
    limit = due(oldest, working_days)
    return Standing(
        unit,
        mark,
        working_days,
        sum(one.removal_count for one in counted),
        sum(one.removal_count for one in counted if one.day < in_time),
        limit.date,
        late_by(limit.date, today),
        limit.is_provisional,
    )


def due(removed: int, working_days: int) -> Limit:
    """By when a removal of this date is to be acknowledged."""
    return working_days_after(removed, working_days)


def late_by(due_date: int, today: int) -> int:
    """Working days from a deadline to today, at most those of DAYS_BACK_MAX days."""
    first = max(day_of_date(due_date), day_of_date(today) - DAYS_BACK_MAX) + 1
    return sum(is_working_day(date_of_day(day))[0] for day in range(first, day_of_date(today) + 1))


def first_day_in_time(today: int, working_days: int) -> int:
    """The first date of which a removal need not have been acknowledged before today."""
    day = today
    for _ in range(DAYS_BACK_MAX):
        earlier = add_days(day, -1)
        if due(earlier, working_days).date < today:
            break
        day = earlier
    return day
