"""Slab: things made, read in any order, and freed and made again, as tickets and asks are."""

from benchmarks.core._tools import Things
from benchmarks.core.conftest import Measure
from benchmarks.core.drawn import permuted, total

LIVE_COUNT = 1_000_000
READ_COUNT = 100_000


def test_things_made(measure: Measure) -> None:
    count = measure.size(LIVE_COUNT)
    assert measure(lambda things: things.fill(count), Things, count, 7) == {count * (count - 1) // 2}


def test_things_read_in_any_order(measure: Measure) -> None:
    live, count = measure.size(LIVE_COUNT), measure.size(READ_COUNT)
    numbers = permuted(live, count)
    things = Things()
    things.fill(live)
    assert measure(lambda made: made.read(numbers), lambda: things, count) == {total(numbers)}


def test_things_freed_and_made_again(measure: Measure) -> None:
    live, count = measure.size(LIVE_COUNT), measure.size(READ_COUNT)
    numbers = permuted(live, count)
    things = Things()
    things.fill(live)
    assert measure(lambda made: made.churn(numbers), lambda: things, count) == {count}
    assert things.count == live
    assert things.read(numbers) == total(numbers)
