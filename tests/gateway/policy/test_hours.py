"""Hours: Beijing time, to the minute, over midnight."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.hours import MINUTE_NS, NEVER_NS, Hours, parse

BEIJING = timezone(timedelta(hours=8))


def at(text: str) -> int:
    """Nanoseconds of an hour on a day in Beijing."""
    moment = datetime.fromisoformat(f"2026-11-22T{text}").replace(tzinfo=BEIJING)
    return round(moment.timestamp()) * 10**9


@pytest.mark.parametrize(
    ("hours", "moment", "is_open"),
    [
        ("always", "03:00:00", True),
        ("07:00-23:00", "06:59:59", False),
        ("07:00-23:00", "07:00:00", True),
        ("07:00-23:00", "22:59:59", True),
        ("07:00-23:00", "23:00:00", False),
        ("22:30-05:00", "22:29:59", False),
        ("22:30-05:00", "22:30:00", True),
        ("22:30-05:00", "00:00:00", True),
        ("22:30-05:00", "04:59:59", True),
        ("22:30-05:00", "05:00:00", False),
        ("09:00-00:00", "23:59:59", True),
        ("09:00-00:00", "00:00:00", False),
        ("09:00-09:00", "08:00:00", True),
    ],
)
def test_open_and_shut(hours: str, moment: str, is_open: bool) -> None:
    assert parse(hours).is_open(at(moment)) is is_open


def test_the_hour_is_beijings_and_not_ours() -> None:
    assert parse("07:00-23:00").is_open(int(datetime(2026, 11, 22, 0, 0, tzinfo=UTC).timestamp()) * 10**9)
    assert not parse("07:00-23:00").is_open(
        int(datetime(2026, 11, 22, 16, 0, tzinfo=UTC).timestamp()) * 10**9
    )


@pytest.mark.parametrize(
    "text", ["", "7:00-23:00", "07:00-24:00", "07:60-08:00", "07:00", "07:00-23:00 ", "Always"]
)
def test_what_is_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="'always' or 'HH:MM-HH:MM'"):
        parse(text)


def test_what_is_always_open_never_changes() -> None:
    assert Hours().next_change_ns(at("12:00:00")) == NEVER_NS


@given(st.integers(0, 1_439), st.integers(0, 1_439), st.integers(0, 2**61))
def test_the_next_change_is_the_first(from_minute: int, to_minute: int, now_ns: int) -> None:
    hours = Hours(from_minute * MINUTE_NS, to_minute * MINUTE_NS)
    change_ns = hours.next_change_ns(now_ns)
    if from_minute == to_minute:
        assert change_ns == NEVER_NS
        return
    assert now_ns < change_ns <= now_ns + 24 * 60 * MINUTE_NS
    assert hours.is_open(change_ns) is not hours.is_open(now_ns)
    assert hours.is_open(change_ns - 1) is hours.is_open(now_ns)
