"""Scrape: one reading of a process's /metrics, and the figures a run takes from it.

Reads the text format of Prometheus with its own parser. It keeps no series over time; the caller does.
"""

import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    labels: dict[str, str]
    value: float


class Scrape:
    """The samples of one reading."""

    def __init__(self, text: str) -> None:
        self._by_name: dict[str, list[Sample]] = {}
        for family in text_string_to_metric_families(text):
            for one in family.samples:
                self._by_name.setdefault(one.name, []).append(Sample(one.name, one.labels, one.value))

    def total(self, name: str, **labels: str) -> float:
        """Sum over all series of this name whose labels contain `labels`. LookupError when there is none."""
        return sum(one.value for one in self._matching(name, labels))

    def maximum(self, name: str) -> float:
        return max(one.value for one in self._matching(name, {}))

    def buckets(self, name: str) -> tuple[tuple[float, float], ...]:
        """(upper bound, observations above the bound before it) of a histogram, summed over its series."""
        cumulative: dict[float, float] = {}
        for one in self._matching(f"{name}_bucket", {}):
            bound = float(one.labels["le"])
            cumulative[bound] = cumulative.get(bound, 0.0) + one.value
        bounds = sorted(cumulative)
        before = [0.0, *(cumulative[bound] for bound in bounds)]
        return tuple((bound, cumulative[bound] - before[place]) for place, bound in enumerate(bounds))

    def _matching(self, name: str, labels: dict[str, str]) -> list[Sample]:
        found = [one for one in self._by_name.get(name, []) if labels.items() <= one.labels.items()]
        if not found:
            raise LookupError(f"metric {name} {labels}: not in the scrape")
        return found


def scrape(url: str) -> Scrape:
    """Read `url` now; blocks for at most TIMEOUT_S. OSError when there is no answer."""
    if not url.startswith("http://127."):
        raise ValueError(f"url: {url} given, must be on this machine")
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as response:  # noqa: S310  (checked above)
        return Scrape(response.read().decode("utf-8"))


def quantile(buckets: Iterable[tuple[float, float]], share: float) -> float:
    """The value below which `share` of the observations lie, interpolated within its bucket; 0 when empty."""
    known = tuple(buckets)
    wanted = share * sum(count for _, count in known)
    seen, below = 0.0, 0.0
    for bound, count in known:
        if count and seen + count >= wanted:
            upper = below if bound == float("inf") else bound
            return below + (upper - below) * (wanted - seen) / count
        seen, below = seen + count, bound
    return 0.0
