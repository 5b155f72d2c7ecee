"""Levels: what a node is on a day, from the days it was given. Pure; it looks at no event.

Duties warn amber and red and become overdue. Windows end with their last day and warn nobody. Terms warn by
days before their last one, and end with it.
"""

from typing import Final

from tracker.model import Node, NodeState, Urgency
from tracker.rules.law import Law
from tracker.rules.words import DUTY, TERM, WINDOW

ENDS_BY_ITSELF: Final = frozenset({WINDOW, TERM})


def state_on(law: Law, node: Node, day: int) -> NodeState:
    """Open, done or ended on this day: a window or a term whose last day has passed has ended."""
    if node.state is NodeState.OPEN and 0 < node.due < day and law.nodes[node.number].kind in ENDS_BY_ITSELF:
        return NodeState.ENDED
    return node.state


def urgency(law: Law, node: Node, day: int) -> Urgency | None:
    """How near its end an open node is on this day; None: it is not open, or not its time yet."""
    if state_on(law, node, day) is not NodeState.OPEN:
        return None
    kind = law.nodes[node.number].kind
    if kind == DUTY and 0 < node.due < day:
        return Urgency.OVERDUE
    if kind in (DUTY, TERM):
        if 0 < node.red <= day:
            return Urgency.RED
        if 0 < node.amber <= day:
            return Urgency.AMBER
    return Urgency.NORMAL
