"""Memory peaks: of the process, of its children, of the past."""

import asyncio
import os
import sys

from benchmarks.resident import Resident
from tests.patience import DEADLINE_S

MEBIBYTE = 1 << 20
CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
HOLD = "held = bytearray(200 << 20); print('held', flush=True); input()"


async def test_peak_counts_children_and_outlives_them() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, HOLD, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    resident = Resident({"family": process.pid})
    async with asyncio.timeout(DEADLINE_S):
        await process.stdout.readline()
        resident.sample()
        peak = resident.peaks["family"]
        await process.communicate(b"\n")
    resident.sample()
    assert peak > 200 * MEBIBYTE
    assert resident.peaks["family"] == peak


async def test_watch_samples_until_cancelled() -> None:
    resident = Resident({"self": os.getpid()})
    watching = asyncio.create_task(resident.watch())
    await asyncio.sleep(0)  # let it take its first sample
    assert resident.peaks["self"] > 0
    watching.cancel()
    assert await asyncio.wait({watching}, timeout=DEADLINE_S) == ({watching}, set())
    assert watching.cancelled()
