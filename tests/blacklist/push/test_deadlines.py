"""Who is late, in working days, compared with a count of each removal by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blacklist.push.deadlines import Open, Standing, due, first_day_in_time, late_by, standing
from blacklist.push.marks import Mark
from runtime.calendar import add_days, date_of_day, day_of_date, is_working_day, working_days_after

TODAY = 20261123
# Over a National Day and a New Year of the calendar.
DAYS = st.integers(day_of_date(20250920), day_of_date(20260301))


@given(st.lists(st.builds(Open, DAYS, st.integers(0, 3)), max_size=8), st.integers(1, 10), DAYS)
def test_standing_is_what_each_removal_says_by_itself(left: list[Open], days: int, today_day: int) -> None:
    today = date_of_day(today_day)
    left = [one for one in left if one.day <= today_day]
    found = standing("railway", Mark(), left, days, today)
    each = [
        working_days_after(date_of_day(one.day), days).date for one in left for _ in range(one.removal_count)
    ]
    assert found.open_removals == len(each)
    assert found.overdue_removals == sum(1 for one in each if one < today)
    assert found.due == min(each, default=0)
    assert bool(found.late_working_days) <= bool(found.overdue_removals)


def test_unit_without_open_removals_is_in_time() -> None:
    assert standing("railway", Mark(5), [Open(20000, 0)], 3, TODAY) == Standing("railway", Mark(5), 3)


def test_last_day_of_a_deadline_is_in_time_and_the_next_is_not() -> None:
    for removed, overdue_count in ((20261118, 0), (20261117, 2)):
        found = standing("railway", Mark(), [Open(day_of_date(removed), 2)], 3, TODAY)
        assert (found.open_removals, found.overdue_removals) == (2, overdue_count)


def test_removal_before_a_holiday_is_due_after_it() -> None:
    # 1 to 8 October 2025 were days off; 28 September and 11 October, both at a weekend, were worked.
    assert due(20250930, 1).date == 20251009
    assert due(20250930, 3).date == 20251011
    assert late_by(20250930, 20251008) == 0
    assert late_by(20250930, 20251011) == 3


def test_lateness_counts_working_days_of_a_year_and_no_more() -> None:
    assert late_by(TODAY, TODAY) == 0
    assert late_by(TODAY, add_days(TODAY, -3)) == 0
    first = add_days(TODAY, -400)
    days = [add_days(first, count) for count in range(1, 401)]
    assert late_by(20100101, TODAY) == sum(is_working_day(day)[0] for day in days)


@pytest.mark.parametrize("today", [TODAY, 20261010, 20261008, 20261001, 20260224])
@pytest.mark.parametrize("days", [1, 3, 10])
def test_first_day_in_time_is_the_edge_of_the_deadline(today: int, days: int) -> None:
    first = first_day_in_time(today, days)
    assert working_days_after(first, days).date >= today
    assert working_days_after(add_days(first, -1), days).date < today
