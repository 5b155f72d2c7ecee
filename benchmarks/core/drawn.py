"""Drawn: numbers by chance, the same for the same seed, as arrays of C numbers.

What is looked up in a benchmark comes in no order that memory could guess.
"""

import numpy as np
from numpy.typing import NDArray

from runtime.chance import Chance

Numbers = NDArray[np.uint64]


def keys(count: int, seed: int) -> bytes:
    """16 bytes each."""
    return Chance(seed).token(16 * count)


def numbers(count: int, seed: int) -> Numbers:
    """Below 2**64."""
    return np.frombuffer(Chance(seed).token(8 * count), np.uint64)


def order(count: int, seed: int) -> NDArray[np.int64]:
    """The numbers 0 .. count, each once."""
    return np.argsort(numbers(count, seed))


def permuted(count: int, chosen: int, first: int = 0) -> bytes:
    """`chosen` of the numbers first .. first + count, each once, u32."""
    return (order(count, 7)[:chosen] + first).astype(np.uint32).tobytes()


def total(drawn: bytes) -> int:
    """The sum of u32 numbers."""
    return int(np.frombuffer(drawn, np.uint32).sum(dtype=np.uint64))
