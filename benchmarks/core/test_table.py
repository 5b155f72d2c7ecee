"""Table: probes that hit and that miss, deletes and inserts, among ten thousand and a million entries."""

import pytest

from benchmarks.core._tools import Index
from benchmarks.core.conftest import Measure
from benchmarks.core.drawn import keys, permuted, total

LIVE_COUNTS = [10_000, 1_000_000]
# Of a million entries enough that no cache near the core holds them from round to round.
PROBE_COUNT = 200_000
INSERT_COUNT = 1_000_000
# As far ahead as admission asks for the table of subjects.
AHEAD_COUNT = 8


def index(live_count: int, absent_count: int = 0) -> Index:
    """The entries 0 .. live_count; the keys behind them are known, and not in the table."""
    return Index(keys(live_count + absent_count, 1), live_count)


def sizes(measure: Measure, live_count: int) -> tuple[int, int]:
    """Entries, and how many of them are looked up, each once."""
    live = measure.size(live_count)
    return live, min(live, measure.size(PROBE_COUNT))


@pytest.mark.parametrize("live", LIVE_COUNTS)
@pytest.mark.parametrize("ahead_count", [0, AHEAD_COUNT])
def test_entries_found(measure: Measure, live: int, ahead_count: int) -> None:
    live, count = sizes(measure, live)
    numbers = permuted(live, count)
    there = index(live)
    found = measure(lambda made: made.get(numbers, ahead_count), lambda: there, count)
    assert found == {(count, total(numbers))}


@pytest.mark.parametrize("live", LIVE_COUNTS)
def test_entries_not_found(measure: Measure, live: int) -> None:
    live, count = sizes(measure, live)
    numbers = permuted(count, count, first=live)
    there = index(live, absent_count=count)
    assert measure(lambda made: made.get(numbers, 0), lambda: there, count) == {(0, 0)}


@pytest.mark.parametrize("live", LIVE_COUNTS)
def test_entries_deleted_and_put_in_again(measure: Measure, live: int) -> None:
    live, count = sizes(measure, live)
    numbers = permuted(live, count)
    there = index(live)
    assert measure(lambda made: made.churn(numbers), lambda: there, count) == {count}
    assert there.get(numbers, 0) == (count, total(numbers))


def test_table_grown_from_nothing(measure: Measure) -> None:
    count = measure.size(INSERT_COUNT)
    assert measure(
        lambda made: made.put(0, count), lambda: index(0, absent_count=count), count, rounds=5
    ) == {count}
