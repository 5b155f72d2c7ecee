"""The clock: never back, and in nanoseconds of UTC."""

import time

from runtime.clock import Clock, now_ns


def test_time_goes_at_half_its_pace_until_a_clock_that_was_set_back_has_caught_up() -> None:
    system = iter([1_000, 910, 920, 1_020, 1_100])
    steady = iter([0, 0, 10, 20, 120, 200])
    clock = Clock(lambda: next(system), lambda: next(steady))
    assert [clock.now_ns() for _ in range(5)] == [1_000, 1_005, 1_010, 1_060, 1_100]


def test_time_never_goes_back_and_follows_a_clock_that_is_set_forward() -> None:
    system = iter([1_000, 1_000, 5_000, 5_001])
    steady = iter([7, 7, 7, 8, 9])
    clock = Clock(lambda: next(system), lambda: next(steady))
    assert [clock.now_ns() for _ in range(4)] == [1_000, 1_000, 5_000, 5_001]


def test_now_is_between_two_readings_of_the_system_clock() -> None:
    before_ns = time.time_ns()
    assert before_ns <= now_ns() <= time.time_ns()
