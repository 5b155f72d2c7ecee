"""Resident: the peak of memory that processes hold, each with its children.

Sampled, so a peak between two samples is missed; pages shared between a process and its child count twice.
It stops by cancelling the task that runs `watch`.
"""

import asyncio
from collections.abc import Mapping

import psutil

SAMPLE_EVERY_S = 0.25


class Resident:
    """`peaks`: name -> the most bytes seen at once."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._processes = {name: psutil.Process(pid) for name, pid in pids.items()}
        self.peaks = dict.fromkeys(pids, 0)

    async def watch(self) -> None:
        """Sample until cancelled."""
        while True:
            self.sample()
            await asyncio.sleep(SAMPLE_EVERY_S)

    def sample(self) -> None:
        """One reading of all; a process that has ended counts as 0 bytes."""
        for name, process in self._processes.items():
            self.peaks[name] = max(self.peaks[name], _family_bytes(process))


def _family_bytes(process: psutil.Process) -> int:
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    return sum(_bytes(one) for one in family)


def _bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
