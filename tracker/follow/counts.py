"""Counts: what the follower has done since the start, and what Prometheus is told of it.

Whole numbers that the event loop has finished. By kind and rule alone, never by court or case.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from runtime.metrics import Figure

# What is done again and again, and what comes of an order: each has a figure from the start.
WORKS = ("courts", "answers", "holds", "arrivals", "first_inquiries", "patrols", "strays")
ORDERS = tuple((kind, state) for kind in ("first", "patrol") for state in ("ordered", "repeated", "refused"))
UNREGISTERED = "UNREGISTERED"


@dataclass(slots=True)
class Counts:
    """Since the start. `refused` by the name of the rule, `troubles` by kind of work, `orders` by (kind,
    state)."""

    answers: int = 0
    holds: int = 0
    recorded: int = 0
    repeated: int = 0
    refused: Counter[str] = field(default_factory=lambda: Counter({UNREGISTERED: 0}))
    strays: int = 0
    left_out: int = 0
    watching: int = 0
    troubles: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(WORKS, 0)))
    orders: Counter[tuple[str, str]] = field(default_factory=lambda: Counter(dict.fromkeys(ORDERS, 0)))

    def figures(self) -> Iterator[Figure]:
        """As they stand."""
        told = "What the gateway told, by what it is."
        for kind, count in (("answer", self.answers), ("hold", self.holds)):
            yield Figure("chakong_tracker_followed_total", told, count, (("kind", kind),))
        made = "Events that the follower made, by what became of them."
        states = (("recorded", self.recorded), ("repeated", self.repeated), ("stray", self.strays))
        for state, count in states:
            yield Figure("chakong_tracker_follow_events_total", made, count, (("state", state),))
        for rule, count in list(self.refused.items()):
            text = "Events of the follower that the rules did not take."
            yield Figure("chakong_tracker_follow_refused_total", text, count, (("rule", rule),))
        text = "Properties found beyond those of one inquiry that are recorded."
        yield Figure("chakong_tracker_follow_left_out_total", text, self.left_out)
        yield Figure("chakong_tracker_follow_watches", "Watches open at the gateway.", self.watching)
        for kind, count in list(self.troubles.items()):
            text = "Times that the follower had to try again."
            yield Figure("chakong_tracker_follow_troubles_total", text, count, (("kind", kind),))
        for (kind, state), count in list(self.orders.items()):
            text = "Inquiries that the tracker asked for by itself, by what became of them."
            labels = (("kind", kind), ("state", state))
            yield Figure("chakong_tracker_orders_total", text, count, labels)
