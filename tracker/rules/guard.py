"""Guard: which events of a case are not taken, each refusal by the name of its rule.

Pure. Of several faults the first in this order is told: kind, day, source, thing, detail, what the case and
its history allow. What only lacks its beginning is taken, and pending until that is known; what the gateway
tells is taken whatever the history is.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from runtime import calendar
from tracker.model import Case, Event, NodeState, Refusal, Rule, State
from tracker.rules import counting, suspension
from tracker.rules.branching import is_without_property
from tracker.rules.details import detail_fault
from tracker.rules.folding import Made, make
from tracker.rules.law import Law
from tracker.rules.rule import EventRule
from tracker.rules.things import things
from tracker.rules.timeline import facts, in_order
from tracker.rules.words import (
    CASE,
    CLOCK_RESUMED,
    CLOCK_STOPPED,
    CLOSING,
    CORRECTED,
    COURT,
    ENDED_FOR_NOW,
    EXTENSION,
    FOLLOWER,
    MEASURE_EFFECTIVE,
    MEASURE_RENEWED,
    NATIONAL,
    NO_PROPERTY,
    RESUMPTION,
    TRANSFERRED,
    WITHOUT_PROPERTY,
)

# Older than any case that can be open: the Civil Procedure Law is of 1991.
EARLIEST: Final = 19910101
# The court says on what basis: a document, or a reason.
NEEDS_BASIS: Final = frozenset(
    {CLOCK_STOPPED, CLOCK_RESUMED, EXTENSION, CLOSING, RESUMPTION, CORRECTED, TRANSFERRED}
)
# Why an event would do nothing -> the rule that refuses it. What only waits for its start is not among them.
REFUSED: Final = {
    "before_start": (Rule.BEFORE_ITS_START, "effective: {day} is before what starts it"),
    "after_closing": (Rule.CASE_CLOSED, "effective: {day} is after the closing of the case"),
    "closed_before": (Rule.CLOSED_BEFORE, "kind: the case is closed already"),
    "too_late": (Rule.TOO_LATE, "effective: {day} is after the last day of what it is to change"),
    "no_extension": (Rule.NO_EXTENSION, "detail.node: its limit is not extended"),
    "not_approved": (Rule.NOT_APPROVED, "detail.approved_by: not who may extend this limit"),
    "extended_too_far": (
        Rule.EXTENDED_TOO_FAR,
        "detail.months, detail.days: more than the limit may be extended by",
    ),
}


def check(law: Law, case: Case, state: State, event: Event) -> Refusal | None:
    """Why an event is not taken; None: it is. `state`: of all that is known, today."""
    return _form_fault(law, case, event) or (
        _correction_fault(law, case, state, event)
        if event.kind == CORRECTED
        else _fault_within(law, case, state, state.history, event)
    )


def check_first(law: Law, case: Case, events: Sequence[Event]) -> tuple[Event, Refusal] | None:
    """The first event, of those that a case is registered with, that is not taken, and why; None: all are.
    All of them are known at once."""
    for event in events:
        fault = _form_fault(law, case, event)
        is_ending = event.kind == CLOSING and event.detail.manner == ENDED_FOR_NOW
        if fault is None and (is_ending or event.kind in (CORRECTED, TRANSFERRED)):
            text = f"kind: {event.kind} is recorded after the registration, on what stands there then"
            fault = Refusal(Rule.DETAIL_UNEXPECTED, text)
        if fault is not None:
            return event, fault
    made = make(law, case, in_order(events))
    idle = {pending.event_id: pending.why for pending in made.pending}
    for event in events:
        fault = _idle_fault(event, idle.get(event.event_id, "")) or _not_before_fault(law, made, event)
        fault = fault or _term_fault(law, events, event)
        if fault is not None:
            return event, fault
    return None


def takes_all(law: Law, case: Case, known: Sequence[Event], events: Sequence[Event], as_of: int) -> bool:
    """Whether events that are told together are all taken on top of those that are known; of corrections and
    closings that is not said. False: each is to be checked by itself."""
    if any(event.kind in (CORRECTED, CLOSING) or _form_fault(law, case, event) for event in events):
        return False
    known_ns = max(event.recorded_ns for event in (*known, *events))
    history = (*facts(known, as_of, known_ns).history, *events)
    made = make(law, case, in_order(history))
    idle = {pending.event_id: pending.why for pending in made.pending}
    return not any(
        _idle_fault(event, idle.get(event.event_id, ""))
        or _not_before_fault(law, made, event)
        or _term_fault(law, history, event)
        for event in events
    )


def _form_fault(law: Law, case: Case, event: Event) -> Refusal | None:
    """What is wrong with an event whatever happened before."""
    rule = law.events.get(event.kind)
    if rule is None:
        text = f"kind: {event.kind[:64]!r} is no event of the closed list, and does no node"
        return Refusal(Rule.UNKNOWN_KIND, text)
    if (event.kind == CORRECTED) != (event.correction is not None):
        text = f"correction: for events of kind {CORRECTED}, and for these alone"
        return Refusal(Rule.DETAIL_MISSING, text)
    return (
        _day_fault(event)
        or _source_fault(rule, event)
        or _thing_fault(rule, event)
        or detail_fault(law, event)
        or _basis_fault(law, case, event)
    )


def _day_fault(event: Event) -> Refusal | None:
    day = event.effective
    if not calendar.is_date(day):
        return Refusal(Rule.NOT_A_DATE, f"effective: {day} given, a date such as 20261122 needed")
    today = calendar.date_of(event.recorded_ns)
    if day > today:
        text = f"effective: {day} given, at most {today}, the day of recording"
        return Refusal(Rule.IN_THE_FUTURE, text)
    if day < EARLIEST:
        return Refusal(Rule.TOO_LONG_AGO, f"effective: {day} given, at least {EARLIEST}")
    return None


def _source_fault(rule: EventRule, event: Event) -> Refusal | None:
    if event.source not in rule.by:
        text = f"source: {event.source} given, {event.kind} is recorded by {', '.join(rule.by)}"
        return Refusal(Rule.WRONG_SOURCE, text)
    if event.source != COURT:
        return None
    if not event.officer:
        return Refusal(Rule.NO_BASIS, "officer: missing, an officer answers for what a court records")
    if event.kind in NEEDS_BASIS and not (event.instrument or event.basis):
        return Refusal(Rule.NO_BASIS, f"instrument, basis: missing, {event.kind} needs one of them")
    return None


def _thing_fault(rule: EventRule, event: Event) -> Refusal | None:
    if rule.per == CASE and event.thing:
        return Refusal(Rule.THING_UNEXPECTED, f"thing: given, {event.kind} belongs to the case")
    if rule.per != CASE and not event.thing:
        return Refusal(Rule.THING_MISSING, f"thing: missing, {event.kind} belongs to a {rule.per}")
    return None


def _basis_fault(law: Law, case: Case, event: Event) -> Refusal | None:
    """What the kind of event asks of its own detail."""
    detail = event.detail
    is_claimed = event.kind in (NO_PROPERTY, WITHOUT_PROPERTY) and (event.source == FOLLOWER or detail.ended)
    if is_claimed and not is_without_property(detail.is_full, detail.ended):
        text = "detail.ended: every query of a full inquiry must have ended NONE or INCAPABLE"
        return Refusal(Rule.NOT_WITHOUT_PROPERTY, text)
    if detail.subject > case.subject_count:
        text = f"detail.subject: {detail.subject} given, the case has {case.subject_count}"
        return Refusal(Rule.DETAIL_WRONG, text)
    if event.kind == "money_received" and not detail.origin and law.crossed[case.profile or NATIONAL]:
        text = "detail.origin: missing, by this court's profile the time for payment runs from the measure"
        return Refusal(Rule.DETAIL_MISSING, text)
    return None


def _correction_fault(law: Law, case: Case, state: State, event: Event) -> Refusal | None:
    """A correction must name a known event; and what is right must be such as could have been recorded."""
    right = event.correction
    if right is None:
        return Refusal(Rule.DETAIL_MISSING, "correction: missing")
    wrong = next((one for one in (*state.history, *state.voided) if one.event_id == right.event_id), None)
    if wrong is None:
        return Refusal(
            Rule.NO_SUCH_EVENT, f"correction.event_id: {right.event_id[:64]!r} is no event of this case"
        )
    if right.is_void:
        return None
    corrected = replace(
        wrong,
        effective=right.effective,
        thing=right.thing,
        detail=right.detail,
        recorded_ns=event.recorded_ns,
    )
    others = tuple(one for one in state.history if one.event_id != wrong.event_id)
    fault = _form_fault(law, case, corrected)
    # Whoever recorded it, this is an officer's word.
    return fault or _fault_within(law, case, state, others, replace(corrected, source=COURT))


def _fault_within(
    law: Law, case: Case, state: State, history: tuple[Event, ...], event: Event
) -> Refusal | None:
    """What the history of a case does not allow, and the list of an ending for now."""
    fault = _history_fault(law, case, history, event)
    if fault is not None or event.kind != CLOSING or event.detail.manner != ENDED_FOR_NOW:
        return fault
    missing = suspension.missing(
        suspension.check(law, case, replace(state, history=history), event.effective)
    )
    if missing and not event.detail.reason:
        text = f"detail.manner: {', '.join(missing)} missing, and no officer overrides it with a reason"
        return Refusal(Rule.ENDING_INCOMPLETE, text)
    return None


def _history_fault(law: Law, case: Case, history: tuple[Event, ...], event: Event) -> Refusal | None:
    """What comes of the event, tried out: refused when it would do nothing for ever, or make another one do
    so."""
    made = make(law, case, in_order((*history, event)))
    for pending in made.pending:
        is_other_closing = event.kind == CLOSING and pending.why == "closed_before"
        if pending.event_id == event.event_id or is_other_closing:
            fault = _idle_fault(event, pending.why)
            if fault is not None:
                return fault
    return _not_before_fault(law, made, event) or _term_fault(law, history, event)


def _idle_fault(event: Event, why: str) -> Refusal | None:
    """Of an event that would do nothing: whether that is for ever."""
    # Of the gateway's nobody could put it right, and had it come first it would be pending: so the state is
    # the same in whichever order they come.
    if why not in REFUSED or event.source == FOLLOWER:
        return None
    rule, text = REFUSED[why]
    return Refusal(rule, text.format(day=event.effective))


def _not_before_fault(law: Law, made: Made, event: Event) -> Refusal | None:
    number = law.numbers.get(event.kind)
    for node in made.nodes:
        if (
            node.number == number
            and node.state is NodeState.DONE
            and node.done == event.effective
            and node.not_before > node.done
        ):
            text = f"effective: {event.effective} given, not before {node.not_before} ({node.article})"
            return Refusal(Rule.NOT_BEFORE, text)
    return None


def _term_fault(law: Law, history: Sequence[Event], event: Event) -> Refusal | None:
    """A measure may not last longer than the law of its day says."""
    if event.kind not in (MEASURE_EFFECTIVE, MEASURE_RENEWED) or not event.detail.until:
        return None
    kind = event.detail.property or things(history).kinds.get(event.thing, "")
    term = law.term(kind, event.effective)
    if term is None:
        return None
    longest = counting.term(event.effective, term.months, 0, law.warn).due
    if event.detail.until <= longest:
        return None
    text = f"detail.until: {event.detail.until} given, at most {longest}: {term.months} months ({term.basis})"
    return Refusal(Rule.TERM_TOO_LONG, text)
