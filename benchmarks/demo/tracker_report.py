"""Tracker report: the figures of what was tracked, in the shape of "tracker" in out/demo.json. Pure."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TrackerReport:
    """`due_soon`: open nodes that warn, amber or red; `overdue`: duties whose last day has passed."""

    cases: int
    events: int
    nodes_done: int
    due_soon: int
    overdue: int

    def as_json(self) -> dict[str, Any]:
        """The keys are a published contract."""
        return asdict(self)
