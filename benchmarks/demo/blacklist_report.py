"""Blacklist report: what was listed and screened, in the shape of "blacklist" in out/demo.json. Pure."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class BlacklistReport:
    """`entries`: listings made; `hits`: subjects found on the list before any was removed;
    `acknowledged_units`: those that have carried out every change."""

    entries: int
    screened: int
    hits: int
    removed: int
    acknowledged_units: int

    def as_json(self) -> dict[str, Any]:
        """The keys are a published contract."""
        return asdict(self)
