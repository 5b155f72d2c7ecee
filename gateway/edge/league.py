"""League: reply times by endpoint, for the table of the slow ones.

Since the gateway's start; replies that were refused and batches that failed are the line's counts. It ranks,
and judges nobody.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from gateway.edge.histogram import Histogram

US_PER_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """One endpoint's reply times, in milliseconds; 0 before its first reply."""

    endpoint: int
    replies: int
    reply_ms_p50: float
    reply_ms_p99: float


class League:
    """Reply times of so many endpoints."""

    def __init__(self, endpoint_count: int) -> None:
        self.reply_us = [Histogram() for _ in range(endpoint_count)]

    def replied(self, endpoint: int, reply_ns: int) -> None:
        """A reply was taken so long after its batch had left."""
        self.reply_us[endpoint].add(reply_ns // 1000)

    def place(self, endpoint: int) -> Place:
        """The reply times of one endpoint."""
        reply_us = self.reply_us[endpoint]
        return Place(
            endpoint,
            reply_us.count,
            reply_us.quantile(0.5) / US_PER_MS,
            reply_us.quantile(0.99) / US_PER_MS,
        )

    def slowest(self, count: int, troubled: Collection[int] = ()) -> list[Place]:
        """So many endpoints: those in trouble first, then highest median first; of equal ones the lower index
        first. One that never replied has no median, and would come last without its trouble."""
        places = [self.place(endpoint) for endpoint in range(len(self.reply_us))]
        places.sort(key=lambda place: (place.endpoint not in troubled, -place.reply_ms_p50, place.endpoint))
        return places[:count]
