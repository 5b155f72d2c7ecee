"""Alerts: what an officer must see of a case on a day. Pure; what is told is read off its nodes and
events."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from runtime import calendar
from tracker.model import Alert, Event, Node, NodeState, Urgency
from tracker.rules import levels
from tracker.rules.law import Law
from tracker.rules.words import EXPIRED, MEASURE_ENDED, RESUMPTION, TERM

# Events of the case that call for something: kind of alert, urgency, what to do.
CALLS: Final = {
    "bankruptcy_accepted": (Urgency.RED, "the measures of the case are to be released (企业破产法 art 19)"),
    "debtor_died": (Urgency.AMBER, "no new measure until the court names who stands in"),
}
LEVEL_KINDS: Final = {Urgency.AMBER: "amber", Urgency.RED: "red", Urgency.OVERDUE: "overdue"}


def alerts(law: Law, nodes: Sequence[Node], history: Iterable[Event], as_of: int) -> tuple[Alert, ...]:
    """The alerts of this day: the most urgent first."""
    found = [alert for node in nodes if node.state is NodeState.OPEN for alert in _of_node(law, node, as_of)]
    events = tuple(history)
    found += [_call(event) for event in events if event.kind in CALLS]
    found += _expired(law, nodes, events)
    if len(found) > 1:
        found.sort(key=lambda alert: (-alert.urgency, alert.day, alert.node, alert.thing))
    return tuple(found)


def _call(event: Event) -> Alert:
    urgency, text = CALLS[event.kind]
    return Alert(event.kind, urgency, 0, "", event.effective, text)


def _expired(law: Law, nodes: Sequence[Node], history: Sequence[Event]) -> Iterator[Alert]:
    """Measures that ran out by the word of who held them, on things that no other measure is on now."""
    expired = {
        (event.thing, event.effective)
        for event in history
        if event.kind == MEASURE_ENDED and event.detail.reason == EXPIRED
    }
    if not expired:
        return
    terms = [node for node in nodes if law.nodes[node.number].kind == TERM]
    held = {node.thing for node in terms if node.state is NodeState.OPEN}
    for node in terms:
        if node.thing not in held and (node.thing, node.done) in expired:
            yield _lapsed(law, node)


def _lapsed(law: Law, node: Node) -> Alert:
    text = f"{law.nodes[node.number].key}: not renewed by {node.due}; the measure has lost its effect"
    return Alert("lapsed", Urgency.RED, node.number, node.thing, calendar.add_days(node.due, 1), text)


def _of_node(law: Law, node: Node, day: int) -> Iterator[Alert]:
    base = law.nodes[node.number]
    if not node.rule:
        text = (
            f"{base.key}: no rule is on file for {node.start}, or the way of selling is not known; no due day"
        )
        yield Alert("no_rule", Urgency.AMBER, node.number, node.thing, node.start, text)
        return
    urgency = levels.urgency(law, node, day)
    if urgency is None:
        if base.kind == TERM:
            yield _lapsed(law, node)
    elif urgency is not Urgency.NORMAL:
        yield _level(law, node, urgency, day)


def _level(law: Law, node: Node, urgency: Urgency, day: int) -> Alert:
    """Of a term, `day` is when it warned last: it warns on several days before its last one."""
    key, kind = law.nodes[node.number].key, law.nodes[node.number].kind
    since = {
        Urgency.AMBER: node.amber,
        Urgency.RED: node.red,
        Urgency.OVERDUE: calendar.add_days(node.due, 1) if node.due else 0,
    }[urgency]
    if key == RESUMPTION:
        text = "property was found after the ending: it is to be controlled at once"
        return Alert("property_found", urgency, node.number, node.thing, since, text)
    if kind == TERM:
        steps = (calendar.add_days(node.due, -days) for days in law.warn.term_days)
        since = max((step for step in steps if step <= day), default=since)
        text = f"{key}: the term ends on {node.due}"
        return Alert("measure_ends", urgency, node.number, node.thing, max(since, node.start), text)
    verb = "was" if urgency is Urgency.OVERDUE else "is"
    text = f"{key}: {verb} due on {node.due}"
    return Alert(LEVEL_KINDS[urgency], urgency, node.number, node.thing, since, text)
