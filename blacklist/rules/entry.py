"""Entry: who may be listed, and who may not.

Pure: today's date, the law, and what the list knows of the subject are given. Every exclusion is a rule of
its own, so that a refusal names it. It does not check the form of names and numbers; the intake does, and
gives case numbers their one spelling.
"""

from blacklist.model import (
    ID_TYPE_RESIDENT,
    Circumstance,
    Draft,
    Kind,
    Listing,
    Mandate,
    Neighbours,
    Refusal,
    Rule,
    Status,
)
from blacklist.rules import life
from blacklist.rules.law import (
    ABLE_BUT_REFUSES,
    ADULT_YEARS,
    AT_THE_APPLICANTS_REQUEST,
    Law,
)
from runtime.calendar import add_months, is_date

# Key of listing.toml for each circumstance.
EXCLUDES_ABLE = {
    Circumstance.ADEQUATE_SECURITY_GIVEN: "adequate_security_given",
    Circumstance.CONTROLLED_PROPERTY_SUFFICES: "controlled_property_suffices",
    Circumstance.PERFORMANCE_ORDER_LATER: "performance_order_later",
}
BIRTH_AT = slice(6, 14)
_REPRESENTATIVE = Refusal(
    Rule.REPRESENTATIVE,
    "capacity: is a representative of the debtor, who is restricted for its debt and never listed",
)


def check(law: Law, draft: Draft, near: Neighbours, today: int) -> Refusal | None:
    """Why a draft is not listed; None: nothing is against it."""
    found = _check_basis(law, draft, today)
    if found is None and draft.kind is Kind.LISTED:
        found = _check_exclusions(law, draft, near, today)
    if found is None and draft.kind is Kind.DERIVED:
        found = _check_principal(draft, near.principal, today)
    return found or check_beside(law, draft, near, today)


def check_beside(law: Law, draft: Draft, near: Neighbours, today: int) -> Refusal | None:
    """Why what else the list says of the subject in this case excludes a draft."""
    if draft.kind is Kind.LISTED and any(_is_of_the_firm(one, draft) for one in near.listings):
        return _REPRESENTATIVE
    return _check_earlier(law, draft, near, today)


def term_end(law: Law, draft: Draft, since: int, principal: Listing | None = None) -> int:
    """The last day of the term of a new listing; 0: it has none. The first day does not count, and a term
    never moves for a holiday. A derived restriction lasts as long as what it rests on."""
    if draft.kind is Kind.DERIVED and principal is not None:
        return principal.until
    if draft.kind is not Kind.LISTED:
        return 0
    months = law.grounds[draft.ground].term_months
    return add_months(since, months) if months else 0


def ground_fault(law: Law, draft: Draft) -> Refusal | None:
    """Why its circumstances exclude the ground of a draft."""
    if draft.ground != ABLE_BUT_REFUSES:
        return None
    for circumstance, key in EXCLUDES_ABLE.items():
        if circumstance in draft.circumstances and key in law.excluded_able:
            text = f"circumstances: {key} excludes {ABLE_BUT_REFUSES}"
            return Refusal(Rule.ABLE_BUT_REFUSES_EXCLUDED, text)
    return None


def age_fault(draft: Draft, today: int) -> Refusal | None:
    """Whether the subject is a minor, or may be one."""
    if draft.subject.is_organisation:
        return None
    born = _born(draft)
    if not born:
        return Refusal(Rule.AGE_UNKNOWN, "birth_date: 0 given, must be a date where the number says none")
    if add_months(born, 12 * ADULT_YEARS) > today:
        return Refusal(Rule.MINOR, f"subject: is under {ADULT_YEARS}, and minors are never listed")
    return None


def _born(draft: Draft) -> int:
    if draft.subject.id_type != ID_TYPE_RESIDENT:
        return draft.birth_date
    digits = draft.subject.id_number[BIRTH_AT]
    return int(digits) if digits.isdecimal() and is_date(int(digits)) else 0


def _check_basis(law: Law, draft: Draft, today: int) -> Refusal | None:
    found = _check_mandate(draft.mandate)
    if found is None and draft.kind is Kind.LISTED:
        if not draft.ground:
            found = Refusal(Rule.NO_GROUND, "ground: none given, nobody is listed without one")
        elif draft.ground not in law.grounds:
            found = Refusal(Rule.UNKNOWN_GROUND, f"ground: must be one of {', '.join(law.grounds)}")
    if found is None and draft.kind is not Kind.LISTED and draft.ground:
        found = Refusal(Rule.UNKNOWN_GROUND, "ground: a restriction has none")
    if found is None and draft.since > today:
        found = Refusal(Rule.IN_THE_FUTURE, f"since: {draft.since} given, must be at most {today}")
    until = 0 if found else term_end(law, draft, draft.since)
    if until and until < today:
        found = Refusal(Rule.TOO_LONG_AGO, f"since: {draft.since} given, its term ended on {until}")
    return found


def _check_mandate(mandate: Mandate) -> Refusal | None:
    for name in ("court", "case_number", "instrument", "officer"):
        if not getattr(mandate, name):
            return Refusal(Rule.NO_MANDATE, f"mandate.{name}: none given, nothing is listed without")
    if not mandate.is_ruling:
        return Refusal(Rule.NO_MANDATE, "mandate.instrument_kind: must be RULING, the decision to list")
    if not mandate.is_debtor:
        return Refusal(Rule.NOT_THE_DEBTOR, "mandate.debtor_role: must be JUDGMENT_DEBTOR")
    return None


def _check_exclusions(law: Law, draft: Draft, near: Neighbours, today: int) -> Refusal | None:
    if draft.capacity or any(_is_of_the_firm(one, draft) for one in near.listings):
        return _REPRESENTATIVE
    found = age_fault(draft, today)
    if found:
        return found
    if Circumstance.STUDENT_WITH_CAMPUS_LOAN in draft.circumstances:
        is_absolute = law.excluded_always.get("students_with_campus_loans", False)
        if is_absolute or not draft.approved_by:
            text = "circumstances: a student with a campus loan is not listed unless it was approved"
            return Refusal(Rule.STUDENT, text)
    return ground_fault(law, draft)


def _is_of_the_firm(listing: Listing, draft: Draft) -> bool:
    """Whether the subject is restricted through the organisation that is the debtor of the same case."""
    return listing.kind is Kind.DERIVED and listing.is_on and _is_same_case(listing, draft)


def _check_principal(draft: Draft, principal: Listing | None, today: int) -> Refusal | None:
    if draft.subject.is_organisation:
        return Refusal(Rule.NO_PRINCIPAL, "subject: is an organisation, and only persons are derived")
    if not draft.capacity:
        return Refusal(Rule.NO_PRINCIPAL, "capacity: none given, a derived restriction rests on one")
    is_there = principal is not None and principal.is_on and not life.over(principal, today)
    if principal is None or not is_there or not principal.subject.is_organisation:
        return Refusal(
            Rule.NO_PRINCIPAL,
            f"principal_id: {draft.principal_id} given, must be an organisation's listing in force",
        )
    if not _is_same_case(principal, draft):
        return Refusal(Rule.NO_PRINCIPAL, "principal_id: must be a listing of the same court and case")
    return None


def _check_earlier(law: Law, draft: Draft, near: Neighbours, today: int) -> Refusal | None:
    """Against what the list says, or said, of the subject in this case. Other cases stand side by side."""
    for listing in near.listings:
        if not _is_same_case(listing, draft) or listing.kind is not draft.kind:
            continue
        if listing.is_on and listing.principal_id == draft.principal_id:
            text = f"subject: has listing {listing.listing_id} in this case already"
            return Refusal(Rule.LISTED_ALREADY, text)
        is_barring = listing.status is Status.REMOVED and listing.removal_reason == AT_THE_APPLICANTS_REQUEST
        if is_barring and draft.kind is Kind.LISTED:
            barred_until = add_months(listing.removed, law.relisting_bar_months)
            if today <= barred_until:
                text = (
                    f"subject: was removed at the applicant's request, not listed again until {barred_until}"
                )
                return Refusal(Rule.RELISTING_BARRED, text)
    return None


def _is_same_case(listing: Listing, draft: Draft) -> bool:
    one, other = listing.mandate, draft.mandate
    return (one.court, one.case_number) == (other.court, other.case_number)
