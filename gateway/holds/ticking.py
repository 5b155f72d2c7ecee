"""Ticking: what time alone brings: FREEZEs past their deadline, holds past their last day, standing orders
once a day.

Interest needs no tick: due is reckoned for the day of the step. A step takes so much of what is due that it
stays a frame.
"""

from typing import Final

from gateway.holds import apply
from gateway.holds.book import Book
from gateway.holds.forgetting import forget
from gateway.holds.lapse import lapse

# About 20 bytes each.
TICKED_MAX: Final = 4_096


def tick(book: Book) -> None:
    """Make facts of what is due."""
    _overdue(book)
    _lapse(book)
    _stand(book)
    forget(book)


def _overdue(book: Book) -> None:
    timetable = book.timetable
    taken = book.open_draft().taken
    for due_ns, hold_id in timetable.overdue(book.now_ns, TICKED_MAX):
        taken.append((timetable.put_back, (due_ns, hold_id)))
        hold = book.holds.get(hold_id)
        if hold is None or not hold.is_flying or hold.overdue:
            continue
        if hold.clock_ns + book.limits.unknown_after_ns <= book.now_ns:
            fact = book.fact().overdue
            fact.hold_id = hold_id
            apply.overdue(book, fact)


def _lapse(book: Book) -> None:
    timetable = book.timetable
    taken = book.open_draft().taken
    for until, hold_id in timetable.ended(book.today, TICKED_MAX):
        if hold_id not in book.holds:
            continue
        taken.append((timetable.last_day, (until, hold_id)))
        lapse(book, hold_id)


def _stand(book: Book) -> None:
    timetable = book.timetable
    if not timetable.standing or timetable.standing_day >= book.day:
        return
    book.open_draft().taken.append((timetable.set_standing_day, (timetable.standing_day,)))
    timetable.set_standing_day(book.day)
    for number in sorted(timetable.standing):
        book.touched[number] = None
