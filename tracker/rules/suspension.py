"""Suspension: what must be fulfilled before enforcement is ended for now, and which event proves it.

Pure. It answers every check of suspension.toml: fulfilled, missing or not applicable, each with its article.
For a case that was taken up again, talk, papers and the branch without property must be of the time since
then.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from tracker.model import Case, Event, NodeState, State
from tracker.rules import counting
from tracker.rules.branching import is_trifle, left_behind
from tracker.rules.inquiries import latest_full
from tracker.rules.law import Law
from tracker.rules.life import life
from tracker.rules.places import without_effect
from tracker.rules.words import (
    CLUE_CHECK,
    CLUE_RECEIVED,
    FILING,
    NO_PROPERTY,
    ONLINE_INQUIRY,
    SUSPENSION_START,
    WITHOUT_PROPERTY,
)

FULFILLED: Final = "fulfilled"
MISSING: Final = "missing"
NOT_APPLICABLE: Final = "not_applicable"
# Wealth products, insurance with cash value (and dividends), social insurance with the provident fund:
# items.toml.
SPECIAL_ITEMS: Final = frozenset({3, 13, 24})


class Finding(NamedTuple):
    """The answer to one check. `event_id`: what proves it, or, if it is missing, what stands against it."""

    key: str
    text: str
    result: str
    article: str
    event_id: str


class Proofs(NamedTuple):
    """What the answers are read off: events of effect up to the day asked for, by kind, in the order of
    days."""

    law: Law
    case: Case
    state: State
    on: int
    # Since when the case is open, this time.
    since: int
    events: Mapping[str, tuple[Event, ...]]

    def all(self, kind: str) -> tuple[Event, ...]:
        """Events of a kind."""
        return self.events.get(kind, ())

    def last(self, kind: str, since: int = 0) -> Event | None:
        """The latest event of a kind from a day on."""
        found = [event for event in self.all(kind) if event.effective >= since]
        return found[-1] if found else None


Answer = tuple[str, str]


def check(law: Law, case: Case, state: State, on: int) -> tuple[Finding, ...]:
    """All checks, in the order of the file, as if the case were ended on this day."""
    proofs = _proofs(law, case, state, on)
    found = []
    for rule in law.checks:
        result, event_id = ANSWERS[rule.key](proofs)
        found.append(Finding(rule.key, rule.text, result, rule.basis, event_id))
    return tuple(found)


def missing(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """Keys of what is missing; nothing: enforcement may be ended for now."""
    return tuple(finding.key for finding in findings if finding.result == MISSING)


def _proofs(law: Law, case: Case, state: State, on: int) -> Proofs:
    lived = life(state.history)
    idle = without_effect(law, state.history, lived)
    events: dict[str, list[Event]] = {}
    for event in state.history:
        if event.effective <= on and event.event_id not in idle:
            events.setdefault(event.kind, []).append(event)
    since = max((day for day in lived.resumed if day <= on), default=0)
    return Proofs(law, case, state, on, since, {kind: tuple(found) for kind, found in events.items()})


def _all_of(proofs: Proofs, *kinds: str, since: int = 0) -> Answer:
    """Fulfilled when there is one of each kind; the last of them proves it."""
    found = [proofs.last(kind, since) for kind in kinds]
    events = [event for event in found if event is not None]
    if len(events) < len(kinds):
        return MISSING, ""
    return FULFILLED, max(events, key=lambda event: (event.effective, event.event_id)).event_id


def _notice_and_report_order(proofs: Proofs) -> Answer:
    return _all_of(proofs, "notice_served", "report_order_served")


def _full_inquiry(proofs: Proofs) -> Answer:
    within = proofs.law.nodes[proofs.law.numbers["online_inquiry_count"]].fresh_within
    full = latest_full(proofs.all(ONLINE_INQUIRY), proofs.case.subject_count)
    if not full:
        return MISSING, ""
    fresh_until = counting.advance(full[0].effective, within).date if within else proofs.on
    return (FULFILLED, full[-1].event_id) if proofs.on <= fresh_until else (MISSING, "")


def _traditional_measure(proofs: Proofs) -> Answer:
    return _all_of(proofs, "traditional_inquiry_done")


def _special_assets(proofs: Proofs) -> Answer:
    seen: set[int] = set()
    for event in proofs.all(ONLINE_INQUIRY):
        seen.update(event.detail.items)
        if seen >= SPECIAL_ITEMS:
            return FULFILLED, event.event_id
    return MISSING, ""


def _clues_checked(proofs: Proofs) -> Answer:
    received = proofs.all(CLUE_RECEIVED)
    if not received:
        return NOT_APPLICABLE, ""
    number = proofs.law.numbers[CLUE_CHECK]
    unchecked = {
        node.thing
        for node in proofs.state.nodes
        if node.number == number and (node.state is not NodeState.DONE or node.done > proofs.on)
    }
    for event in received:
        if event.thing in unchecked:
            return MISSING, event.event_id
    return _all_of(proofs, CLUE_CHECK)


def _nothing_left(proofs: Proofs) -> Answer:
    left = left_behind(proofs.state.history, proofs.on)
    branch = proofs.last(WITHOUT_PROPERTY, proofs.since)
    if branch is not None and (
        branch.detail.reason or all(one.effective <= branch.effective for one in left)
    ):
        return FULFILLED, branch.event_id
    if left:
        return (FULFILLED if is_trifle(left, proofs.case.claim_fen) else MISSING), left[-1].event_id
    nothing = proofs.last(NO_PROPERTY, proofs.since)
    return (FULFILLED, nothing.event_id) if nothing is not None else (MISSING, "")


def _consumption_restricted(proofs: Proofs) -> Answer:
    kinds = ["consumption_restricted"]
    if proofs.all("refusal_established"):
        kinds.append("listed")
    return _all_of(proofs, *kinds)


def _talk(proofs: Proofs) -> Answer:
    begun = proofs.last(SUSPENSION_START, proofs.since)
    if begun is not None and begun.detail.is_wished:
        return NOT_APPLICABLE, begun.event_id
    if proofs.case.is_ending_wished:
        return NOT_APPLICABLE, ""
    return _all_of(proofs, "suspension_talk", since=proofs.since)


def _unpaid(proofs: Proofs) -> Answer:
    satisfied = proofs.last("claim_satisfied")
    if satisfied is not None:
        return MISSING, satisfied.event_id
    received = proofs.all("money_received")
    if proofs.case.claim_fen and sum(event.detail.amount_fen for event in received) >= proofs.case.claim_fen:
        return MISSING, received[-1].event_id
    return (NOT_APPLICABLE if proofs.case.is_conduct_only else FULFILLED), ""


def _papers(proofs: Proofs) -> Answer:
    return _all_of(proofs, "suspension_ruled", "panel_decided", since=proofs.since)


def _debtor_alive(proofs: Proofs) -> Answer:
    died = proofs.last("debtor_died")
    return (FULFILLED, "") if died is None else (MISSING, died.event_id)


def _money_claim(proofs: Proofs) -> Answer:
    return (MISSING if proofs.case.is_conduct_only else FULFILLED), ""


def _three_months(proofs: Proofs) -> Answer:
    filed = proofs.all(FILING)
    limit = proofs.law.nodes[proofs.law.numbers[SUSPENSION_START]].not_before
    if not filed:
        return MISSING, ""
    earliest = counting.advance(filed[0].effective, limit).date if limit else filed[0].effective
    return (FULFILLED if proofs.on >= earliest else MISSING), filed[0].event_id


ANSWERS: Final[Mapping[str, Callable[[Proofs], Answer]]] = {
    "notice_and_report_order": _notice_and_report_order,
    "full_inquiry": _full_inquiry,
    "traditional_measure": _traditional_measure,
    "special_assets": _special_assets,
    "clues_checked": _clues_checked,
    "nothing_left": _nothing_left,
    "consumption_restricted": _consumption_restricted,
    "talk": _talk,
    "unpaid": _unpaid,
    "papers": _papers,
    "debtor_alive": _debtor_alive,
    "money_claim": _money_claim,
    "three_months": _three_months,
}
