"""Statistics: the arithmetic of figures, and what of them everybody may see. Pure; the store counts.

In the public form a count from 1 to 9 is left out, and so is every count from which it could be reckoned:
figures of which one is the sum of the others, or a part of another, never show all but a small one.
"""

from calendar import monthrange
from typing import Final, NamedTuple

# Overdue by so many months or more.
MONTHS: Final = (1, 2, 3, 6)
# Counts below it are small; 0 is none.
SMALL: Final = 10
# Each is a part of the one before it.
NESTED: Final = ("open", "overdue", "overdue_1", "overdue_2", "overdue_3", "overdue_6")
# The first is the sum of the others.
SUMMED: Final = ("done", "in_time", "late")


class Figures(NamedTuple):
    """Of one node at courts of one level. `days_sum`: from start to done, over all that are done."""

    open: int = 0
    done: int = 0
    in_time: int = 0
    late: int = 0
    days_sum: int = 0
    overdue: int = 0
    overdue_1: int = 0
    overdue_2: int = 0
    overdue_3: int = 0
    overdue_6: int = 0


def overdue_until(day: int, months: int) -> int:
    """The latest due day that is overdue by so many months on this day: its corresponding day so many months
    later, else the last of that month, has come."""
    year, month, number = day // 10_000, day // 100 % 100, day % 100
    is_last = number == monthrange(year, month)[1]
    year, month = year + (month - 1 - months) // 12, (month - 1 - months) % 12 + 1
    longest = monthrange(year, month)[1]
    return year * 10_000 + month * 100 + (longest if is_last else min(number, longest))


def public(figures: Figures) -> dict[str, int]:
    """The counts that everybody may see, by their names. `days_sum` is among them where `done` is."""
    given = figures._asdict()
    shown: dict[str, int] = {}
    larger: int | None = None
    for name in NESTED:
        count = given[name]
        if _is_small(count) or (larger is not None and _is_small(larger - count)):
            continue
        shown[name] = larger = count
    if not _is_small(given["done"]):
        shown.update(done=given["done"], days_sum=given["days_sum"])
    parts = {name: given[name] for name in SUMMED[1:]}
    if not any(_is_small(count) for count in parts.values()):
        shown.update(parts)
    return shown


def _is_small(count: int) -> bool:
    return 0 < count < SMALL
