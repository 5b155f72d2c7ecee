"""Sets: figures that were counted for a first page, kept for the pages that follow.

They are of one moment, and of who asked for them what. The oldest are dropped for new ones, and after some
minutes; nobody waits for them. One event loop.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from chakong.tracker.v1.tracker_pb2 import GetStatisticsResponse
from runtime.clock import now_ns

KEEP_NS: Final = 600 * 1_000_000_000
# Three times all courts of the country, some hundred bytes each.
FIGURES_MAX: Final = 400_000


class _Set(NamedTuple):
    asked: bytes
    whole: GetStatisticsResponse


class Sets:
    """By the moments at which they were made."""

    def __init__(self, clock_ns: Callable[[], int] = now_ns) -> None:
        self._clock_ns = clock_ns
        self._sets: dict[int, _Set] = {}
        self._last_ns = 0

    def keep(self, asked: bytes, whole: GetStatisticsResponse) -> int:
        """The set's number, which no other one ever has."""
        self._drop()
        self._last_ns = max(self._clock_ns(), self._last_ns + 1)
        self._sets[self._last_ns] = _Set(asked, whole)
        count = sum(len(one.whole.figures) for one in self._sets.values())
        for number in sorted(self._sets)[:-1]:
            if count <= FIGURES_MAX:
                break
            count -= len(self._sets.pop(number).whole.figures)
        return self._last_ns

    def find(self, number: int, asked: bytes) -> GetStatisticsResponse | None:
        """None: it is not kept any more, or was asked for otherwise."""
        self._drop()
        found = self._sets.get(number)
        return found.whole if found is not None and found.asked == asked else None

    def _drop(self) -> None:
        old_ns = self._clock_ns() - KEEP_NS
        for number in [one for one in self._sets if one < old_ns]:
            del self._sets[number]
