"""Result: what one named benchmark came to, as it was measured.

Pure. Every run is kept; nothing here knows the target or judges. A wrong answer is no result: `expect`
raises, and the benchmark counts as failed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

NOTHING: Mapping[str, Any] = {}


class WrongAnswerError(Exception):
    """What was measured did not do what it must: its speed is worth nothing."""


@dataclass(frozen=True, slots=True)
class Result:
    """The runs of a benchmark, in `unit`. With a reference, run for run beside it on the same machine.

    `extra`, all of it plain JSON: "curves" (name -> {"x", "y", "points": [[x, y], ...]}), "growth" (a list of
    {"name", "from", "to", "factor", "limit"}), and whatever else explains the figure.
    """

    name: str
    unit: str
    ours: tuple[float, ...]
    reference: tuple[float, ...] | None = None
    reference_name: str = ""
    # What must be known with the figure, for instance that a peer is not installed.
    note: str = ""
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        if not self.ours or self.reference == ():
            raise ValueError(f"{self.name}: no runs given, at least 1")

    @property
    def our_median(self) -> float:
        """The figure that is shown."""
        return median(self.ours)

    @property
    def reference_median(self) -> float | None:
        """The same of the reference; None: there is none."""
        return median(self.reference) if self.reference else None

    @property
    def ratio(self) -> float | None:
        """Ours over the reference: the median of the runs' ratios where they were taken in pairs."""
        if not self.reference:
            return None
        if len(self.ours) != len(self.reference):
            return self.our_median / median(self.reference)
        return median(one / other for one, other in zip(self.ours, self.reference, strict=True))


def curve(x: str, y: str, points: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """A curve as bench.json has it; `x` and `y` say what is on the axes, with the unit."""
    return {"x": x, "y": y, "points": [list(point) for point in points]}


def growth(name: str, points: Sequence[tuple[float, float]], limit: float) -> dict[str, Any]:
    """How much the highest point of a curve lies above its lowest; more than `limit` times is not flat."""
    heights = [y for _, y in points]
    factor = max(heights) / min(heights)
    return {"name": name, "from": points[0][0], "to": points[-1][0], "factor": factor, "limit": limit}


def expect(what: str, came: object, wanted: object) -> None:
    """WrongAnswerError unless it came as it must. Both values are counts or states, nothing of a person."""
    if came != wanted:
        raise WrongAnswerError(f"{what}: {came} came, must be {wanted}")
