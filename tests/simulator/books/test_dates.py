"""Legal days, as the simulator counts them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime import calendar
from simulator.books.dates import DAY_NS, day_of, months_after, next_monthly, number_of, start_ns

DAYS = st.integers(date(1990, 1, 1).toordinal(), date(2090, 1, 1).toordinal())


@pytest.mark.parametrize(
    ("begun", "months", "last"),
    [
        (date(2026, 3, 31), 12, date(2027, 3, 31)),
        (date(2026, 3, 31), 6, date(2026, 9, 30)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 10, 1), 36, date(2029, 10, 1)),
    ],
)
def test_a_term_ends_on_the_corresponding_day_or_the_months_last(
    begun: date, months: int, last: date
) -> None:
    assert months_after(begun.toordinal(), months) == last.toordinal()


def test_a_day_begins_at_midnight_in_beijing() -> None:
    day = date(2026, 11, 22).toordinal()
    assert day_of(start_ns(day)) == day
    assert day_of(start_ns(day) - 1) == day - 1
    assert day_of(start_ns(day) + DAY_NS - 1) == day
    # 16:00 UTC of the day before.
    assert start_ns(day) % DAY_NS == 16 * 3_600 * 1_000_000_000


def test_no_day_is_written_as_0() -> None:
    assert number_of(0) == 0
    assert number_of(date(2026, 11, 22).toordinal()) == 20261122


def test_a_term_beyond_the_calendar_is_an_error() -> None:
    with pytest.raises(OverflowError, match="beyond the calendar"):
        months_after(date(9999, 6, 1).toordinal(), 7)


@given(day=DAYS, day_of_month=st.integers(1, 28))
def test_the_next_payday_is_within_a_month_and_has_its_number(day: int, day_of_month: int) -> None:
    payday = next_monthly(day, day_of_month)
    assert day < payday <= day + 31
    assert date.fromordinal(payday).day == day_of_month


@given(day=DAYS, months=st.integers(1, 36), hour=st.integers(0, 23))
def test_the_gateways_calendar_says_the_same(day: int, months: int, hour: int) -> None:
    now_ns = start_ns(day) + hour * 3_600 * 1_000_000_000
    assert number_of(day_of(now_ns)) == calendar.date_of(now_ns)
    assert number_of(months_after(day, months)) == calendar.add_months(number_of(day), months)
