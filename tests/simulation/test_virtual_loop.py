"""The virtual loop: time jumps, nothing waits, and the order is always the same."""

import asyncio

import pytest

from tests.simulation.virtual_loop import SECOND_NS, StillError, VirtualLoop, VirtualTime

BEGUN_NS = 1_800_000_000 * SECOND_NS


def loop_and_time() -> tuple[VirtualLoop, VirtualTime]:
    time = VirtualTime(BEGUN_NS)
    return VirtualLoop(time), time


def test_a_year_of_sleep_takes_no_time() -> None:
    loop, time = loop_and_time()
    loop.run_until_complete(asyncio.sleep(365 * 86_400))
    assert time.now_ns() - BEGUN_NS >= 365 * 86_400 * SECOND_NS
    loop.close()


def test_timers_come_in_the_order_of_their_time() -> None:
    loop, _ = loop_and_time()
    seen: list[int] = []

    async def wait(seconds: int) -> None:
        await asyncio.sleep(seconds)
        seen.append(seconds)

    async def all_of_them() -> None:
        await asyncio.gather(*(wait(seconds) for seconds in (3, 1, 2)))

    loop.run_until_complete(all_of_them())
    assert seen == [1, 2, 3]
    loop.close()


def test_waiting_for_nothing_is_noticed() -> None:
    loop, _ = loop_and_time()
    waiting = loop.create_task(asyncio.Event().wait())
    with pytest.raises(StillError):
        loop.run_until_complete(waiting)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(waiting)
    loop.close()


def test_a_thread_is_a_call() -> None:
    loop, _ = loop_and_time()
    assert loop.run_until_complete(asyncio.to_thread(lambda: 3)) == 3
    with pytest.raises(ZeroDivisionError):
        loop.run_until_complete(asyncio.to_thread(lambda: 1 // 0))
    loop.close()


def test_the_time_of_day_can_be_set_forward_without_the_loops() -> None:
    loop, time = loop_and_time()
    clock = time.clock()
    time.ahead_ns += 86_400 * SECOND_NS
    assert clock.now_ns() == BEGUN_NS + 86_400 * SECOND_NS
    assert loop.time() == 0
    loop.close()


def test_after_turn_can_end_the_run() -> None:
    loop, _ = loop_and_time()
    turns = 0

    def after_turn() -> None:
        nonlocal turns
        turns += 1
        if turns == 2:
            raise ValueError("enough")

    loop.after_turn = after_turn
    sleeping = loop.create_task(asyncio.sleep(0.1))
    with pytest.raises(ValueError, match="enough"):
        loop.run_until_complete(sleeping)
    loop.after_turn = lambda: None
    loop.run_until_complete(sleeping)
    loop.close()
