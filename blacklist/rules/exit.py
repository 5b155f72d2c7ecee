"""Exit: how a listing ends, is extended, and is objected to; and by when each step is due.

Pure. Which events end a listing depends on whether it has a term. Removal and correction are due in working
days, objection and review in days that end on a working day (runtime.calendar).
"""

from dataclasses import replace

from blacklist.model import Deed, Kind, Listing, Objection, ObjectionStatus, Refusal, Rule, Status
from blacklist.rules import life
from blacklist.rules.law import (
    EARLY_REASONS,
    LIFTED,
    LISTED_IN_ERROR,
    NO_LONGER_IN_CAPACITY,
    PRINCIPAL_ENDED,
    TERM_ENDED,
    Law,
)
from runtime.calendar import Limit, add_months, procedural_limit, working_days_after


def reasons_of(law: Law, listing: Listing) -> tuple[str, ...]:
    """What an officer may remove this listing for."""
    if listing.kind is Kind.LISTED:
        given = tuple(reason for reason in law.reasons_of_all if reason != TERM_ENDED)
        return given + (EARLY_REASONS if listing.until else law.reasons_without_a_term)
    if listing.kind is Kind.RESTRICTED:
        return (*law.reasons_without_a_term, LISTED_IN_ERROR, LIFTED)
    return (NO_LONGER_IN_CAPACITY, LISTED_IN_ERROR, LIFTED)


def propose(law: Law, listing: Listing, reason: str, happened: int, today: int) -> Listing | Refusal:
    """The listing, its removal due. A second event moves nothing: the first deadline counts."""
    status = life.after(listing.status, Deed.PROPOSE_REMOVAL)
    if isinstance(status, Refusal):
        return status
    if happened > today:
        return Refusal(Rule.IN_THE_FUTURE, f"happened: {happened} given, must be at most {today}")
    if reason not in (allowed := reasons_of(law, listing)):
        return Refusal(Rule.WRONG_REASON, f"reason: must be one of {', '.join(allowed)}")
    due = removal_limit(law, happened).date
    if listing.status is Status.REMOVAL_DUE and listing.removal_due <= due:
        return listing
    return replace(listing, status=status, removal_due=due, removal_reason=reason)


def reject(listing: Listing) -> Listing | Refusal:
    """The listing stays."""
    status = life.after(listing.status, Deed.REJECT_REMOVAL)
    if isinstance(status, Refusal):
        return status
    return replace(listing, status=status, removal_due=0, removal_reason="")


def remove(law: Law, listing: Listing, reason: str, instrument: str, today: int) -> Listing | Refusal:
    """The listing, taken off."""
    status = life.after(listing.status, Deed.REMOVE)
    if isinstance(status, Refusal):
        return status
    reason = reason or listing.removal_reason
    if reason not in (allowed := reasons_of(law, listing)):
        return Refusal(Rule.WRONG_REASON, f"reason: must be one of {', '.join(allowed)}")
    if needs_decision(listing, reason) and not instrument:
        return Refusal(
            Rule.NO_DECISION, f"instrument_number: none given, {reason} ends this by decision alone"
        )
    return replace(listing, status=status, removal_reason=reason, removed=today)


def needs_decision(listing: Listing, reason: str) -> bool:
    """Whether a listing ends for this reason by a decision alone."""
    is_early = bool(listing.until) and reason in EARLY_REASONS
    return is_early or reason == LIFTED


def follow_principal(listing: Listing, today: int) -> Listing:
    """A derived restriction, when the listing it rests on is removed."""
    return replace(listing, status=Status.REMOVED, removal_reason=PRINCIPAL_ENDED, removed=today)


def expire(listing: Listing, today: int) -> Listing | Refusal:
    """The listing, its term over. It counted up to and with its last day."""
    status = life.after(listing.status, Deed.EXPIRE)
    if isinstance(status, Refusal):
        return status
    if not listing.until or listing.until >= today:
        return Refusal(Rule.NOT_NOW, f"until: {listing.until}, the term has not ended on {today}")
    return replace(listing, status=status, removal_reason=TERM_ENDED, removed=today)


def extend(law: Law, listing: Listing, months: int, today: int) -> Listing | Refusal:
    """The listing with a longer term."""
    status = life.after(listing.status, Deed.EXTEND)
    if isinstance(status, Refusal):
        return status
    if refusal := life.over(listing, today):
        return refusal
    if not listing.until or listing.kind is not Kind.LISTED:
        text = f"ground: {listing.ground or listing.kind.name} has no term of its own to extend"
        return Refusal(Rule.NO_TERM, text)
    total = listing.extended_months + months
    low, high = law.extension_months_min, law.extension_months_max
    if months < low or total > high:
        text = f"months: {months} given beside {listing.extended_months}, must be {low} to {high} in all"
        return Refusal(Rule.EXTENSION, text)
    term = law.grounds[listing.ground].term_months
    return replace(listing, until=add_months(listing.since, term + total), extended_months=total)


def removal_limit(law: Law, happened: int) -> Limit:
    """By when a listing is to be removed after an event."""
    return working_days_after(happened, law.removal_working_days)


def object_to(law: Law, listing: Listing, received: int, today: int) -> Objection | Refusal:
    """A new objection, without its number."""
    if not listing.is_on:
        return Refusal(Rule.NOT_NOW, f"listing: is {listing.status.name}, there is nothing to object to")
    if received > today:
        return Refusal(Rule.IN_THE_FUTURE, f"received: {received} given, must be at most {today}")
    due = procedural_limit(received, law.objection_days).date
    return Objection(0, listing.listing_id, ObjectionStatus.OPEN, due)


def ask_review(
    law: Law, objection: Objection, received: int, today: int, served: int = 0
) -> Objection | Refusal:
    """The objection before the superior court. `served`: when the decision was; 0: on the day it was made."""
    status = life.objected(objection.status, Deed.ASK_REVIEW)
    if isinstance(status, Refusal):
        return status
    if received > today:
        return Refusal(Rule.IN_THE_FUTURE, f"received: {received} given, must be at most {today}")
    if served > received:
        return Refusal(
            Rule.IN_THE_FUTURE, f"served: {served} given, must be at most {received}, when it came"
        )
    until = max(objection.due, procedural_limit(served, law.review_ask_days).date if served else 0)
    if received > until:
        text = f"received: {received} given, review could be asked for until {until}"
        return Refusal(Rule.REVIEW_TOO_LATE, text)
    return replace(objection, status=status, due=procedural_limit(received, law.review_days).date)


def decide(law: Law, objection: Objection, is_upheld: bool, today: int) -> Objection | Refusal:
    """The objection, decided."""
    status = life.objected(objection.status, Deed.UPHOLD if is_upheld else Deed.REJECT)
    if isinstance(status, Refusal):
        return status
    due = 0
    if status is ObjectionStatus.UPHELD:
        due = working_days_after(today, law.correct_working_days).date
    elif status is ObjectionStatus.REJECTED:
        due = procedural_limit(today, law.review_ask_days).date
    return replace(objection, status=status, due=due)


def settle(objection: Objection) -> Objection | Refusal:
    """The objection, when what it was upheld for has been put right."""
    if objection.status is not ObjectionStatus.UPHELD or objection.is_settled:
        text = f"objection_id: is {objection.status.name}, must be UPHELD and not settled yet"
        return Refusal(Rule.NO_SUCH_OBJECTION, text)
    return replace(objection, due=0, is_settled=True)
