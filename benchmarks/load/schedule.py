"""Schedule: when the calls of an open model are due.

Arrivals do not wait for answers: intervals are exponential (a Poisson process), drawn before anything is
sent, so that a slow gateway cannot slow the load down and hide its own delay. Pure; chance is passed in.
"""

import math
from collections.abc import Iterator

from runtime.chance import Chance

NS_PER_S = 1_000_000_000


def arrivals_ns(rate_per_s: float, seconds: float, chance: Chance) -> Iterator[int]:
    """Due times in nanoseconds after the start, ascending, less than `seconds`. ValueError: no rate."""
    if rate_per_s <= 0:
        raise ValueError(f"rate_per_s: {rate_per_s} given, must be above 0")
    due_s = 0.0
    while True:
        # 1 - fraction is above 0: the logarithm exists.
        due_s -= math.log(1.0 - chance.fraction()) / rate_per_s
        if due_s >= seconds:
            return
        yield int(due_s * NS_PER_S)
