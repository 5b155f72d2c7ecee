"""Correction: what a listing says, put right. A correction never lists somebody whom a rule excludes.

Pure. Kind, court and first day stay: who was listed under another court's case, or should not have been
listed at all, is removed as listed in error.
"""

from dataclasses import dataclass, replace

from blacklist.model import Deed, Draft, Kind, Listing, Neighbours, Refusal, Rule, Subject
from blacklist.rules import entry, life
from blacklist.rules.law import Law
from runtime.calendar import add_months


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to stand in the listing instead; None or empty: as it is."""

    subject: Subject | None = None
    case_number: str = ""
    ground: str = ""
    birth_date: int = 0


def correct(law: Law, listing: Listing, right: Correction, near: Neighbours, today: int) -> Listing | Refusal:
    """The listing with what is right in it. `near` knows what else the list says of whom it then is about."""
    status = life.after(listing.status, Deed.CORRECT)
    if isinstance(status, Refusal):
        return status
    if refusal := _check(law, listing, right):
        return refusal
    ground = right.ground or listing.ground
    corrected = replace(
        listing,
        status=status,
        subject=right.subject or listing.subject,
        mandate=replace(listing.mandate, case_number=right.case_number or listing.mandate.case_number),
        ground=ground,
        until=_until(law, listing, ground),
    )
    if right.subject is not None and listing.kind is Kind.LISTED:
        draft = Draft(listing.kind, corrected.subject, corrected.mandate, ground, birth_date=right.birth_date)
        if refusal := entry.age_fault(draft, today):
            return refusal
    return _check_others(corrected, near) or corrected


def _check(law: Law, listing: Listing, right: Correction) -> Refusal | None:
    if right.ground and listing.kind is not Kind.LISTED:
        return Refusal(Rule.UNKNOWN_GROUND, "ground: a restriction has none")
    if right.ground and right.ground not in law.grounds:
        return Refusal(Rule.UNKNOWN_GROUND, f"ground: must be one of {', '.join(law.grounds)}")
    if right.subject and right.subject.is_organisation != listing.subject.is_organisation:
        text = "subject.id_type: a person's listing does not become an organisation's"
        return Refusal(Rule.WRONG_REASON, text)
    return None


def _check_others(corrected: Listing, near: Neighbours) -> Refusal | None:
    mandate = corrected.mandate
    for other in near.listings:
        is_same = (other.mandate.court, other.mandate.case_number) == (mandate.court, mandate.case_number)
        is_another = other.listing_id != corrected.listing_id and other.is_on
        if is_same and is_another and other.kind is corrected.kind:
            text = f"subject: has listing {other.listing_id} in this case already"
            return Refusal(Rule.LISTED_ALREADY, text)
    return None


def _until(law: Law, listing: Listing, ground: str) -> int:
    if ground == listing.ground or not ground:
        return listing.until
    months = law.grounds[ground].term_months
    return add_months(listing.since, months + listing.extended_months) if months else 0
