"""Histogram: how often which size of number came, in buckets that grow with it.

Eight buckets to an octave, so a quantile is at most an eighth too high. Plain integers: `add` is what a hot
path can afford. It knows no unit; the caller says whether it counts microseconds or entries.
"""

from itertools import accumulate
from typing import Final

SUB_BITS: Final = 3
SUB_COUNT: Final = 1 << SUB_BITS
VALUE_BITS: Final = 32
VALUE_MAX: Final = (1 << VALUE_BITS) - 1
BUCKET_COUNT: Final = (VALUE_BITS - SUB_BITS) * SUB_COUNT + SUB_COUNT


def bucket_of(value: int) -> int:
    """The bucket of a number of 0 or more; what is beyond 32 bits is in the last one."""
    if value > VALUE_MAX:
        return BUCKET_COUNT - 1
    shift = max(0, value.bit_length() - SUB_BITS - 1)
    return (shift << SUB_BITS) + (value >> shift)


def bucket_end(bucket: int) -> int:
    """The first number above the bucket."""
    shift = max(0, (bucket >> SUB_BITS) - 1)
    return (bucket - (shift << SUB_BITS) + 1) << shift


class Histogram:
    """Counts by bucket, and the sum of what was counted."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * BUCKET_COUNT
        self.total = 0

    def add(self, value: int, count: int = 1) -> None:
        """Count a number so many times. It must be 0 or more."""
        self.counts[bucket_of(value)] += count
        self.total += count * value

    def merge(self, other: "Histogram") -> None:
        """Count all that another counted."""
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]
        self.total += other.total

    @property
    def count(self) -> int:
        """How many numbers were counted."""
        return sum(self.counts)

    def quantile(self, share: float) -> int:
        """A number that at least this share (0 to 1) of those counted lie below; 0 when none was counted."""
        wanted = share * self.count
        if wanted <= 0:
            return 0
        for bucket, below in enumerate(accumulate(self.counts)):
            if below >= wanted:
                return bucket_end(bucket)
        return bucket_end(BUCKET_COUNT - 1)

    def count_below(self, bits: int) -> int:
        """How many of those counted were less than 2**bits; `bits` from 0 to 32."""
        return sum(self.counts[: bucket_of(1 << bits)] if bits < VALUE_BITS else self.counts)
