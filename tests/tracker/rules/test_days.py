"""Days: the tables say what the calendar says, day by day."""

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime import calendar
from tracker.rules import counting, days
from tracker.rules.rule import Limit

DATES = st.lists(st.dates(date(1990, 1, 1), date(2060, 12, 31)), min_size=1, max_size=20)
LIMITS = st.builds(Limit, st.integers(1, 400), st.sampled_from(["days", "months", "working_days"]))


@given(DATES, LIMITS)
@settings(deadline=None)
def test_limits_end_where_they_end_one_by_one(starts: list[date], limit: Limit) -> None:
    limit = Limit(min(limit.amount, 240), limit.unit)
    numbers = [calendar.number(start) for start in starts]
    tables = days.table()
    found = tables.advance(np.array(numbers), limit)
    assert tables.to_dates(found).tolist() == [counting.advance(number, limit).date for number in numbers]


@given(DATES)
@settings(deadline=None)
def test_days_move_where_they_move_one_by_one(given_dates: list[date]) -> None:
    numbers = [calendar.number(one) for one in given_dates]
    tables = days.table()
    moved, is_provisional = tables.moved(tables.of_dates(np.array(numbers)))
    limits = [calendar.moved_to_working_day(number) for number in numbers]
    assert tables.to_dates(moved).tolist() == [limit.date for limit in limits]
    assert is_provisional.tolist() == [limit.is_provisional for limit in limits]


def test_dates_of_other_years_are_not_known() -> None:
    tables = days.table()
    assert tables.of_dates(np.array([19891231, 21010101, 0])).tolist() == [0, 0, 0]
    assert not tables.is_known(np.array([0, 10**6])).any()
    first, last = tables.of_dates(np.array([19900101, 21001101]))
    assert tables.is_known(np.array([first, last])).all()


def test_unknown_years_are_seen_on_the_way() -> None:
    tables = days.table()
    since, until = (
        tables.of_dates(np.array([20260601, 20260701])),
        tables.of_dates(np.array([20260801, 20300101])),
    )
    assert tables.passes_unknown(since, until).tolist() == [False, True]
