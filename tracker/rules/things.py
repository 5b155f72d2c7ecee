"""Things: what the events say of the properties, clues and payments of a case. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tracker.model import Event
from tracker.rules.words import MEASURE_EFFECTIVE

DEPOSIT = "deposit"
# 参考价规定 (2018) art 1 speaks of property that must be sold, and money is not sold; deduction takes money
# and nothing else. Both readings are this project's own.
MONEY_ONLY = frozenset({"deduction"})
SOLD_ONLY = frozenset({"appraisal"})


class Things(NamedTuple):
    """Kind of property of each thing, the ways of selling it from the day each was told, and where it came
    from."""

    kinds: Mapping[str, str]
    routes: Mapping[str, tuple[tuple[int, str], ...]]
    origins: Mapping[str, str]

    def route(self, thing: str, day: int) -> str:
        """The way of selling last told by this day; "": none was."""
        told = [route for since, route in self.routes.get(thing, ()) if since <= day]
        return told[-1] if told else ""

    def concerns(self, key: str, thing: str) -> bool:
        """Whether a node is for such property; a kind that nobody told concerns neither."""
        kind = self.kinds.get(thing, "")
        if key in MONEY_ONLY:
            return kind == DEPOSIT
        return kind not in ("", DEPOSIT) if key in SOLD_ONLY else True


NOTHING = Things({}, {}, {})


def things(history: Iterable[Event]) -> Things:
    """By the events in the order of their days; what a measure says of its property goes before what was
    found."""
    kinds: dict[str, str] = {}
    measured: dict[str, str] = {}
    origins: dict[str, str] = {}
    routes: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for event in history:
        thing, detail = event.thing, event.detail
        if not thing:
            continue
        if detail.property:
            (measured if event.kind == MEASURE_EFFECTIVE else kinds).setdefault(thing, detail.property)
        if detail.route:
            routes[thing].append((event.effective, detail.route))
        if detail.origin:
            origins.setdefault(thing, detail.origin)
    if not (kinds or measured or origins or routes):
        return NOTHING
    return Things({**kinds, **measured}, {thing: tuple(told) for thing, told in routes.items()}, origins)
