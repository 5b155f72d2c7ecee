"""Rounds of inquiries: over when nothing was found of any debtor, once each, however often they are told."""

from hypothesis import given
from hypothesis import strategies as st

from tracker.follow.asked import Asked, Rounds


def over(told: list[Asked], subject_count: int = 2) -> list[str]:
    """The inquiries with which a round is over."""
    rounds, found = Rounds(), []
    for one in told:
        if rounds.are_over_with(one, subject_count):
            found.append(one.inquiry)
        rounds.add(one)
    return found


def asked(subject: int, inquiry: int, *, on: int = 20261120, is_nothing: bool = True) -> Asked:
    return Asked(subject, str(inquiry), on, is_nothing)


def test_a_round_is_over_with_the_last_debtor_and_the_next_begins() -> None:
    told = [asked(0, 1), asked(1, 2), asked(0, 3), asked(0, 4), asked(1, 5)]
    assert over(told) == ["2", "5"]
    assert over(told, 1) == ["1", "3", "4"]
    assert over(told, 3) == []
    assert over(told, 0) == []


def test_the_latest_inquiry_about_a_debtor_counts() -> None:
    assert over([asked(0, 1), asked(0, 2, is_nothing=False), asked(1, 3)]) == []
    assert over([asked(0, 1), asked(0, 2, is_nothing=False), asked(1, 3), asked(0, 4)]) == ["4"]


def test_inquiries_that_lie_far_apart_are_no_round() -> None:
    assert over([asked(0, 1, on=20260501), asked(1, 2)]) == []
    assert over([asked(0, 1, on=20260501), asked(1, 2), asked(0, 3)]) == ["3"]


def test_somebody_who_is_not_of_the_case_is_no_debtor() -> None:
    assert over([asked(0, 1), asked(5, 2)]) == []


_TOLD = st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=12)


@given(_TOLD, st.integers(1, 3), st.data())
def test_what_is_told_again_says_what_it_said(
    made: list[tuple[int, bool]], subject_count: int, data: st.DataObject
) -> None:
    told = [
        asked(subject, number, is_nothing=is_nothing) for number, (subject, is_nothing) in enumerate(made)
    ]
    rounds = Rounds()
    for one in told:
        rounds.add(one)
    again = [one.inquiry for one in told if rounds.are_over_with(one, subject_count)]
    assert again == over(told, subject_count)
    for one in told:
        rounds.add(one)
        assert rounds.are_over_with(one, subject_count) == (one.inquiry in again)
    if told:
        other = data.draw(st.sampled_from(told))._replace(is_nothing=True, subject=0)
        assert rounds.are_over_with(other, subject_count) == (other.inquiry in again)
