"""Lifecycle: signals, services that stop together, and waits that end."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from runtime.lifecycle import end_tasks, ends_within, run, run_until, stop_on_signals, whole
from tests.patience import DEADLINE_S


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signal_sets_the_event(number: signal.Signals) -> None:
    async with stop_on_signals() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), number)
        await asyncio.wait_for(stop.wait(), DEADLINE_S)


async def test_handlers_are_taken_back() -> None:
    async with stop_on_signals():
        pass
    loop = asyncio.get_running_loop()
    assert not loop.remove_signal_handler(signal.SIGTERM)


async def test_second_signal_has_the_handling_of_the_system() -> None:
    async with stop_on_signals() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stop.wait(), DEADLINE_S)
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_run_returns_what_the_coroutine_returns_and_runs_on_uvloop() -> None:
    async def main() -> str:
        return type(asyncio.get_running_loop()).__module__

    assert run(main()).startswith("uvloop")


PROGRAM = """
import asyncio
from runtime.lifecycle import run, stop_on_signals

async def main():
    async with stop_on_signals() as stop:
        print("ready", flush=True)
        await stop.wait()
        print("stopping", flush=True)
        if {drains}:
            return
        await asyncio.Event().wait()

run(main())
"""


@pytest.mark.parametrize(("drains", "signals", "expected"), [(True, 1, 0), (False, 2, -signal.SIGTERM)])
def test_process_on_uvloop_drains_on_the_first_signal_and_dies_of_the_second(
    drains: bool, signals: int, expected: int
) -> None:
    command = [sys.executable, "-c", PROGRAM.format(drains=drains)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            process.terminate()
            assert process.stdout.readline() == "stopping\n"
            if signals == 2:
                process.terminate()
            assert process.wait(DEADLINE_S) == expected
        finally:
            process.kill()


async def test_services_are_cancelled_when_stop_is_set() -> None:
    ended: list[str] = []
    stop = asyncio.Event()

    async def service(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    async def stopper() -> None:
        stop.set()

    await asyncio.wait_for(run_until(stop, [service("a"), service("b"), stopper()]), DEADLINE_S)
    assert sorted(ended) == ["a", "b"]


async def test_failure_of_one_service_ends_the_others_and_is_raised() -> None:
    ended = asyncio.Event()

    async def service() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def failing() -> None:
        raise LookupError("x")

    with pytest.raises(ExceptionGroup) as caught:
        await asyncio.wait_for(run_until(asyncio.Event(), [service(), failing()]), DEADLINE_S)
    assert caught.group_contains(LookupError)
    assert ended.is_set()


async def test_services_that_all_return_end_the_run() -> None:
    async def service() -> None:
        return None

    await asyncio.wait_for(run_until(asyncio.Event(), [service(), service()]), DEADLINE_S)


async def test_cancelling_the_run_cancels_the_services() -> None:
    started = asyncio.Event()
    ended = asyncio.Event()

    async def service() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(run_until(asyncio.Event(), [service()]))
    await asyncio.wait_for(started.wait(), DEADLINE_S)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, DEADLINE_S)
    assert ended.is_set()


async def test_wait_tells_whether_it_ended_in_time() -> None:
    async def quick() -> None:
        return None

    async def failing() -> None:
        raise TimeoutError

    assert await ends_within(DEADLINE_S, quick())
    assert not await ends_within(0.01, asyncio.Event().wait())
    with pytest.raises(TimeoutError):
        await ends_within(DEADLINE_S, failing())


async def test_task_that_will_not_end_is_handed_back() -> None:
    release = asyncio.Event()
    cancelled = asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            await release.wait()
            raise

    async def docile() -> None:
        await asyncio.Event().wait()

    slow: asyncio.Task[object] = asyncio.create_task(stubborn())
    fast: asyncio.Task[object] = asyncio.create_task(docile())
    started = asyncio.Event()
    asyncio.get_running_loop().call_soon(started.set)
    await started.wait()
    assert await end_tasks([slow, fast], 0.05) == [slow]
    assert fast.cancelled()
    assert cancelled.is_set()
    release.set()
    assert await end_tasks([slow, fast], DEADLINE_S) == []


async def test_work_is_done_to_its_end_although_it_is_cancelled() -> None:
    begun, may_end, done = asyncio.Event(), asyncio.Event(), []

    async def work() -> None:
        begun.set()
        await may_end.wait()
        done.append(1)

    task = asyncio.create_task(whole(work()))
    await begun.wait()
    task.cancel()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == [1]
