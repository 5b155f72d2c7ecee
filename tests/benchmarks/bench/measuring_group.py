"""Measuring, group: stands for a measuring module in which two things went wrong at the same time."""

from collections.abc import Iterable

from benchmarks.bench.result import Result, expect


def measure(quick: bool) -> Iterable[Result]:
    """Both are in one group, as a TaskGroup leaves them."""
    inner = ExceptionGroup("inner", [TimeoutError("too long")])
    try:
        expect("final answers", 3_999, 4_000)
    except Exception as error:
        raise ExceptionGroup("both", [error, inner]) from None
    yield from ()
