"""Rate: how often an endpoint may be sent a batch.

A token bucket, pure: the caller passes `now_ns`, waits as long as it is told and asks again. A token that
nobody used is nobody's: who gives up waiting has taken nothing.
"""

from dataclasses import dataclass
from typing import Final

SECOND_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """When the bucket will be full again; a full one lets `burst` through at once."""

    full_ns: int = 0


def take(bucket: Bucket, now_ns: int, per_s: float, burst: int) -> tuple[Bucket, int]:
    """The bucket without a token, and 0; or when there is none, the bucket as it was and how long to wait
    before asking again.

    ValueError unless `per_s` is positive and `burst` at least 1.
    """
    if per_s <= 0:
        raise ValueError(f"per_s: {per_s} given, more than 0")
    if burst < 1:
        raise ValueError(f"burst: {burst} given, at least 1")
    token_ns = round(SECOND_NS / per_s)
    full_ns = max(bucket.full_ns, now_ns) + token_ns
    wait_ns = full_ns - burst * token_ns - now_ns
    return (bucket, wait_ns) if wait_ns > 0 else (Bucket(full_ns), 0)
