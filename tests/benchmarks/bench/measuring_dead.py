"""Measuring, dead: stands for a measuring module whose process is ended from outside."""

import os
from collections.abc import Iterable

from benchmarks.bench.result import Result

CODE = 7


def measure(quick: bool) -> Iterable[Result]:
    """No result, and no word about it."""
    yield Result("memory.bytes_per_open_inquiry", "bytes", (200.0,))
    os._exit(CODE)
