"""Figures: what a run shows beyond its report: its course, coverage by class, slow endpoints, batch sizes.

Plain values between the run, its summary and its picture; no reading, no drawing.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """The state of the run at one instant, seconds after the first message was sent."""

    at_s: float
    acknowledged_count: int
    final_count: int
    queries_on_wire: int
    queries_ended: int


@dataclass(frozen=True, slots=True)
class ClassCoverage:
    """How the queries at one class of institutions ended: state -> count."""

    institution_class: str
    query_count: int
    state_counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class SlowEndpoint:
    key: str
    institution_count: int
    reply_count: int
    failure_count: int
    reply_ms_p50: float
    reply_ms_p99: float
    breaker: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many batches were larger than the bucket before and at most `size_max` (infinity: the last)."""

    size_max: float
    batch_count: int


@dataclass(frozen=True, slots=True)
class Figures:
    moments: tuple[Moment, ...]
    classes: tuple[ClassCoverage, ...]
    slowest: tuple[SlowEndpoint, ...]
    batch_sizes: tuple[Bucket, ...]
