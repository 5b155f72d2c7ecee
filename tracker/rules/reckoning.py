"""Reckoning: makes the nodes of a case out of rounds and runs, each with its days, its rule and its article.
Pure."""

from typing import NamedTuple

from runtime import calendar
from tracker.model import Event, Node, Pending
from tracker.rules import counting
from tracker.rules.counting import Clock, Counted, Span
from tracker.rules.inquiries import latest_full
from tracker.rules.law import Law
from tracker.rules.rounds import Round, Run
from tracker.rules.rule import Limit, NodeRule, TermRule
from tracker.rules.variant import ENDING, NON_LITIGATION, TOLD, UNSURE, URGENT, Variant, pack
from tracker.rules.words import CLOSING, COUNT, MONTHS, RESUMPTION, ROUTES, WINDOW

NO_DAYS = Counted(0, 0, 0, False, False, 0, True)


class Circumstances(NamedTuple):
    """What the nodes of one case have in common. `endings`: days on which its ending for now was begun or
    done; `inquiries`: all of them, in the order of their days."""

    law: Law
    profile: str
    is_litigation: bool
    stops: tuple[Span, ...]
    endings: tuple[int, ...]
    extensions: tuple[Event, ...]
    inquiries: tuple[Event, ...]
    subject_count: int


class Extended(NamedTuple):
    """How much of its rule's unit a round was given besides, and what could not be given."""

    amount: int
    used: tuple[str, ...]
    pending: tuple[Pending, ...]


def node_of(case: Circumstances, thing: str, number: int, one: Round, extended: Extended) -> Node:
    """A node that is no term. Which round it is, the caller says."""
    rule, start = one.start.rule, one.start.day
    if rule is None:
        return _unruled(case, thing, number, one)
    variant, limit = _variant(case, rule, one, extended.amount)
    counted = _count(case, rule, one, limit, extended.amount)
    if rule.key == RESUMPTION:
        # What was found after the ending is to be controlled at once (终本规定 (2016) art 9).
        counted = counted._replace(amber=start, red=start)
    # Under another limit an extension may have come in time, or too late.
    if not counted.is_exact or extended.used:
        variant = variant._replace(flags=variant.flags | UNSURE)
    inquiries = _inquiries(case, rule, one) if rule.kind == COUNT else (0, 0)
    return Node(
        number=number,
        thing=thing,
        round=1,
        state=one.state,
        start=start,
        not_before=counting.advance(start, rule.not_before).date if rule.not_before else 0,
        amber=counted.amber,
        red=counted.red,
        due=counted.due,
        done=one.day,
        rule=rule.name,
        article=rule.basis,
        version=rule.since,
        is_provisional=counted.is_provisional,
        is_stopped=counted.is_stopped,
        stopped_days=counted.stopped_days,
        variant=pack(variant),
        inquiry_count=inquiries[0],
        fresh=inquiries[1],
    )


def extend(case: Circumstances, number: int, one: Round) -> Extended:
    """The extensions of a round: within what the rule allows, approved by whom it says, and before the last
    day."""
    rule = one.start.rule
    count = 0
    used: list[str] = []
    pending: list[Pending] = []
    for event in case.extensions:
        if _extended_node(case.law, event) != number or not one.start.day <= event.effective <= one.last:
            continue
        used.append(event.event_id)
        why = _extension_fault(case, rule, one, event, count)
        if why:
            pending.append(Pending(event.event_id, event.kind, event.thing, why))
        elif rule is not None and rule.extension is not None:
            count += extension_amount(rule.extension, event)
    return Extended(count, tuple(used), tuple(pending))


def extension_amount(extension: Limit, event: Event) -> int:
    """How much an event extends by, in the unit of the rule; 0: it says another unit."""
    given = event.detail.months if extension.unit == MONTHS else event.detail.days
    other = event.detail.days if extension.unit == MONTHS else event.detail.months
    return 0 if other else given


def term_of(law: Law, kind: str, one: Run) -> TermRule | None:
    """How long the term of a run may last, by the law of the day on which it began."""
    return law.term(kind, one.since)


def due_of(law: Law, kind: str, one: Run) -> int:
    """The last day of a run; 0: no term is on file for its day."""
    term = term_of(law, kind, one)
    return _term_days(law, term, one).due if term is not None else 0


def term_node(case: Circumstances, thing: str, number: int, one: Run) -> Node:
    """The node of a measure. What was told as its last day stands, but never beyond the longest."""
    law, rule = case.law, one.start.rule
    kind = law.nodes[number].term
    term = term_of(law, kind, one)
    counted = _term_days(law, term, one) if term is not None else NO_DAYS
    longest = counting.term(one.since, term.months, 0, law.warn).due if term is not None else 0
    is_beyond = one.told > longest
    # Under another term a renewal may have come in time, or too late.
    is_unsure = is_beyond or term is None or not one.is_alone
    flags = (TOLD if one.told and not is_beyond else 0) | (UNSURE if is_unsure else 0)
    return Node(
        number=number,
        thing=thing,
        round=1,
        state=one.state,
        start=one.since,
        not_before=0,
        amber=counted.amber,
        red=counted.red,
        due=counted.due,
        done=one.day,
        rule=rule.name if rule is not None and term is not None else "",
        article=term.basis if term is not None else "",
        version=term.since if term is not None else 0,
        is_provisional=False,
        is_stopped=False,
        stopped_days=0,
        variant=pack(Variant(law.profiles.index(case.profile), flags=flags)),
    )


def _term_days(law: Law, term: TermRule, one: Run) -> Counted:
    longest = counting.term(one.since, term.months, 0, law.warn)
    return (
        counting.term(one.since, term.months, one.told, law.warn) if 0 < one.told < longest.due else longest
    )


def _unruled(case: Circumstances, thing: str, number: int, one: Round) -> Node:
    """A node whose rule is not on file: without a due day, and it says so."""
    variant = pack(Variant(case.law.profiles.index(case.profile), flags=UNSURE))
    return Node(
        number, thing, 1, one.state, one.start.day, 0, 0, 0, 0, one.day, "", "", 0, False, False, 0, variant
    )


def _variant(case: Circumstances, rule: NodeRule, one: Round, extended: int) -> tuple[Variant, Limit | None]:
    is_urgent = one.start.event is not None and one.start.event.detail.is_urgent
    is_ending = any(one.start.day <= day <= one.last for day in case.endings)
    flags = (
        (URGENT if is_urgent else 0)
        | (0 if case.is_litigation else NON_LITIGATION)
        | (ENDING if is_ending else 0)
    )
    variant = Variant(case.law.profiles.index(case.profile), ROUTES.index(rule.route), flags, extended)
    return variant, rule.limit_for(is_urgent, not case.is_litigation, is_ending)


def _count(case: Circumstances, rule: NodeRule, one: Round, limit: Limit | None, extended: int) -> Counted:
    if limit is None:
        return NO_DAYS
    if rule.kind == WINDOW:
        end = counting.window(one.start.day, limit)
        return NO_DAYS._replace(due=end.date, is_provisional=end.is_provisional)
    extension = Limit(extended, rule.extension.unit) if extended and rule.extension else None
    last = calendar.day_of_date(one.day) if one.day else counting.OPEN
    stops = tuple(span for span in case.stops if span.since < last) if rule.stops else ()
    return counting.duty(Clock(one.start.day, limit, extension, stops), case.law.warn)


def _extended_node(law: Law, event: Event) -> int:
    return event.detail.node or law.numbers[CLOSING]


def _extension_fault(case: Circumstances, rule: NodeRule | None, one: Round, event: Event, count: int) -> str:
    if rule is None or rule.extension is None:
        return "no_extension"
    if event.detail.approved_by != rule.extension_by:
        return "not_approved"
    amount = extension_amount(rule.extension, event)
    if not amount or count + amount > rule.extension.amount:
        return "extended_too_far"
    _, limit = _variant(case, rule, one, count)
    due = _count(case, rule, one, limit, count).due
    return "too_late" if 0 < due < event.effective else ""


def _inquiries(case: Circumstances, rule: NodeRule, one: Round) -> tuple[int, int]:
    """How many inquiries were made in a round, and until when the latest full ones are fresh."""
    within = [event for event in case.inquiries if one.start.day <= event.effective <= one.last]
    full = latest_full(within, case.subject_count)
    fresh = counting.advance(full[0].effective, rule.fresh_within).date if full and rule.fresh_within else 0
    return len({event.detail.inquiry or event.event_id for event in within}), fresh
