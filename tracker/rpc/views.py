"""Views: a case, its nodes and its warnings, as the contract shows them. Pure."""

from typing import Final, cast

from chakong.tracker.v1 import case_pb2
from tracker import model
from tracker.rules import levels
from tracker.rules.law import Law
from tracker.store.messages import shown
from tracker.store.reader import Found
from tracker.store.ruling import handler_of


def case_view(law: Law, found: Found, state: model.State, known_ns: int) -> case_pb2.CaseView:
    """The case as of the state's day, with all events that were known."""
    case = found.case
    number = case.case_number
    known = [told for told in found.events if told.recorded_ns <= known_ns]
    named = handler_of(state, known)
    handler = case.handler if named is None else named
    view = case_pb2.CaseView(
        case_number=number,
        court_code=state.court,
        level=cast("case_pb2.CourtLevel.ValueType", found.level),
        handler=handler,
        profile=case.profile,
        non_litigation=case.non_litigation,
        claim_fen=case.claim_fen,
        status=_STATUSES[state.status],
        status_since=state.status_day,
        registered_ns=found.registered_ns,
        as_of=state.as_of,
        known_ns=known_ns,
        law_version=state.law_version,
    )
    view.nodes.extend(node_view(law, node, number, handler, state.as_of) for node in state.nodes)
    view.warnings.extend(_warning(alert) for alert in state.alerts)
    view.pending.extend(
        case_pb2.Pending(event_id=one.event_id, kind=one.kind, thing=one.thing, why=one.why)
        for one in state.pending
    )
    view.stops.extend(
        case_pb2.Stop(period=one.period, since=one.since, until=one.until) for one in state.stops
    )
    view.history.extend(shown(told, number) for told in known)
    return view


def node_view(law: Law, node: model.Node, case_number: str, handler: str, day: int) -> case_pb2.NodeView:
    """A node as it stands on a day."""
    urgency = levels.urgency(law, node, day)
    return case_pb2.NodeView(
        case_number=case_number,
        number=node.number,
        key=law.nodes[node.number].key,
        thing=node.thing,
        state=_NODE_STATES[levels.state_on(law, node, day)],
        urgency=_URGENCIES[urgency] if urgency is not None else case_pb2.URGENCY_UNSPECIFIED,
        start=node.start,
        due=node.due,
        amber=node.amber,
        red=node.red,
        not_before=node.not_before,
        done=node.done,
        handler=handler,
        rule=node.rule,
        article=node.article,
        rule_version=node.version,
        is_provisional=node.is_provisional,
        count=node.inquiry_count,
        fresh_until=node.fresh,
        round=node.round,
        is_stopped=node.is_stopped,
    )


def _warning(alert: model.Alert) -> case_pb2.Warning:
    return case_pb2.Warning(
        kind=alert.kind,
        urgency=_URGENCIES[alert.urgency],
        node=alert.node,
        thing=alert.thing,
        day=alert.day,
        text=alert.text,
    )


_STATUSES: Final = {
    model.Status.OPEN: case_pb2.CASE_STATUS_OPEN,
    model.Status.ENDED_FOR_NOW: case_pb2.CASE_STATUS_ENDED_FOR_NOW,
    model.Status.CLOSED: case_pb2.CASE_STATUS_CLOSED,
}
_NODE_STATES: Final = {
    model.NodeState.OPEN: case_pb2.NODE_STATE_OPEN,
    model.NodeState.DONE: case_pb2.NODE_STATE_DONE,
    model.NodeState.ENDED: case_pb2.NODE_STATE_ENDED,
}
_URGENCIES: Final = {
    model.Urgency.NORMAL: case_pb2.URGENCY_NORMAL,
    model.Urgency.AMBER: case_pb2.URGENCY_AMBER,
    model.Urgency.RED: case_pb2.URGENCY_RED,
    model.Urgency.OVERDUE: case_pb2.URGENCY_OVERDUE,
}
