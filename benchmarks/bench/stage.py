"""Stage: gateway and simulator for a benchmark, and how a measuring coroutine is run.

The journal lies in the scratch folder, on the disk that the project is on; endpoints are called at any hour.
Everything started ends with the coroutine, also when the process is told to stop. It sends no inquiry.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import TypeVar

import uvloop

from benchmarks.interrupt import cancel_on_signals
from benchmarks.scrape import Scrape, scrape
from benchmarks.stack import Stack, StackConfig

T = TypeVar("T")

LOOK_EVERY_S = 0.05
CURRENT_S_MAX = 20.0
CAUGHT_UP_S_MAX = 180.0
OPEN_S_MAX = 120.0
FINAL = "chakong_inquiries_final_total"
BEHIND = "chakong_projection_behind_frames"
OPEN = "chakong_endpoints_open"


def run(measuring: Coroutine[None, None, T]) -> T:
    """Run it on uvloop; SIGINT and SIGTERM cancel it, and once all is stopped it is a KeyboardInterrupt."""

    async def whole() -> T:
        cancel_on_signals()
        return await measuring

    try:
        return uvloop.run(whole())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def config(folder: Path, scenario: str = "calm") -> StackConfig:
    """Of a stack that keeps logs and journal in `folder`, an existing one."""
    home = folder.absolute()
    gateway: Mapping[str, Mapping[str, object]] = {
        "line": {"service_hours": False},
        "journal": {"path": str(home / "journal")},
    }
    return StackConfig(scenario, home, gateway=gateway)


async def figures(stack: Stack) -> Scrape:
    """What the gateway counts now, a quarter of a second old at most when its loop is free."""
    return await asyncio.to_thread(scrape, stack.metrics_url)


async def settled(stack: Stack, final_count: int) -> Scrape:
    """Figures that know of so many final answers, given by a gateway with nothing left to do: the projection
    has caught up too. TimeoutError; RuntimeError when a process has ended."""
    async with asyncio.timeout(CAUGHT_UP_S_MAX):
        while True:
            stack.require_alive()
            now = await figures(stack)
            if now.total(FINAL) >= final_count and not now.total(BEHIND):
                return now
            await asyncio.sleep(LOOK_EVERY_S)


async def connected(stack: Stack, endpoint_count: int) -> None:
    """Wait until so many endpoints take batches. TimeoutError."""
    async with asyncio.timeout(OPEN_S_MAX):
        while (await figures(stack)).total(OPEN) < endpoint_count:
            stack.require_alive()
            await asyncio.sleep(LOOK_EVERY_S)
