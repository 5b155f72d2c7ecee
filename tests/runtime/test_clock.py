"""The clock: never back, and in nanoseconds of UTC."""

import time

from runtime.clock import Clock, now_ns


def test_time_stands_still_while_the_system_clock_is_set_back() -> None:
    readings = iter([100, 90, 99, 101])
    clock = Clock(lambda: next(readings))
    assert [clock.now_ns() for _ in range(4)] == [100, 100, 100, 101]


def test_now_is_between_two_readings_of_the_system_clock() -> None:
    before_ns = time.time_ns()
    assert before_ns <= now_ns() <= time.time_ns()
