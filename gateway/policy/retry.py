"""Retry: how long to wait before the next try.

Pure: the randomness is passed in. It counts nothing and waits for nothing; the caller does.
"""

from collections.abc import Callable


def backoff_ns(failures: int, base_ns: int, ns_max: int, jitter: Callable[[int], int]) -> int:
    """The wait after so many failures in a row, at least 1: base, twice base, four times ... up to `ns_max`.

    `jitter` spreads it, so that those that failed together do not come back together. ValueError for fewer
    than one failure or a base below 1.
    """
    if failures < 1:
        raise ValueError(f"failures: {failures} given, at least 1")
    if base_ns < 1:
        raise ValueError(f"base_ns: {base_ns} given, at least 1")
    # No shift beyond what can matter: the number of failures has no limit, and a shift by it would.
    steps = min(failures - 1, max(ns_max // base_ns, 1).bit_length())
    return jitter(min(base_ns << steps, ns_max))
