"""Hold figures: what enforcing shows beyond its report: its course, outcomes of controls, their times, the
money.

Plain values between the run, its summary and its picture; no reading, no drawing.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HoldMoment:
    """Seconds after the first claim was sent."""

    at_s: float
    ordered_count: int
    ended_count: int
    held_fen: int


@dataclass(frozen=True, slots=True)
class Money:
    """Sums over all claims at the end. What was deducted and reached the courts is in `credited_fen` too."""

    due_fen: int
    controlled_fen: int
    valued_fen: int
    deducted_fen: int
    credited_fen: int
    gap_fen: int
    exposed_fen: int


@dataclass(frozen=True, slots=True)
class HoldFigures:
    """`stages`: name, and seconds after the first. `outcomes`: (FREEZE, DONE) and so on -> controls."""

    moments: tuple[HoldMoment, ...]
    stages: tuple[tuple[str, float], ...]
    outcomes: dict[tuple[str, str], int]
    latencies_ms: tuple[float, ...]
    money: Money
    institution_count: int
    renewed_count: int
    approved_count: int
    indivisible_count: int
    objected_count: int
    overtaken_count: int
