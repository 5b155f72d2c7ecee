"""Counting: against a model that goes day by day, and the edges of months, holidays and excluded periods."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from runtime import calendar
from tests.tracker.rules.build import law
from tracker.rules import counting
from tracker.rules.counting import Clock, End, Span
from tracker.rules.rule import Limit

WARN = law().warn
DAYS = st.dates(date(2004, 1, 1), date(2031, 12, 31))
LIMITS = st.one_of(
    st.builds(Limit, st.integers(1, 200), st.just("days")),
    st.builds(Limit, st.integers(1, 12), st.just("months")),
)


def as_date(number: int) -> date:
    return calendar.to_date(number)


def end_of(start: date, limit: Limit) -> date:
    """By the words of the law alone."""
    if limit.unit == "days":
        return start + timedelta(limit.amount)
    month = start.month - 1 + limit.amount
    year, month = start.year + month // 12, month % 12 + 1
    for number in range(start.day, 27, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    return date(year, month, start.day)


def day_by_day(start: date, count: int, excluded: set[date]) -> date:
    """The day on which so many days after the start have counted."""
    at = start
    while count:
        at += timedelta(1)
        count -= at not in excluded
    return at


@given(DAYS, LIMITS, st.lists(st.tuples(st.integers(-5, 300), st.integers(0, 60)), max_size=4))
def test_duty_is_what_counting_day_by_day_gives(
    start: date, limit: Limit, stops: list[tuple[int, int]]
) -> None:
    number = calendar.number(start)
    periods = [(start + timedelta(after), start + timedelta(after + length)) for after, length in stops]
    excluded = {since + timedelta(at) for since, until in periods for at in range((until - since).days)}
    spans = counting.spans(
        (calendar.number(since), calendar.number(until)) for since, until in periods if since < until
    )
    found = counting.duty(Clock(number, limit, None, spans), WARN)
    length = (end_of(start, limit) - start).days
    last = day_by_day(start, length, excluded)
    while last in excluded or not calendar.is_working_day(calendar.number(last))[0]:
        last += timedelta(1)
    assert as_date(found.due) == last
    for percent, warned in ((70, found.amber), (90, found.red)):
        used = next(days for days in range(length + 1) if days * 100 >= length * percent)
        assert as_date(warned) == day_by_day(start, used, excluded)
    assert found.amber <= found.red <= found.due


@given(DAYS, LIMITS, st.integers(1, 400))
def test_clock_that_stands_still_has_no_due_day_unless_it_had_run_out(
    start: date, limit: Limit, after: int
) -> None:
    number = calendar.number(start)
    plain = counting.duty(Clock(number, limit), WARN)
    since = calendar.day_of_date(number) + after
    found = counting.duty(Clock(number, limit, None, (Span(since, counting.OPEN),)), WARN)
    nominal = calendar.day_of_date(calendar.number(end_of(start, limit)))
    if since <= nominal:
        assert (found.due, found.is_stopped) == (0, True)
    elif since > calendar.day_of_date(plain.due):
        assert (found.due, found.is_stopped) == (plain.due, False)


@given(DAYS, LIMITS)
def test_window_ends_on_the_next_working_day(start: date, limit: Limit) -> None:
    end = counting.window(calendar.number(start), limit)
    moved = calendar.moved_to_working_day(calendar.number(end_of(start, limit)))
    assert end == End(moved.date, moved.is_provisional)


@given(DAYS, st.integers(1, 60))
def test_working_days_are_counted_one_by_one(start: date, count: int) -> None:
    at, left, is_provisional = start, count, False
    while left:
        at += timedelta(1)
        is_working, is_unknown = calendar.is_working_day(calendar.number(at))
        left -= is_working
        is_provisional |= is_unknown
    assert counting.advance(calendar.number(start), Limit(count, "working_days")) == End(
        calendar.number(at), is_provisional
    )


@given(DAYS, st.integers(1, 40), st.sampled_from([0, 1, 20, 300]))
def test_term_never_moves_and_warns_before_its_last_day(start: date, months: int, told_after: int) -> None:
    number = calendar.number(start)
    told = calendar.add_days(number, told_after) if told_after else 0
    found = counting.term(number, months, told, WARN)
    assert found.due == (told or calendar.number(end_of(start, Limit(months, "months"))))
    assert found.amber == max(number, calendar.add_days(found.due, -30))
    assert found.red == max(number, calendar.add_days(found.due, -7))
    assert not found.is_provisional


def test_extension_of_the_same_unit_is_one_limit_with_it() -> None:
    clock = Clock(20250531, Limit(6, "months"), Limit(3, "months"))
    assert counting.duty(clock, WARN).due == 20260228
    mixed = Clock(20250531, Limit(180, "days"), Limit(3, "months"))
    assert counting.duty(mixed, WARN).due == 20260227  # 27 November and three months


def test_excluded_days_are_excluded_once() -> None:
    first = calendar.day_of_date(20260201)
    assert counting.spans([(20260205, 20260221), (20260201, 20260211)]) == (Span(first, first + 20),)
    assert counting.spans([(20260201, 20260201)]) == ()
    assert counting.spans([(20260201, 20260211), (20260205, 0)]) == (Span(first, counting.OPEN),)


def test_last_day_that_would_move_into_an_excluded_period_waits_for_its_end() -> None:
    # The limit ends on Saturday, 18 April 2026; Monday is excluded.
    monday = calendar.day_of_date(20260420)
    clock = Clock(20260408, Limit(10, "days"), None, (Span(monday, monday + 3),))
    found = counting.duty(clock, WARN)
    assert (found.due, found.is_exact) == (20260423, False)
    standing = counting.duty(clock._replace(stops=(Span(monday, counting.OPEN),)), WARN)
    assert (standing.due, standing.is_stopped) == (0, True)


def test_year_whose_holidays_are_not_known_is_provisional() -> None:
    assert counting.duty(Clock(20300924, Limit(7, "days")), WARN).is_provisional
    assert counting.duty(Clock(20300924, Limit(7, "days")), WARN).due == 20301004
    assert not counting.duty(Clock(20260302, Limit(7, "days")), WARN).is_provisional
