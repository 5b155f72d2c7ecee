"""Timing: how durations are taken: in this process, of one thing at a time, ours and the reference in turn.

It measures what it is given and knows none of it.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter_ns


class Watch:
    """Adds up the nanoseconds spent inside `running`; what is done between does not count."""

    def __init__(self) -> None:
        self.ns = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Counts until the block ends; an error in it counts too, and goes on."""
        start_ns = perf_counter_ns()
        try:
            yield
        finally:
            self.ns += perf_counter_ns() - start_ns


@contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's collector of cycles: it would look at millions of live objects in the midst of a run.

    For both sides alike; none of them makes cycles.
    """
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def alternate(
    run_count: int, ours: Callable[[int], float], reference: Callable[[int], float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Both for runs 0 to `run_count` - 1. Who goes first changes: neither always finds the cache warm."""
    our_runs: list[float] = []
    reference_runs: list[float] = []
    for run in range(run_count):
        if run % 2:
            reference_runs.append(reference(run))
            our_runs.append(ours(run))
        else:
            our_runs.append(ours(run))
            reference_runs.append(reference(run))
    return tuple(our_runs), tuple(reference_runs)
