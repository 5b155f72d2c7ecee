"""What a line has counted since the start, in plain numbers; metrics and the league table read it.

It decides nothing.
"""

from dataclasses import dataclass, field
from typing import Final

# By the Engine's CAUSE numbers.
CAUSES: Final = ("", "undelivered", "broken", "timeout", "refused", "garbage")


@dataclass(slots=True)
class LineCounts:
    """One endpoint's counts. `failures` by the Engine's CAUSE numbers; `refused` are replies that it
    refused."""

    batches: int = 0
    replies: int = 0
    refused: int = 0
    duplicates: int = 0
    failures: list[int] = field(default_factory=lambda: [0] * len(CAUSES))
    streams_opened: int = 0
    streams_ended: int = 0
    connects_failed: int = 0
    describes_failed: int = 0
