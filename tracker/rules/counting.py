"""Counting: from the start of a clock to its last day, and when it warns.

Pure. The first day does not count; months end on the corresponding day, else on the month's last; a
procedural limit that ends on a holiday ends on the next working day, and the term of a measure never moves
(民事诉讼法 (2023) art 85; 民法典 arts 201-203). Excluded days do not count: an excluded period is every day
from the one on which it began up to the day before the one on which it ended, and a day in two periods is
excluded once. A year whose holidays are not known makes the day provisional.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from runtime import calendar
from tracker.rules.rule import Limit, Warn
from tracker.rules.words import DAYS, MONTHS, WORKING_DAYS

# Limits of a few lengths from the days of some years.
CACHED_COUNT: Final = 65_536
# A limit of so many working days, and as many days off again.
STEPS_MAX: Final = 30_000
OPEN: Final = 1 << 30


class Span(NamedTuple):
    """Excluded days: from `since` up to the day before `until`, in days since 1970. OPEN: it goes on."""

    since: int
    until: int


class Clock(NamedTuple):
    """What a due day is counted from: the day before the first that counts, the limit, what was added to it,
    and the excluded days in their order."""

    start: int
    limit: Limit
    extension: Limit | None = None
    stops: tuple[Span, ...] = ()


class Counted(NamedTuple):
    """Dates; 0 is none. `is_stopped`: excluded days go on, and the limit was not used up before.
    `is_exact`: more or fewer excluded days change the last day by as many."""

    due: int
    amber: int
    red: int
    is_provisional: bool
    is_stopped: bool
    stopped_days: int
    is_exact: bool


class End(NamedTuple):
    """A last day as a date, and whether it rests on holidays that are not known yet."""

    date: int
    is_provisional: bool


@lru_cache(CACHED_COUNT)
def duty(clock: Clock, warn: Warn) -> Counted:
    """A duty: the last day moves to a working day; amber and red are the days on which so much of the limit
    is used up, rounded up to a whole day."""
    end = _limit_end(clock)
    nominal = calendar.day_of_date(end.date)
    start = calendar.day_of_date(clock.start)
    moved = _stopped(nominal, start, clock.stops)
    amber, red = (
        _warning_day(clock, start, nominal, percent) for percent in (warn.amber_percent, warn.red_percent)
    )
    if moved is None:
        return Counted(0, amber, red, end.is_provisional, True, 0, False)
    last, is_provisional, is_moved_twice = _working_day(moved, clock.stops)
    stopped_days = moved - nominal
    if last is None:
        return Counted(0, amber, red, end.is_provisional, True, stopped_days, False)
    is_late_stop = any(span.until > moved for span in clock.stops)
    return Counted(
        calendar.date_of_day(last),
        amber,
        red,
        end.is_provisional or is_provisional,
        False,
        stopped_days,
        not is_moved_twice and not is_late_stop,
    )


@lru_cache(CACHED_COUNT)
def window(start: int, limit: Limit) -> End:
    """A party's right: its last day moves to a working day; nothing stops it."""
    end = advance(start, limit)
    moved = calendar.moved_to_working_day(end.date)
    return End(moved.date, end.is_provisional or moved.is_provisional)


@lru_cache(CACHED_COUNT)
def term(start: int, months: int, told: int, warn: Warn) -> Counted:
    """A measure's term: the day that was told, else the longest; it never moves."""
    due = told or calendar.add_months(start, months)
    days = warn.term_days
    amber = max(start, calendar.add_days(due, -days[0]))
    red = max(start, calendar.add_days(due, -days[len(days) // 2]))
    return Counted(due, amber, red, False, False, 0, True)


@lru_cache(CACHED_COUNT)
def advance(start: int, limit: Limit) -> End:
    """The day on which a limit ends that began on this day; not moved."""
    if limit.unit == MONTHS:
        return End(calendar.add_months(start, limit.amount), False)
    if limit.unit == DAYS:
        return End(calendar.add_days(start, limit.amount), False)
    return _nth_working_day(start, limit.amount)


def spans(stops: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
    """Excluded periods, from date to date (0: it goes on), as days that are excluded once each, in their
    order."""
    days = sorted(
        (calendar.day_of_date(since), calendar.day_of_date(until) if until else OPEN)
        for since, until in stops
    )
    merged: list[Span] = []
    for since, until in days:
        if merged and since <= merged[-1].until:
            merged[-1] = Span(merged[-1].since, max(until, merged[-1].until))
        elif since < until:
            merged.append(Span(since, until))
    return tuple(merged)


def _limit_end(clock: Clock) -> End:
    """Limit and extension without excluded days; of the same unit they are one limit."""
    extension = clock.extension
    if extension is None:
        return advance(clock.start, clock.limit)
    if extension.unit == clock.limit.unit:
        return advance(clock.start, Limit(clock.limit.amount + extension.amount, extension.unit))
    end = advance(clock.start, clock.limit)
    extended = advance(end.date, extension)
    return End(extended.date, end.is_provisional or extended.is_provisional)


def _warning_day(clock: Clock, start: int, nominal: int, percent: int) -> int:
    """The day on which so many hundredths of the limit are used up; 0: the clock stands still before it."""
    if clock.limit.unit == WORKING_DAYS and clock.extension is None:
        return advance(clock.start, Limit(used_up(clock.limit.amount, percent), WORKING_DAYS)).date
    used = _stopped(start + used_up(nominal - start, percent), start, clock.stops)
    return 0 if used is None else calendar.date_of_day(used)


def used_up(days: int, percent: int) -> int:
    """So many hundredths of these days, rounded up to a whole one."""
    return -(-days * percent // 100)


def _stopped(day: int, start: int, stops: Iterable[Span]) -> int | None:
    """This day, put off by the excluded days after the start; None: they go on."""
    for span in stops:
        since = max(span.since, start + 1)
        if since >= span.until:
            continue
        if since > day:
            break
        if span.until == OPEN:
            return None
        day += span.until - since
    return day


def _working_day(day: int, stops: tuple[Span, ...]) -> tuple[int | None, bool, bool]:
    """The next working day that is not excluded, whether that is provisional, and whether excluded days moved
    it once more. None: they go on."""
    is_provisional = is_moved_twice = False
    for _ in range(STEPS_MAX):
        moved = calendar.moved_to_working_day(calendar.date_of_day(day))
        is_provisional |= moved.is_provisional
        candidate = calendar.day_of_date(moved.date)
        inside = next((span for span in stops if span.since <= candidate < span.until), None)
        if candidate == day or inside is None:
            return candidate, is_provisional, is_moved_twice
        is_moved_twice = True
        if inside.until == OPEN:
            return None, is_provisional, True
        day = inside.until
    raise AssertionError(f"counting: no working day within {STEPS_MAX} excluded periods of {day}")


def _nth_working_day(start: int, count: int) -> End:
    """The day on which so many working days after the start are over."""
    day, is_provisional = start, False
    for _ in range(STEPS_MAX):
        if count == 0:
            return End(day, is_provisional)
        day = calendar.add_days(day, 1)
        is_working, is_unknown = calendar.is_working_day(day)
        is_provisional |= is_unknown
        count -= is_working
    raise AssertionError(f"counting: no end of the working days after {start} within {STEPS_MAX} days")
