"""Ruling: the rules as the store's judge: one version of the law, asked in the words of the contract.

Pure.
"""

from collections.abc import Sequence
from typing import Final

from chakong.tracker.v1 import case_pb2
from runtime.calendar import date_of
from runtime.errors import CallError, FieldFault, InvalidError, RuleError
from tracker import model, rules
from tracker.rules.law import Law
from tracker.rules.words import CORRECTED, TRANSFERRED
from tracker.store.judge import Judged, Told
from tracker.store.messages import case_of, event_of
from tracker.store.names import Origin
from tracker.store.standing import NOWHERE, PROVISIONAL, Node

DISTRIBUTION: Final = "distribution"


class Ruling:
    """Judges under one law."""

    def __init__(self, law: Law) -> None:
        self.law = law

    def case_refusal(self, case: case_pb2.Case) -> CallError | None:
        """Why such a case cannot be registered; None: it can."""
        faults = rules.case_faults(self.law, case_of(case, case.court_code))
        if not faults:
            return None
        field, text = faults[0]
        return InvalidError(
            f"{field}: {text}", faults=[FieldFault(field, "MALFORMED", text) for field, text in faults]
        )

    def state(self, case: case_pb2.Case, events: Sequence[Told], as_of: int, known_ns: int) -> model.State:
        """The case as of a day, as known at a moment. Whose it was at first does not change what follows."""
        known = case_of(case, case.court_code)
        made = [event_of(told, known.case_id) for told in events]
        return rules.fold(self.law, known, made, as_of, known_ns)

    def stand(self, case: case_pb2.Case, events: Sequence[Told], now_ns: int) -> Judged:
        """What follows from these events; their order does not matter."""
        state = self.state(case, events, date_of(now_ns), _known_ns(events, now_ns))
        nodes = tuple(_kept(node) for node in state.nodes)
        return Judged(state.status, state.status_day, state.court, nodes, handler_of(state, events))

    def refusal(
        self, case: case_pb2.Case, events: Sequence[Told], event: Told, now_ns: int
    ) -> CallError | None:
        """Why the event may not be recorded on top of these; None: it may."""
        known = case_of(case, case.court_code)
        if (misplaced := _misplaced_handler(event, events)) is not None:
            return misplaced
        state = self.state(case, events, date_of(now_ns), _known_ns(events, now_ns))
        refused = rules.check(self.law, known, state, event_of(event, known.case_id))
        return None if refused is None else _error(refused)

    def takes_all(
        self, case: case_pb2.Case, events: Sequence[Told], told: Sequence[Told], now_ns: int
    ) -> bool:
        """Whether all of these may be recorded on top of the events; False: each is judged by itself."""
        if any(_misplaced_handler(one, events) is not None for one in told):
            return False
        known = case_of(case, case.court_code)
        before = [event_of(one, known.case_id) for one in events]
        new = [event_of(one, known.case_id) for one in told]
        return rules.takes_all(self.law, known, before, new, date_of(now_ns))

    def first_refusal(self, case: case_pb2.Case, events: Sequence[Told]) -> CallError | None:
        """Why a case may not be registered with these events; None: it may."""
        for told in events:
            if (misplaced := _misplaced_handler(told, events)) is not None:
                return misplaced
        known = case_of(case, case.court_code)
        found = rules.check_first(self.law, known, [event_of(told, known.case_id) for told in events])
        return None if found is None else _error(found[1])


def handler_of(state: model.State, events: Sequence[Told]) -> str | None:
    """Who handles the case in this state, by the last distribution that names one; None: as it was
    registered. At a court that it went to it is nobody at first. `events`: those that the state knows."""
    named = _named(events)
    for event in reversed(state.history):
        if named.get(event.event_id):
            return named[event.event_id]
        if event.kind == TRANSFERRED and event.detail.court:
            return ""
    return None


def _named(events: Sequence[Told]) -> dict[str, str]:
    """By its id, whom each distribution names, as corrected; of two corrections the later recorded counts."""
    named = {
        told.event.event_id: told.event.detail.handler for told in events if told.event.kind == DISTRIBUTION
    }
    if not named:
        return named
    corrections = [told for told in events if told.event.kind == CORRECTED]
    for told in sorted(corrections, key=lambda told: (told.recorded_ns, told.event.event_id)):
        right = told.event.correction
        if right.event_id in named and not right.is_void:
            named[right.event_id] = right.detail.handler
    return named


def _known_ns(events: Sequence[Told], now_ns: int) -> int:
    """Until when events count: all of them, also when the clock was set back since."""
    return max(now_ns, *(told.recorded_ns for told in events)) if events else now_ns


def _misplaced_handler(told: Told, events: Sequence[Told]) -> CallError | None:
    """The rules know nothing of handlers."""
    event = told.event
    given = [("detail.handler", event.kind)] if event.detail.handler else []
    if event.correction.detail.handler:
        wrong = event.correction.event_id
        kind = next((one.event.kind for one in events if one.event.event_id == wrong), "")
        given.append(("correction.detail.handler", kind))
    for path, kind in given:
        if kind != DISTRIBUTION:
            text = f"{path}: allowed with {DISTRIBUTION} alone"
            return RuleError(text, rule=model.Rule.DETAIL_UNEXPECTED.upper())
    return None


def _error(refused: model.Refusal) -> CallError:
    return RuleError(refused.text, rule=refused.rule.value.upper())


def _kept(node: model.Node) -> Node:
    origin = Origin(node.rule, node.article, node.version) if node.due else NOWHERE
    return Node(
        number=node.number,
        thing=node.thing,
        state=node.state,
        start=node.start,
        due=node.due,
        amber=node.amber,
        red=node.red,
        done=node.done,
        flags=PROVISIONAL if node.is_provisional else 0,
        stopped_days=node.stopped_days,
        variant=node.variant,
        origin=origin,
    )
