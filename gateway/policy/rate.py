"""Rate: how often an endpoint may be sent a batch.

A token bucket, pure: the caller passes `now_ns` and waits as long as it is told. It holds nothing back by
itself.
"""

from dataclasses import dataclass
from typing import Final

SECOND_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """When the bucket will be full again; a full one lets `burst` through at once."""

    full_ns: int = 0


def take(bucket: Bucket, now_ns: int, per_s: float, burst: int) -> tuple[Bucket, int]:
    """Take a token; the bucket after it, and how long to wait before using it (0: not at all).

    ValueError unless `per_s` is positive and `burst` at least 1.
    """
    if per_s <= 0:
        raise ValueError(f"per_s: {per_s} given, more than 0")
    if burst < 1:
        raise ValueError(f"burst: {burst} given, at least 1")
    token_ns = round(SECOND_NS / per_s)
    full_ns = max(bucket.full_ns, now_ns) + token_ns
    return Bucket(full_ns), max(0, full_ns - burst * token_ns - now_ns)
