"""Statistics: overdue by months, and what the public form may not give away."""

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime import calendar
from tracker.rules.statistics import NESTED, SMALL, Figures, overdue_until, public


@given(st.dates(date(1995, 1, 1), date(2060, 1, 1)), st.integers(-40, 40), st.sampled_from([1, 2, 3, 6]))
def test_due_day_is_overdue_by_months_when_its_corresponding_day_has_come(
    today: date, nearness: int, months: int
) -> None:
    day = calendar.number(today)
    last = overdue_until(day, months)
    due = calendar.add_days(last, nearness)
    assert (due <= last) == (calendar.add_months(due, months) <= day)


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [(20260228, 1, 20260131), (20260227, 1, 20260127), (20260331, 1, 20260228), (20240229, 6, 20230831)],
)
def test_ends_of_months(day: int, months: int, last: int) -> None:
    assert overdue_until(day, months) == last


def figures(draw: st.DrawFn) -> Figures:
    nested = sorted((draw(st.integers(0, 60)) for _ in NESTED), reverse=True)
    in_time, late = draw(st.integers(0, 40)), draw(st.integers(0, 40))
    return Figures(nested[0], in_time + late, in_time, late, draw(st.integers(0, 999)), *nested[1:])


@given(st.composite(figures)())
def test_no_small_count_is_shown_or_can_be_reckoned(given_figures: Figures) -> None:
    shown = public(given_figures)
    parts = [shown[name] for name in NESTED if name in shown]
    differences = [larger - smaller for larger, smaller in itertools.pairwise(parts)]
    assert not any(0 < count < SMALL for count in [*parts, *differences])
    assert ("in_time" in shown) == ("late" in shown)
    assert all(not 0 < shown[name] < SMALL for name in ("done", "in_time", "late") if name in shown)
    assert all(shown[name] == getattr(given_figures, name) for name in shown)


def test_large_counts_and_zeros_are_shown() -> None:
    assert public(Figures(100, 50, 40, 10, 700, 30, 20, 10, 0, 0)) == {
        "open": 100, "done": 50, "in_time": 40, "late": 10, "days_sum": 700,
        "overdue": 30, "overdue_1": 20, "overdue_2": 10, "overdue_3": 0, "overdue_6": 0,
    }  # fmt: skip


def test_few_late_ones_hide_those_in_time_too() -> None:
    assert public(Figures(done=100, in_time=97, late=3)).keys() & {"done", "in_time", "late"} == {"done"}


def test_mean_of_few_is_not_given_away() -> None:
    assert "days_sum" not in public(Figures(done=9, in_time=9, days_sum=90))
