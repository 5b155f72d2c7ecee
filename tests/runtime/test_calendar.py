"""Calendar: golden cases for terms, limits and holidays, and laws that hold for all dates."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime import calendar


@pytest.mark.parametrize(
    ("begun", "months", "last"),
    [
        (20261122, 12, 20271122),
        (20240229, 12, 20250228),
        (20240229, 48, 20280229),
        (20260131, 1, 20260228),
        (20280131, 1, 20280229),
        (20260831, 6, 20270228),
        (20261231, 2, 20270228),
        (20260531, 1, 20260630),
        (20261130, 36, 20291130),
        (20261201, 0, 20261201),
    ],
)
def test_months_end_on_the_corresponding_day_else_on_the_last(begun: int, months: int, last: int) -> None:
    assert calendar.add_months(begun, months) == last


def test_beijing_day_begins_at_sixteen_hours_utc() -> None:
    midnight_ns = calendar.midnight_ns(20261123)
    assert midnight_ns == 1_795_363_200 * calendar.SECOND_NS  # 2026-11-22T16:00:00Z
    assert calendar.date_of(midnight_ns) == 20261123
    assert calendar.date_of(midnight_ns - 1) == 20261122


@pytest.mark.parametrize(
    ("begun", "days", "last"),
    [
        (20260302, 15, 20260317),  # a Tuesday
        (20260915, 15, 20260930),  # the day before National Day
        (20260916, 15, 20261008),  # 1 October: seven days off
        (20260131, 15, 20260224),  # 15 February: New Year's days off until 23 February
        (20260130, 15, 20260214),  # a Saturday that is worked on
        (20261121, 15, 20261207),  # 6 December: a Sunday
    ],
)
def test_limit_that_ends_on_a_holiday_moves_to_the_next_working_day(begun: int, days: int, last: int) -> None:
    assert calendar.procedural_limit(begun, days) == calendar.Limit(last, is_provisional=False)


def test_year_without_known_holidays_is_provisional() -> None:
    assert calendar.procedural_limit(20300924, 15) == calendar.Limit(20301009, is_provisional=True)
    assert calendar.procedural_limit(20300916, 15) == calendar.Limit(20301004, is_provisional=True)
    assert calendar.is_working_day(20300101) == (False, True)


def test_the_year_after_the_known_ones_is_not_known() -> None:
    last = calendar.known_years()[-1]
    assert calendar.known_years() == tuple(range(calendar.known_years()[0], last + 1))
    assert calendar.is_known_year(last)
    assert not calendar.is_known_year(last + 1)
    assert calendar.is_working_day(last * 10_000 + 1231)[1] is False
    assert calendar.is_working_day((last + 1) * 10_000 + 101) == (False, True)


def test_number_that_is_no_date_is_seen() -> None:
    assert calendar.is_date(20280229)
    assert not calendar.is_date(20260229)
    assert not calendar.is_date(0)


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.integers(0, 120))
def test_term_never_ends_beyond_the_corresponding_month(begun: date, months: int) -> None:
    last = calendar.to_date(calendar.add_months(calendar.number(begun), months))
    assert (last.year * 12 + last.month) - (begun.year * 12 + begun.month) == months
    assert last.day == begun.day or (last.day < begun.day and (last.replace(day=28).day <= last.day))


@given(st.dates(date(1971, 1, 1), date(2100, 12, 31)), st.integers(0, calendar.DAY_NS - 1))
def test_every_moment_of_a_day_has_its_date(day: date, after_ns: int) -> None:
    given_number = calendar.number(day)
    assert calendar.date_of(calendar.midnight_ns(given_number) + after_ns) == given_number
    assert calendar.to_date(given_number) == day


def test_working_days_are_counted_from_the_day_after() -> None:
    # Thursday before a weekend, the day before National Day 2026 (October 8 to 10 are worked), no day at all.
    assert calendar.working_days_after(20261119, 3).date == 20261124
    assert calendar.working_days_after(20260930, 3).date == 20261010
    assert calendar.working_days_after(20261122, 0).date == 20261122
    assert calendar.working_days_after(20991231, 1).is_provisional
