"""Correction: what a listing says, put right. A correction never lists somebody whom a rule excludes.

Pure. Kind, court and first day stay: who was listed under another court's case, or should not have been
listed at all, is removed as listed in error.
"""

from dataclasses import dataclass, field, replace

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
    # It may name others.
    unperformed: str = field(default="", repr=False)


def correct(law: Law, listing: Listing, right: Correction, near: Neighbours, today: int) -> Listing | Refusal:
    """The listing with what is right in it. `near` knows what else the list says of whom it then is about."""
    status = life.after(listing.status, Deed.CORRECT)
    if isinstance(status, Refusal):
        return status
    if refusal := life.over(listing, today):
        return refusal
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
        unperformed=right.unperformed or listing.unperformed,
    )
    draft = Draft(
        listing.kind,
        corrected.subject,
        corrected.mandate,
        ground,
        principal_id=listing.principal_id,
        circumstances=listing.circumstances,
        birth_date=right.birth_date,
    )
    is_about_another = right.subject is not None and listing.kind is Kind.LISTED
    if is_about_another and (refusal := entry.age_fault(draft, today)):
        return refusal
    if right.ground and (refusal := entry.ground_fault(law, draft)):
        return refusal
    others = Neighbours(tuple(one for one in near.listings if one.listing_id != listing.listing_id))
    return entry.check_beside(law, draft, others, today) or corrected


def _check(law: Law, listing: Listing, right: Correction) -> Refusal | None:
    if right.ground and listing.kind is not Kind.LISTED:
        return Refusal(Rule.UNKNOWN_GROUND, "ground: a restriction has none")
    if right.ground and right.ground not in law.grounds:
        return Refusal(Rule.UNKNOWN_GROUND, f"ground: must be one of {', '.join(law.grounds)}")
    if right.subject and right.subject.is_organisation != listing.subject.is_organisation:
        text = "subject.id_type: a person's listing does not become an organisation's"
        return Refusal(Rule.WRONG_REASON, text)
    if right.case_number and listing.kind is Kind.DERIVED:
        text = "case_number: a derived restriction has that of the listing it rests on"
        return Refusal(Rule.NO_PRINCIPAL, text)
    return None


def _until(law: Law, listing: Listing, ground: str) -> int:
    if ground == listing.ground or not ground:
        return listing.until
    months = law.grounds[ground].term_months
    return add_months(listing.since, months + listing.extended_months) if months else 0
