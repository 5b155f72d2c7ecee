"""Proposing: what an event of a case proposes: the removal of its listings, or a listing.

Pure. It proposes and does nothing: an officer decides, with a mandate. Whether a reason ends a certain
listing exit.py says. Sources are those of listing.toml (法释〔2017〕7号 arts 1 and 10).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from blacklist.model import Kind, Listing, Proposal, ProposalKind, ProposalStatus
from blacklist.rules.law import PERFORMED, SETTLEMENT_PERFORMED

STAYED: Final = "stay_for_retrial_or_bankruptcy"
FOUND_NOTHING: Final = "two_inquiries_found_nothing_after_suspension"
FOUND_NOTHING_MIN: Final = 2
CLOSING: Final = "closing"
CORRECTED: Final = "corrected"
ENDED_FOR_NOW: Final = "ended_for_now"
COMPLETED: Final = "completed"

# By the event; closings by their manner. "stay" is the tracker's key of an excluded period (中止、暂缓执行).
REMOVES: Final = {"claim_satisfied": PERFORMED, "bankruptcy_accepted": STAYED}
REMOVES_BY_MANNER: Final = {
    COMPLETED: PERFORMED,
    "terminated": "enforcement_terminated",
    "not_enforced": "enforcement_refused",
}
REMOVES_BY_PERIOD: Final = {"stay": STAYED}
LISTS: Final = {"refusal_established": Kind.LISTED, "consumption_restricted": Kind.RESTRICTED}
SUSPENDS: Final = frozenset({"suspension_ruled"})
RESUMES: Final = frozenset({"resumption"})
COUNTED: Final = frozenset({"no_property_found", "property_found_after_suspension"})
# What is looked at; everything else is passed over.
KINDS: Final = frozenset(
    {
        *REMOVES,
        *LISTS,
        *SUSPENDS,
        *RESUMES,
        CLOSING,
        CORRECTED,
        *COUNTED,
        "clock_stopped",
    }
)


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """An event as the tracker tells it, as far as the list is concerned. `voids`: the event that never
    happened; `moves`: the one that happened on this day, and in this way."""

    case_number: str
    event_id: str
    kind: str
    happened: int
    manner: str = ""
    reason: str = ""
    period: str = ""
    voids: str = ""
    moves: str = ""


class Suspension(NamedTuple):
    """A case that is ended for now: since when, and which inquiries have found nothing since."""

    since: int
    empty: tuple[CaseEvent, ...] = ()

    @property
    def proposing(self) -> tuple[CaseEvent, ...]:
        """Those of them by which enough have found nothing."""
        return self.empty[FOUND_NOTHING_MIN - 1 :]


class Meaning(NamedTuple):
    """What an event proposes: a reason to remove, or a list to be put on, or nothing."""

    reason: str = ""
    lists: Kind | None = None

    @property
    def is_end(self) -> bool:
        """Whether the case needs no listing any more."""
        return bool(self.reason) and self.reason != FOUND_NOTHING


NOTHING: Final = Meaning()


def meaning(event: CaseEvent, suspension: Suspension | None) -> Meaning:
    """What the event proposes. `suspension`: how the case stands after it."""
    if event.kind in LISTS:
        return Meaning(lists=LISTS[event.kind])
    if event.kind in REMOVES:
        return Meaning(REMOVES[event.kind])
    if event.kind == CLOSING:
        is_settlement = event.manner == COMPLETED and event.reason == SETTLEMENT_PERFORMED
        return Meaning(SETTLEMENT_PERFORMED if is_settlement else REMOVES_BY_MANNER.get(event.manner, ""))
    if event.kind == "clock_stopped":
        return Meaning(REMOVES_BY_PERIOD.get(event.period, ""))
    if suspension and suspension.proposing and event.event_id in {one.event_id for one in suspension.empty}:
        return Meaning(FOUND_NOTHING)
    return NOTHING


def source(event: CaseEvent, suspension: Suspension | None) -> CaseEvent:
    """The event by which enough inquiries have found nothing, where another of them was told later."""
    found = suspension.proposing if suspension else ()
    if not found or event.event_id in {one.event_id for one in found}:
        return event
    return found[0]


def is_counted(event: CaseEvent) -> bool:
    """Whether an event has a part in how a case that is ended for now stands."""
    return event.kind in SUSPENDS | RESUMES | COUNTED or event.kind == CLOSING


def kept(event: CaseEvent) -> CaseEvent | None:
    """An event as it is kept, for when it or another one is corrected; None: it has no part in anything."""
    if not is_counted(event) and meaning(event, None) == NOTHING:
        return None
    return without_words(event)


def without_words(event: CaseEvent) -> CaseEvent:
    """Of what was written as a reason only the one that is a key."""
    return replace(event, reason=event.reason if event.reason == SETTLEMENT_PERFORMED else "")


def standing(events: Iterable[CaseEvent]) -> Suspension | None:
    """How a case stands after these, in the order of their days; those of a day in the order given."""
    found: Suspension | None = None
    for event in sorted(events, key=lambda one: one.happened):
        found = suspended(found, event)
    return found


def proposed(events: Iterable[CaseEvent]) -> frozenset[str]:
    """Ids of the inquiries by which on their day enough had found nothing, whatever came after them."""
    found: Suspension | None = None
    ids = set()
    for event in sorted(events, key=lambda one: one.happened):
        found = suspended(found, event)
        if found is not None and found.proposing[-1:] == (event,):
            ids.add(event.event_id)
    return frozenset(ids)


def suspended(before: Suspension | None, event: CaseEvent) -> Suspension | None:
    """How the case stands after the event; None: it is not ended for now."""
    if event.kind in SUSPENDS or (event.kind == CLOSING and event.manner == ENDED_FOR_NOW):
        return before or Suspension(event.happened)
    if event.kind in RESUMES or event.kind == CLOSING:
        return None
    if before is None or event.happened < before.since:
        return before
    if event.kind == "no_property_found":
        return before._replace(empty=(*before.empty, event))
    if event.kind == "property_found_after_suspension":
        return before._replace(empty=())
    return before


def fitting(reason: str, allowed: tuple[str, ...]) -> str:
    """The reason as the listing may be removed for it; empty: it does not end this listing. Who performs a
    settlement performs."""
    wanted = (reason, PERFORMED) if reason == SETTLEMENT_PERFORMED else (reason,)
    return next((one for one in wanted if one in allowed), "")


def is_answered(listing: Listing, lists: Kind, happened: int) -> bool:
    """Whether a listing of the case is the answer to an event that proposes one."""
    return listing.kind is lists and (listing.is_on or listing.since >= happened)


def to_remove(listing: Listing, event: CaseEvent, reason: str, due: int, now_ns: int) -> Proposal:
    """A proposal to remove a listing, without its number."""
    made = _proposal(listing.mandate.court, event, listing.kind, now_ns)
    return replace(made, listing_id=listing.listing_id, reason=reason, due=due)


def to_list(court: str, event: CaseEvent, lists: Kind, now_ns: int) -> Proposal:
    """A proposal to list somebody in the case, without its number. Whom, the officer says."""
    return replace(_proposal(court, event, lists, now_ns), what=ProposalKind.LISTING)


def _proposal(court: str, event: CaseEvent, kind: Kind, now_ns: int) -> Proposal:
    return Proposal(
        0,
        ProposalKind.REMOVAL,
        ProposalStatus.OPEN,
        court,
        event.case_number,
        kind,
        event.event_id,
        event.kind,
        event.happened,
        now_ns,
    )
