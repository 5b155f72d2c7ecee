"""Timeline: which events are facts as of a day, as known at a moment.

Pure. The same event twice is one; corrections are laid over what they correct; what is left stands in the
order of effective days. In which order events were recorded has no part in it, save that of two corrections
of one event the later recorded counts.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from tracker.model import Event, Pending
from tracker.rules.words import CORRECTED


class Facts(NamedTuple):
    """`history`: as corrected, by effective day; `voided`: what did not happen; `lost`: corrections of
    events that are not known."""

    history: tuple[Event, ...]
    voided: tuple[Event, ...]
    lost: tuple[Pending, ...]


def facts(events: Iterable[Event], as_of: int, known_ns: int) -> Facts:
    """What happened until the end of `as_of`, by what had been recorded at `known_ns`."""
    known = _once(events, known_ns)
    corrections = sorted(
        (event for event in known.values() if event.kind == CORRECTED),
        key=lambda event: (event.recorded_ns, event.event_id),
    )
    voided: dict[str, bool] = {}
    lost: list[Pending] = []
    for correction in corrections:
        right = correction.correction
        wrong = known.get(right.event_id) if right is not None else None
        if right is None or wrong is None or wrong.kind == CORRECTED:
            lost.append(Pending(correction.event_id, CORRECTED, "", "no_such_event"))
            continue
        voided[wrong.event_id] = right.is_void
        if not right.is_void:
            known[wrong.event_id] = replace(
                wrong, effective=right.effective, thing=right.thing, detail=right.detail
            )
    history = [
        event
        for event in known.values()
        if event.effective <= as_of and event.kind != CORRECTED and not voided.get(event.event_id)
    ]
    history.sort(key=_order)
    gone = sorted((known[event_id] for event_id, is_void in voided.items() if is_void), key=_order)
    return Facts(tuple(history), tuple(gone), tuple(lost))


def _once(events: Iterable[Event], known_ns: int) -> dict[str, Event]:
    """By id; of two with the same one the first recorded stands."""
    known: dict[str, Event] = {}
    for event in events:
        if event.recorded_ns > known_ns:
            continue
        other = known.get(event.event_id)
        if other is None or _precedence(event) < _precedence(other):
            known[event.event_id] = event
    return known


def _precedence(event: Event) -> tuple[int, int, str, str]:
    return (event.recorded_ns, event.effective, event.kind, event.thing)


def _order(event: Event) -> tuple[int, str]:
    return (event.effective, event.event_id)


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """Facts in the order in which `facts` gives them."""
    return tuple(sorted(events, key=_order))
