"""Who may not be listed, rule by rule, and who may."""

from dataclasses import replace
from typing import Any

import pytest

from blacklist.model import (
    Capacity,
    Circumstance,
    Draft,
    Kind,
    Listing,
    Neighbours,
    Refusal,
    Rule,
    Status,
    Subject,
)
from blacklist.rules.entry import check, term_end
from blacklist.rules.law import AT_THE_APPLICANTS_REQUEST
from tests.blacklist.build import FIRM, LAW, TODAY, draft, listing, mandate, person

ALONE = Neighbours()


def refused(given: Draft, near: Neighbours = ALONE, today: int = TODAY) -> Rule | None:
    found = check(LAW, given, near, today)
    return found.rule if isinstance(found, Refusal) else None


def test_draft_in_order_is_listed() -> None:
    assert refused(draft()) is None
    assert refused(draft(FIRM)) is None
    assert refused(draft(ground="able_but_refuses")) is None


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"ground": ""}, Rule.NO_GROUND),
        ({"ground": "owes_money"}, Rule.UNKNOWN_GROUND),
        ({"mandate": replace(mandate(), instrument="")}, Rule.NO_MANDATE),
        ({"mandate": replace(mandate(), case_number="")}, Rule.NO_MANDATE),
        ({"mandate": replace(mandate(), officer="")}, Rule.NO_MANDATE),
        ({"mandate": replace(mandate(), is_ruling=False)}, Rule.NO_MANDATE),
        ({"mandate": replace(mandate(), is_debtor=False)}, Rule.NOT_THE_DEBTOR),
        ({"subject": person(1, born=20090101)}, Rule.MINOR),
        ({"subject": Subject(3, "E12345678", "x")}, Rule.AGE_UNKNOWN),
        ({"capacity": Capacity.LEGAL_REPRESENTATIVE}, Rule.REPRESENTATIVE),
        ({"circumstances": frozenset({Circumstance.STUDENT_WITH_CAMPUS_LOAN})}, Rule.STUDENT),
        ({"since": 20261124}, Rule.IN_THE_FUTURE),
        ({"since": 20240101}, Rule.TOO_LONG_AGO),
        ({"kind": Kind.DERIVED, "ground": ""}, Rule.NO_PRINCIPAL),
        ({"kind": Kind.DERIVED}, Rule.UNKNOWN_GROUND),
        ({"kind": Kind.RESTRICTED}, Rule.UNKNOWN_GROUND),
    ],
)
def test_rule_refuses(changes: dict[str, Any], rule: Rule) -> None:
    assert refused(draft(**changes)) is rule


def test_who_comes_of_age_today_is_no_minor() -> None:
    assert refused(draft(person(born=20081123))) is None
    assert refused(draft(person(born=20081124))) is Rule.MINOR


def test_age_of_a_passport_is_told_by_the_court() -> None:
    foreigner = Subject(3, "E12345678", "x")
    assert refused(draft(foreigner, birth_date=19700101)) is None
    assert refused(draft(foreigner, birth_date=20100101)) is Rule.MINOR


def test_birth_date_that_is_told_does_not_make_a_minor_older() -> None:
    assert refused(draft(person(born=20100101), birth_date=19700101)) is Rule.MINOR


@pytest.mark.parametrize(
    "circumstance",
    [
        Circumstance.ADEQUATE_SECURITY_GIVEN,
        Circumstance.CONTROLLED_PROPERTY_SUFFICES,
        Circumstance.PERFORMANCE_ORDER_LATER,
    ],
)
def test_some_circumstances_exclude_the_first_ground_alone(circumstance: Circumstance) -> None:
    given = frozenset({circumstance})
    assert refused(draft(ground="able_but_refuses", circumstances=given)) is Rule.ABLE_BUT_REFUSES_EXCLUDED
    assert refused(draft(ground="evasion", circumstances=given)) is None


def test_student_is_listed_only_when_it_was_approved() -> None:
    given = frozenset({Circumstance.STUDENT_WITH_CAMPUS_LOAN})
    assert refused(draft(circumstances=given, approved_by="president")) is None


def test_representative_is_found_out_although_the_capacity_is_not_told() -> None:
    derived = listing(kind=Kind.DERIVED, until=0, ground="", principal_id=7)
    assert refused(draft(), Neighbours((derived,))) is Rule.REPRESENTATIVE
    assert refused(draft(), Neighbours((replace(derived, status=Status.REMOVED),))) is None
    assert refused(draft(case="another"), Neighbours((derived,))) is None


def test_restriction_needs_a_mandate_and_no_ground_and_reaches_minors_too() -> None:
    given = draft(person(1, born=20150101), kind=Kind.RESTRICTED, ground="")
    assert refused(given) is None
    assert refused(replace(given, mandate=replace(mandate(), instrument=""))) is Rule.NO_MANDATE


def test_derived_restriction_rests_on_an_organisation_of_the_same_case() -> None:
    given = draft(
        person(2), kind=Kind.DERIVED, ground="", principal_id=9, capacity=Capacity.ACTUAL_CONTROLLER
    )
    firm = listing(FIRM, listing_id=9)
    assert refused(given, Neighbours(principal=firm)) is None
    assert refused(replace(given, capacity=Capacity.NONE), Neighbours(principal=firm)) is Rule.NO_PRINCIPAL
    assert refused(replace(given, subject=FIRM), Neighbours(principal=firm)) is Rule.NO_PRINCIPAL
    for principal in (
        None,
        replace(firm, status=Status.REMOVED),
        replace(firm, until=TODAY - 1),
        listing(person(3)),
        replace(firm, mandate=mandate("another")),
    ):
        assert refused(given, Neighbours(principal=principal)) is Rule.NO_PRINCIPAL


def test_one_case_lists_a_person_once_and_several_cases_side_by_side() -> None:
    assert refused(draft(), Neighbours((listing(),))) is Rule.LISTED_ALREADY
    assert refused(draft(case="another"), Neighbours((listing(),))) is None
    assert refused(draft(kind=Kind.RESTRICTED, ground=""), Neighbours((listing(),))) is None


def removed(reason: str, on: int) -> Listing:
    return listing(status=Status.REMOVED, removal_reason=reason, removed=on)


@pytest.mark.parametrize(
    ("today", "rule"),
    [(20261123, Rule.RELISTING_BARRED), (20261130, Rule.RELISTING_BARRED), (20261201, None)],
)
def test_relisting_is_barred_for_six_months_after_the_applicants_wish(today: int, rule: Rule | None) -> None:
    near = Neighbours((removed(AT_THE_APPLICANTS_REQUEST, 20260531),))
    assert refused(draft(since=20261123), near, today) is rule


def test_other_removals_bar_nothing() -> None:
    assert refused(draft(), Neighbours((removed("performed", 20261120),))) is None


def test_term_ends_on_the_corresponding_day_or_the_months_last() -> None:
    assert term_end(LAW, draft(), 20261101) == 20281101
    assert term_end(LAW, draft(), 20240229) == 20260228
    assert term_end(LAW, draft(ground="able_but_refuses"), 20261101) == 0
    assert term_end(LAW, draft(kind=Kind.RESTRICTED, ground=""), 20261101) == 0


def test_derived_restriction_lasts_as_long_as_what_it_rests_on() -> None:
    derived = draft(person(2), kind=Kind.DERIVED, ground="", principal_id=1)
    assert term_end(LAW, derived, 20261101, listing(FIRM, until=20271231)) == 20271231
    assert term_end(LAW, derived, 20261101, listing(FIRM, until=0)) == 0
