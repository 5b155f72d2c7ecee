"""Measuring, wrong: stands for a measuring module that finds a wrong answer after its first benchmark."""

from collections.abc import Iterable

from benchmarks.bench.result import Result, expect


def measure(quick: bool) -> Iterable[Result]:
    """One result, then none."""
    yield Result("memory.bytes_per_open_inquiry", "bytes", (200.0,))
    expect("final answers", 3_999, 4_000)
