"""Report: the figures of one demo run, in the shape of out/demo.json.

Pure. It states what was measured and judges nothing; benchmarks.demo.invariants does that.
"""

from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.demo.blacklist_report import BlacklistReport
from benchmarks.demo.holds_report import HoldsReport
from benchmarks.demo.tracker_report import TrackerReport

# The order of the states is that of chakong.type.v1.EndState.
STATES = ("FOUND", "NONE", "AMBIGUOUS", "REFUSED", "INCAPABLE", "LATE", "UNREACHABLE", "CANCELLED")


@dataclass(frozen=True, slots=True)
class InquiryCounts:
    sent: int
    accepted: int
    repeated: int
    refused: int
    final: int


@dataclass(frozen=True, slots=True)
class VerdictCounts:
    """`expected`: verdicts that the sample states and that were compared; `mismatched`: those that differ."""

    expected: int
    mismatched: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles and maximum of one measured thing; the unit is in the name of the field."""

    p50: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class ResidentPeak:
    gateway: int
    simulator: int


@dataclass(frozen=True, slots=True)
class Report:
    """One run. `state_counts` has every state of STATES, from the FINAL answers' coverage."""

    scenario: str
    institutions: int
    endpoints: int
    inquiries: InquiryCounts
    verdicts: VerdictCounts
    query_count: int
    state_counts: dict[str, int]
    queries_on_wire: int
    records: int
    batches: int
    batch_size: Spread
    seconds: float
    answer_latency_ms: Spread
    rss_peak_bytes: ResidentPeak
    holds: HoldsReport
    tracker: TrackerReport
    # From the first registration to the last event; not in the object.
    tracked_seconds: float
    blacklist: BlacklistReport
    # From the first listing to the last acknowledgement; not in the object.
    listed_seconds: float

    @property
    def queries_per_second(self) -> float:
        """Ended queries over the time from the first message sent to the last FINAL answer received."""
        return self.query_count / self.seconds if self.seconds > 0 else 0.0

    def as_json(self) -> dict[str, Any]:
        """The object of out/demo.json; keys are a published contract."""
        return {
            "scenario": self.scenario,
            "institutions": self.institutions,
            "endpoints": self.endpoints,
            "inquiries": asdict(self.inquiries),
            "verdicts": asdict(self.verdicts),
            "queries": {"total": self.query_count, **{state: self.state_counts[state] for state in STATES}},
            "queries_on_wire": self.queries_on_wire,
            "records": self.records,
            "batches": self.batches,
            "batch_size": {name: round(entries) for name, entries in asdict(self.batch_size).items()},
            "seconds": round(self.seconds, 3),
            "queries_per_second": round(self.queries_per_second, 1),
            "answer_latency_ms": _rounded(self.answer_latency_ms),
            "rss_peak_bytes": asdict(self.rss_peak_bytes),
            "holds": self.holds.as_json(),
            "tracker": self.tracker.as_json(),
            "blacklist": self.blacklist.as_json(),
        }


def spread(values: list[float]) -> Spread:
    """Nearest-rank percentiles; zeros when there is no value."""
    if not values:
        return Spread(0.0, 0.0, 0.0)
    ordered = sorted(values)
    return Spread(_rank(ordered, 50), _rank(ordered, 99), ordered[-1])


def _rank(ordered: list[float], percent: int) -> float:
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _rounded(values: Spread) -> dict[str, float]:
    return {"p50": round(values.p50, 3), "p99": round(values.p99, 3), "max": round(values.max, 3)}
