"""Places: which events start, end or do which node, for which thing. Pure.

A node is once for the case, or once for each thing of its kind; each such place has its own entries in the
order of days. On one day starts go before ends: in which order they were recorded has no part in it.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

from tracker.model import Event, Pending, Status
from tracker.rules.law import Law
from tracker.rules.life import AFTER_CLOSING, Life
from tracker.rules.rule import NodeRule
from tracker.rules.things import Things
from tracker.rules.words import (
    CASE,
    CLOCK_RESUMED,
    CLOSING,
    COMES_AFTER,
    FOUND_AFTERWARDS,
    MEASURE_EFFECTIVE,
    MEASURE_ENDED,
    MEASURE_RENEWED,
    PAYMENT,
    PROPERTY,
    RESTARTED,
    RESUMPTION,
    TERM,
    TOLD_AGAIN,
    WINDOW,
)

# What an entry does; on one day in this order.
START: Final = 0
DONE: Final = 1
RENEW: Final = 2
END: Final = 3
# What was done may be started again.
RESET: Final = 4
RESTART: Final = 5

Place = tuple[int, str]


class Entry(NamedTuple):
    """One thing that happens to a node. `rule` of a start: that of its day; None: there is none on file, or
    the way of selling is not known, as `why` says."""

    day: int
    act: int
    event: Event | None = None
    rule: NodeRule | None = None
    why: str = ""


class Places(NamedTuple):
    """The entries of every node there is, and the events that do nothing yet."""

    entries: Mapping[Place, list[Entry]]
    pending: list[Pending]


def without_effect(law: Law, history: tuple[Event, ...], life: Life) -> dict[str, Pending]:
    """Events that change no node: on a closed case, or of a case that was never ended."""
    found = {pending.event_id: pending for pending in life.pending}
    for event in history:
        if life.is_closed_on(event.effective) and not is_taken_when_closed(law, event.kind):
            found[event.event_id] = _pending(event, "after_closing")
        elif event.kind == FOUND_AFTERWARDS and not life.was_ended_on(event.effective):
            found[event.event_id] = _pending(event, "start_unknown")
    return found


def is_taken_when_closed(law: Law, kind: str) -> bool:
    """Whether a closed case takes such an event."""
    number = law.numbers.get(kind)
    return kind in AFTER_CLOSING or (number is not None and law.nodes[number].start == CLOSING)


def places(law: Law, profile: str, history: tuple[Event, ...], life: Life, about: Things) -> Places:
    """The entries of all nodes. `history` without what has no effect."""
    entries: dict[Place, list[Entry]] = defaultdict(list)
    pending = _without_predecessor(history)
    started = law.started[profile]
    for event in history:
        for number in started.get(event.kind, ()):
            if _is_idle(law, number, event, life):
                continue
            entry = _start(law, profile, number, event, about)
            if entry is not None:
                entries[number, _thing(law.nodes[number], event)].append(entry)
        own = law.numbers.get(event.kind)
        if own is not None:
            is_crossed = own in law.crossed[profile]
            thing = about.origins.get(event.thing, "") if is_crossed else ""
            entries[own, thing or _thing(law.nodes[own], event)].append(Entry(event.effective, DONE, event))
        if event.kind in (MEASURE_EFFECTIVE, MEASURE_RENEWED, MEASURE_ENDED):
            _measure(law, event, about, entries, pending)
        elif event.kind == RESUMPTION:
            _restart(law, profile, event, life, entries)
    _finish(law, history, life, entries)
    return Places(entries, pending)


def _finish(law: Law, history: tuple[Event, ...], life: Life, entries: Mapping[Place, list[Entry]]) -> None:
    """Adds what ends nodes from outside, and puts all entries into their order."""
    _end_duties(law, [event for event in history if event.kind == MEASURE_ENDED], entries)
    for place, of_place in entries.items():
        if is_dropped(law.nodes[place[0]]):
            of_place += [Entry(day, END) for day in life.ends]
        of_place.sort(key=lambda entry: (entry.day, entry.act))


def is_dropped(rule: NodeRule) -> bool:
    """Whether a node that is open when the case ends is no duty any more. Money is still to be paid out, a
    measure runs on, a party keeps its right, and what starts with the closing has just begun."""
    return rule.kind not in (TERM, WINDOW) and rule.per != PAYMENT and rule.start != CLOSING


def _start(law: Law, profile: str, number: int, event: Event, about: Things) -> Entry | None:
    """The entry of an event that may start a node; None: not by the rule of its day, route and kind of
    property."""
    node, day = law.nodes[number], event.effective
    is_other_term = node.kind == TERM and about.kinds.get(event.thing) != node.term
    if is_other_term or not about.concerns(node.key, event.thing):
        return None
    routes = law.routes(profile, number)
    route = "" if routes == ("",) else about.route(event.thing, day)
    # On the way of selling that was told; or, if none was, on any.
    ways = (route,) if route else routes
    on_file = [rule for way in ways for rule in law.versions.get((profile, number, way), ())]
    if all(rule.start != event.kind for rule in on_file):
        return None
    if route not in routes:
        return Entry(day, START, event, None, "route_unknown")
    rule = law.rule(profile, number, route, day)
    if rule is None and node.kind == TERM:
        # terms.toml has days of its own; the node says only when to warn.
        rule = on_file[0]
    is_other = rule is not None and rule.start != event.kind
    return None if is_other else Entry(day, START, event, rule, "" if rule else "no_rule")


def _is_idle(law: Law, number: int, event: Event, life: Life) -> bool:
    """Whether it is only told again what a case ended for now has behind it."""
    is_told_again = event.kind in TOLD_AGAIN and law.nodes[number].per == CASE
    return is_told_again and life.is_ended_on(event.effective)


def _restart(law: Law, profile: str, event: Event, life: Life, entries: Mapping[Place, list[Entry]]) -> None:
    """A resumed case has its time for closing anew, from the resumption on, and its inquiries are counted
    anew."""
    is_open_after = life.status_after(event.effective) is Status.OPEN
    # Of a closing and a resumption on one day the later one goes later.
    act = RESTART if is_open_after else START
    for key in RESTARTED:
        number = law.numbers[key]
        rule = law.rule(profile, number, "", event.effective)
        entries[number, ""].append(Entry(event.effective, act, event, rule, "" if rule else "no_rule"))


def _measure(
    law: Law, event: Event, about: Things, entries: Mapping[Place, list[Entry]], pending: list[Pending]
) -> None:
    """Renewals and ends of a measure, for its term and for the duties that it started."""
    kind = about.kinds.get(event.thing, "")
    if kind not in law.term_nodes:
        pending.append(_pending(event, "property_unknown"))
        return
    term_place = (law.term_nodes[kind], event.thing)
    if event.kind == MEASURE_RENEWED:
        entries[term_place].append(Entry(event.effective, RENEW, event))
    elif event.kind == MEASURE_ENDED:
        entries[term_place].append(Entry(event.effective, END, event))


def _end_duties(law: Law, ends: list[Event], entries: Mapping[Place, list[Entry]]) -> None:
    """With a measure end the duties that it started; others of its property may be started again."""
    by_thing: dict[str, list[Event]] = defaultdict(list)
    for event in ends:
        by_thing[event.thing].append(event)
    for (number, thing), of_place in entries.items():
        node = law.nodes[number]
        if thing in by_thing and node.kind != TERM and node.per == PROPERTY:
            act = END if node.start == MEASURE_EFFECTIVE else RESET
            of_place += [Entry(event.effective, act, event) for event in by_thing[thing]]


def _thing(node: NodeRule, event: Event) -> str:
    return "" if node.per == CASE else event.thing


def _without_predecessor(history: tuple[Event, ...]) -> list[Pending]:
    """Events of which what must come first is not known, or is known to be later."""
    first: dict[tuple[str, str, str], int] = {}
    for event in history:
        first.setdefault((event.kind, event.thing, event.detail.period), event.effective)
    found = []
    for event in history:
        earlier = COMES_AFTER.get(event.kind)
        if earlier is None or event.kind == CLOCK_RESUMED:
            continue
        day = first.get((earlier, event.thing, ""))
        if day is None or day > event.effective:
            found.append(_pending(event, "start_unknown" if day is None else "before_start"))
    return found


def _pending(event: Event, why: str) -> Pending:
    return Pending(event.event_id, event.kind, event.thing, why)
