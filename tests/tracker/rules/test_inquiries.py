"""Inquiries: each debtor by an inquiry that says so, and nobody by one that does not."""

from tests.tracker.rules.build import event
from tracker.model import Event
from tracker.rules.inquiries import latest_full


def asked(event_id: str, day: int, subject: int = 0, *, is_full: bool = True) -> Event:
    return event("online_inquiry", day, event_id, is_full=is_full, subject=subject)


def ids(subject_count: int, *inquiries: Event) -> list[str]:
    return [one.event_id for one in latest_full(inquiries, subject_count)]


def test_the_latest_about_each_debtor_is_given_the_oldest_first() -> None:
    told = (asked("a", 1, 1), asked("b", 2, 2), asked("c", 3, 1))
    assert ids(2, *told) == ["b", "c"]
    assert ids(3, *told) == []


def test_an_inquiry_that_was_not_full_or_tells_nobody_counts_for_none_of_several() -> None:
    assert ids(2, asked("a", 1, 1), asked("b", 2)) == []
    assert ids(2, asked("a", 1, 1), asked("b", 2, 2, is_full=False)) == []


def test_with_one_debtor_or_unknown_ones_the_latest_full_one_counts() -> None:
    told = (asked("a", 1), asked("b", 2), asked("c", 3, is_full=False))
    assert ids(0, *told) == ids(1, *told) == ["b"]
    assert ids(0) == []
