"""Counts: what the follower has done since the start, and what Prometheus is told of it.

Whole numbers that the event loop has finished. By outcome and kind of work alone, never by court or case.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from blacklist.store.proposer import OUTCOMES
from runtime.metrics import Figure

WORKS = ("courts", "events")


@dataclass(slots=True)
class Counts:
    """Since the start. `outcomes`: what became of events that could propose something; `troubles` by kind of
    work."""

    events: int = 0
    watching: int = 0
    outcomes: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(OUTCOMES, 0)))
    troubles: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(WORKS, 0)))

    def figures(self) -> Iterator[Figure]:
        """As they stand."""
        yield Figure("chakong_blacklist_followed_total", "Events that the tracker told.", self.events)
        yield Figure("chakong_blacklist_follow_watches", "Watches open at the tracker.", self.watching)
        for outcome, count in list(self.outcomes.items()):
            text = "Of events that concern the list, what became of them."
            labels = (("state", outcome),)
            yield Figure("chakong_blacklist_follow_proposals_total", text, count, labels)
        for kind, count in list(self.troubles.items()):
            text = "Times that the follower had to try again."
            yield Figure("chakong_blacklist_follow_troubles_total", text, count, (("kind", kind),))
