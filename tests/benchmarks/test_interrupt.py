"""Ctrl-C and SIGTERM in the middle of a demo: it ends in order, and so does everything that it started."""

import asyncio
import signal
import sys
from pathlib import Path

import psutil
import pytest

from benchmarks.interrupt import EXIT_INTERRUPTED
from tests.patience import DEADLINE_S

S_MAX = 120


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_interrupted_demo_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    command = ["-m", "benchmarks.demo", "--scenario", "storm", "--out", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(S_MAX):
            assert process.stderr is not None
            while not (await process.stderr.readline()).startswith(b"Sending"):
                assert process.returncode is None
            children = psutil.Process(process.pid).children()
            process.send_signal(number)
            _, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert len(children) == 2
    assert process.returncode == EXIT_INTERRUPTED
    assert b"everything that was started is stopped" in errors
    assert psutil.wait_procs(children, timeout=DEADLINE_S)[1] == []
