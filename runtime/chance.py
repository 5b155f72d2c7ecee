"""Chance: the one place where random numbers come from.

With a seed the same calls give the same values, for simulation and tests. Without one the numbers come from
the operating system and are fit for secrets. It decides nothing: what is done with a jittered delay is the
caller's.
"""

import random

JITTER_LOW = 0.5
JITTER_HIGH = 1.5


class Chance:
    """A stream of random values. `seed` None: the operating system's randomness."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.SystemRandom() if seed is None else random.Random(seed)

    def jitter(self, base_ns: int) -> int:
        """Between half of `base_ns` and one and a half of it, evenly. ValueError when it is negative."""
        if base_ns < 0:
            raise ValueError(f"base_ns: {base_ns} given, at least 0")
        return round(base_ns * self._random.uniform(JITTER_LOW, JITTER_HIGH))

    def token(self, size: int) -> bytes:
        """`size` random bytes; secret only when there is no seed. ValueError when it is negative."""
        if size < 0:
            raise ValueError(f"size: {size} given, at least 0")
        return self._random.randbytes(size) if size else b""

    def fraction(self) -> float:
        """At least 0, less than 1."""
        return self._random.random()

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1. ValueError when `limit` is not positive."""
        if limit < 1:
            raise ValueError(f"limit: {limit} given, at least 1")
        return self._random.randrange(limit)
