"""Holidays: a year is read whole or refused with all its mistakes, and the calendar knows it then."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime import calendar
from runtime.holidays import HolidaysError, Year, learn, read, read_file

# Far enough ahead that the library will not know it.
GIVEN = """
[[holidays]]
year = 2150
basis = "a notice that a test made"
days_off = [2150-01-01, 2150-05-01, 2150-05-02, 2150-10-01, 2150-10-02, 2150-10-03, 2150-10-05]
workdays = [2150-10-10]
"""


@pytest.fixture(autouse=True)
def unlearnt() -> Iterator[None]:
    yield
    calendar.unlearn()


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(HolidaysError) as caught:
        read(text)
    return caught.value.faults


def test_a_year_is_read() -> None:
    (one,) = read(GIVEN)
    assert one.year == 2150
    assert 21501005 in one.days_off
    assert one.workdays == frozenset({21501010})


def test_the_calendar_knows_the_year_that_it_was_told(tmp_path: Path) -> None:
    path = tmp_path / "holidays.toml"
    path.write_text(GIVEN, encoding="utf-8")
    assert calendar.is_working_day(21501005) == (True, True)
    assert calendar.is_working_day(21501010) == (False, True)
    learn(path)
    assert calendar.is_working_day(21501005) == (False, False)
    assert calendar.is_working_day(21501010) == (True, False)
    assert calendar.is_working_day(21501012) == (True, False)
    assert calendar.known_years()[-1] == 2150
    assert 2149 not in calendar.known_years()
    # The first days of October and a weekend: the limit ends on the Tuesday after them.
    assert calendar.moved_to_working_day(21501001) == calendar.Limit(21501006, False)
    learn(None)


def test_a_year_that_the_library_knows_stays_as_it_has_it() -> None:
    known = max(year for year in range(2020, 2140) if calendar.is_known_year(year))
    before = [calendar.is_working_day(known * 10_000 + 100 + day) for day in range(1, 32)]
    calendar.learn(known, frozenset(known * 10_000 + 100 + day for day in range(1, 32)), frozenset())
    assert [calendar.is_working_day(known * 10_000 + 100 + day) for day in range(1, 32)] == before


def test_all_mistakes_are_told_at_once() -> None:
    wrong = """
other = 1
[[holidays]]
year = 2150
days_off = [2150-01-01, 2150-05-01, 2150-05-02, 2150-10-01, 2150-10-02, 2151-01-01, "x"]
workdays = [2150-01-01, 2150-10-06]
more = 2
[[holidays]]
year = 1900
"""
    found = "\n".join(faults(wrong))
    for part in (
        "other: unknown key",
        "holidays[0].more: unknown key",
        "holidays[0].basis",
        "2151-01-01 given",
        "x given",
        "21501003 is missing",
        "21500101 is a day off too",
        "21501006 is no day of a weekend",
        "holidays[1].year: 1900 given",
    ):
        assert part in found


@pytest.mark.parametrize("text", ["", "holidays = 5", "[[holidays", "holidays = []"])
def test_what_has_no_year_in_it_is_refused(text: str) -> None:
    assert faults(text)


def test_a_year_that_is_there_twice_is_refused() -> None:
    assert any("2150 is there twice" in fault for fault in faults(GIVEN + GIVEN))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HolidaysError, match="must be a readable TOML file"):
        read_file(tmp_path / "none.toml")
    path = tmp_path / "holidays.toml"
    path.write_text(GIVEN, encoding="utf-8")
    assert isinstance(read_file(path)[0], Year)
