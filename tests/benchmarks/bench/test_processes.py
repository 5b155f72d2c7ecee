"""Processor time by process: what this one works counts as the client's, and an ended one is told."""

import asyncio
import sys

import psutil
import pytest

from benchmarks.bench.processes import Processes


async def sleeping() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE
    )


async def test_own_work_is_the_client_s() -> None:
    other = await sleeping()
    try:
        processes = Processes({"gateway": other.pid})
        processes.start()
        before = psutil.Process().cpu_times().user
        while psutil.Process().cpu_times().user < before + 0.05:
            sum(range(10_000))
        taken = processes.seconds()
        assert taken["client"] >= 0.05
        assert taken["gateway"] < 5
    finally:
        other.kill()
        await other.wait()
    with pytest.raises(RuntimeError, match="has ended"):
        processes.seconds()
