"""Aside: courts and institutions keep out of the gateway's way, as they do on machines of their own.

Where few processors are shared, the system stops the gateway's one thread for each short piece of work of the
client and the simulator; so for a time these two keep to one half of the processors. The gateway has all.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress

import psutil


@contextmanager
def aside(pids: Iterable[int]) -> Iterator[None]:
    """Until it is left, this process and those of `pids` run on the upper half of the processors that this
    one may use. Where there is only one, nothing changes."""
    processors = sorted(os.sched_getaffinity(0))
    half = processors[len(processors) // 2 :]
    own_pid = os.getpid()
    for pid in (own_pid, *pids):
        _keep_to(pid, half)
    try:
        yield
    finally:
        _keep_to(own_pid, processors)


def _keep_to(pid: int, processors: Collection[int]) -> None:
    """All threads of a process that is there; those to come inherit it."""
    for thread in psutil.Process(pid).threads():
        with suppress(ProcessLookupError):  # it has ended
            os.sched_setaffinity(thread.id, processors)
