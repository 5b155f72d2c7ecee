"""Wheel: timers added, moved as partial answers move them, and let come due."""

import numpy as np

from benchmarks.core._tools import Timers
from benchmarks.core.conftest import Measure
from benchmarks.core.drawn import numbers

TIMER_COUNT = 200_000
DAY_NS = 86_400 * 10**9
STEP_NS = DAY_NS // 1_000


def dues(count: int, seed: int) -> bytes:
    """Times all over a day."""
    return (numbers(count, seed) % DAY_NS + 1).astype(np.int64).tobytes()


def timers(due_ns: bytes) -> Timers:
    made = Timers()
    made.add(due_ns)
    return made


def test_timers_added(measure: Measure) -> None:
    count = measure.size(TIMER_COUNT)
    due_ns = dues(count, 1)
    assert measure(lambda made: made.add(due_ns), Timers, count) == {count}


def test_timers_moved(measure: Measure) -> None:
    count = measure.size(TIMER_COUNT)
    there, due_ns = timers(dues(count, 1)), dues(count, 2)
    assert measure(lambda made: made.move(due_ns), lambda: there, count) == {count}


def test_timers_come_due_over_a_day(measure: Measure) -> None:
    count = measure.size(TIMER_COUNT)
    due_ns = dues(count, 1)
    came = measure(lambda made: made.pop(STEP_NS, DAY_NS + STEP_NS), lambda: timers(due_ns), count)
    assert came == {(count, count * (count - 1) // 2)}
