"""Patrol: every six months for five years, and evenly over the days."""

import itertools
from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from runtime import calendar
from tests.tracker.rules.build import law
from tracker.rules import patrol


@given(st.text(min_size=1, max_size=20), st.dates(date(2016, 1, 1), date(2090, 1, 1)))
def test_case_is_asked_about_ten_times_half_a_year_apart(case_id: str, ended: date) -> None:
    ended_on = calendar.number(ended)
    found = patrol.days(law(), case_id, ended_on)
    assert len(found) == 10
    assert ended_on < found[0] <= calendar.add_months(ended_on, 6)
    assert calendar.add_months(ended_on, 53) < found[-1] <= calendar.add_months(ended_on, 60)
    numbers = [calendar.day_of_date(day) for day in found]
    assert all(178 <= later - sooner <= 184 for sooner, later in itertools.pairwise(numbers))


def test_cases_ended_on_one_day_are_spread_over_the_days() -> None:
    counts = Counter(patrol.days(law(), f"case-{at}", 20261231)[0] for at in range(18_100))
    assert len(counts) == 181
    # About a hundred a day; five deviations of an even draw are fifty.
    assert 50 < min(counts.values()) <= max(counts.values()) < 150


def test_next_day_is_the_first_later_one_and_there_is_a_last() -> None:
    found = patrol.days(law(), "case-1", 20260831)
    assert patrol.next_day(law(), "case-1", 20260831, 20260831) == found[0]
    assert patrol.next_day(law(), "case-1", 20260831, found[3]) == found[4]
    assert patrol.next_day(law(), "case-1", 20260831, found[-1]) == 0


def test_last_day_is_the_latest_that_has_come() -> None:
    found = patrol.days(law(), "case-1", 20260831)
    assert patrol.last_day(law(), "case-1", 20260831, calendar.add_days(found[0], -1)) == 0
    assert patrol.last_day(law(), "case-1", 20260831, found[0]) == found[0]
    assert patrol.last_day(law(), "case-1", 20260831, calendar.add_days(found[4], -1)) == found[3]
    assert patrol.last_day(law(), "case-1", 20260831, 20310831) == found[-1]


def test_after_the_five_years_nobody_is_asked_about_late() -> None:
    assert patrol.last_day(law(), "case-1", 20260831, 20310901) == 0
