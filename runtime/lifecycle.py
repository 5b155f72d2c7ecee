"""Lifecycle: how a process starts, is told to stop, and ends in time.

SIGTERM and SIGINT set an event; a second signal ends the process at once, by the system's own handling. What
has to be finished in between, and in which order, is the service's business.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar

import uvloop

T = TypeVar("T")

# Of a thread that finishes what it was at.
STOP_S_MAX = 5.0
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class _StoppedError(Exception):
    """Ends the task group of `run_until`; never leaves this module."""


def run(main: Coroutine[None, None, T]) -> T:
    """Run a service's main coroutine on uvloop until it returns."""
    return uvloop.run(main)


@asynccontextmanager
async def stop_on_signals() -> AsyncIterator[asyncio.Event]:
    """An event that the first SIGTERM or SIGINT sets. Only in the main thread's loop."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def on_signal() -> None:
        stop.set()
        for number in SIGNALS:
            loop.remove_signal_handler(number)

    for number in SIGNALS:
        loop.add_signal_handler(number, on_signal)
    try:
        yield stop
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


async def run_until(stop: asyncio.Event, services: Iterable[Coroutine[None, None, None]]) -> None:
    """Run the services side by side until `stop` is set, then cancel them and wait for their end.

    Returns early when all have returned. When one fails the others are cancelled, and an ExceptionGroup
    is raised.
    """
    try:
        async with asyncio.TaskGroup() as group:
            watcher = group.create_task(_raise_when_set(stop), name="stop")
            tasks = [group.create_task(service) for service in services]
            await asyncio.gather(*tasks)
            watcher.cancel()
    except* _StoppedError:
        pass  # that was the way out of the group


async def ends_within(deadline_s: float, awaitable: Awaitable[object]) -> bool:
    """Wait for it at most so long; False: it was cancelled for taking longer. Its own failure is raised."""
    try:
        async with asyncio.timeout(deadline_s) as scope:
            await awaitable
    except TimeoutError:
        if not scope.expired():
            raise
        return False
    return True


async def whole(work: Coroutine[None, None, T]) -> T:
    """Do work to its end although it is cancelled meanwhile: its thread has a connection, which is closed
    only when it was given back. What takes longer than STOP_S_MAX is let go."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,), timeout=STOP_S_MAX)
        raise


async def end_tasks(tasks: Iterable[asyncio.Task[object]], deadline_s: float) -> list[asyncio.Task[object]]:
    """Cancel the tasks and wait at most so long; those that are still running then."""
    pending = {task for task in tasks if not task.done()}
    for task in pending:
        task.cancel()
    if not pending:
        return []
    _, running = await asyncio.wait(pending, timeout=deadline_s)
    return list(running)


async def _raise_when_set(stop: asyncio.Event) -> None:
    await stop.wait()
    raise _StoppedError
