"""Acts wait for their turn, within limits, and outlive their callers."""

import asyncio
import threading

import pytest
from sqlalchemy.exc import OperationalError

from blacklist.store.desk import Desk
from runtime.errors import FullError, UnavailableError
from tests.patience import DEADLINE_S


async def test_acts_are_done_in_order_and_told() -> None:
    changed: list[int] = []
    desk = Desk(10, lambda: changed.append(len(done)))
    done: list[int] = []
    await asyncio.gather(*(desk.do(lambda _now_ns: done.append(len(done))) for _ in range(5)))
    assert done == [0, 1, 2, 3, 4]
    assert len(changed) == 5
    assert (desk.done_count, desk.waiting_count) == (5, 0)
    desk.close()


async def test_full_desk_refuses_and_a_drained_one_is_empty() -> None:
    desk, gate = Desk(1, lambda: None), threading.Event()
    first = asyncio.create_task(desk.do(lambda _: gate.wait(DEADLINE_S)))
    async with asyncio.timeout(DEADLINE_S):
        await asyncio.sleep(0)
        assert desk.waiting_count == 1
        with pytest.raises(FullError):
            await desk.do(lambda _: None)
        gate.set()
        await desk.drain()
        assert await first
    desk.close()


async def test_cancelled_caller_takes_nothing_back_and_what_was_done_is_told() -> None:
    changed = asyncio.Event()
    desk, gate, done = Desk(4, changed.set), threading.Event(), threading.Event()

    def act(_now_ns: int) -> None:
        gate.wait(DEADLINE_S)
        done.set()

    caller = asyncio.create_task(desk.do(act))
    async with asyncio.timeout(DEADLINE_S):
        await asyncio.sleep(0)
        assert desk.waiting_count == 1
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        gate.set()
        await desk.drain()
        await changed.wait()
    assert done.is_set()
    assert desk.done_count == 1
    desk.close()


async def test_database_that_fails_is_unavailable_until_it_is_back() -> None:
    desk = Desk(4, lambda: None)

    def fail(_now_ns: int) -> None:
        raise OperationalError("SELECT 'a name'", {}, Exception("host"))

    with pytest.raises(UnavailableError) as raised:
        await desk.do(fail)
    assert "name" not in raised.value.message
    assert not desk.is_available
    await desk.do(lambda _: None)
    assert desk.is_available
    assert desk.failed_count == 1
    desk.close()
