"""Contribution: what one node adds to the tallies of its court, and to the list of what is due.

Pure. The same for a node that appears, and with the sign turned for one that goes away.
"""

from typing import Final, NamedTuple

from runtime.calendar import day_of_date
from tracker.store.standing import DONE, OPEN, Kept

ZERO: Final = (0, 0, 0, 0, 0)


class Figures(NamedTuple):
    """In the order of tables.FIGURES."""

    open: int
    done: int
    in_time: int
    late: int
    days_sum: int


def figures_of(node: Kept) -> Figures:
    """A node without a due day is done in time whenever it is done."""
    if node.state == OPEN:
        return Figures(1, 0, 0, 0, 0)
    if node.state != DONE:
        return Figures(*ZERO)
    is_late = 0 < node.due < node.done
    days = day_of_date(node.done) - day_of_date(node.start)
    return Figures(0, 1, int(not is_late), int(is_late), days)


def is_dated(node: Kept) -> bool:
    """Whether it is open and has a due day."""
    return node.state == OPEN and node.due > 0


def is_listed(node: Kept) -> bool:
    """Whether it stands among the due nodes: also what warns and has no due day."""
    return node.state == OPEN and bool(node.due or node.amber or node.red)


def leads_of(node: Kept) -> tuple[int, int]:
    """How many days before the due day amber and red begin; 0 without."""
    return leads_of_days(node.due, node.amber, node.red)


def leads_of_days(due: int, amber: int, red: int) -> tuple[int, int]:
    """The same of the three days alone."""
    last = day_of_date(due)
    return last - day_of_date(amber) if amber else 0, last - day_of_date(red) if red else 0
