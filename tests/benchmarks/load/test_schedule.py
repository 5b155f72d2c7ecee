"""The schedule of an open model: rate, order, end."""

from itertools import pairwise

import pytest

from benchmarks.load.schedule import NS_PER_S, arrivals_ns
from runtime.chance import Chance


def test_arrivals_come_at_the_rate() -> None:
    due_ns = list(arrivals_ns(100.0, 200.0, Chance(1)))
    assert 19_000 < len(due_ns) < 21_000
    assert due_ns == sorted(due_ns)
    assert due_ns[-1] < 200 * NS_PER_S


def test_intervals_are_as_irregular_as_those_of_independent_callers() -> None:
    due_ns = [0, *arrivals_ns(1_000.0, 20.0, Chance(2))]
    intervals = [after - before for before, after in pairwise(due_ns)]
    mean = sum(intervals) / len(intervals)
    deviation = (sum((one - mean) ** 2 for one in intervals) / len(intervals)) ** 0.5
    assert deviation == pytest.approx(mean, rel=0.1)


def test_same_seed_gives_the_same_arrivals() -> None:
    assert list(arrivals_ns(10.0, 5.0, Chance(7))) == list(arrivals_ns(10.0, 5.0, Chance(7)))


def test_no_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="rate_per_s"):
        next(arrivals_ns(0.0, 1.0, Chance(1)))
