"""Processes: how much of the processors each process took, from one moment to another.

The client is the process that asks. Children count with their parent, but the gateway's projector, which is
told apart. Seconds of user and system time.
"""

from collections.abc import Mapping

import psutil

PROJECTOR = "projector"


class Processes:
    """`pids` by name; `seconds` since the last `start`."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._parents = {
            "client": psutil.Process(),
            **{name: psutil.Process(pid) for name, pid in pids.items()},
        }
        self._before: dict[str, float] = {}

    def start(self) -> None:
        """Count from here."""
        self._before = self._now()

    def seconds(self) -> dict[str, float]:
        """By name, a hundredth of a second exact. RuntimeError when one has ended."""
        now = self._now()
        return {name: round(taken - self._before.get(name, 0.0), 2) for name, taken in now.items()}

    def _now(self) -> dict[str, float]:
        taken: dict[str, float] = {}
        try:
            for name, process in self._parents.items():
                taken[name] = taken.get(name, 0.0) + _seconds(process)
                if name == "client":
                    continue
                for child in process.children():
                    key = PROJECTOR if name == "gateway" else name
                    taken[key] = taken.get(key, 0.0) + _seconds(child)
        except psutil.NoSuchProcess as error:
            raise RuntimeError(f"process {error.pid}: has ended") from None
        return taken


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
