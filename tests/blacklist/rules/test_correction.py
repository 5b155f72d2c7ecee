"""What is put right, and what a correction must not do."""

from dataclasses import replace

import pytest

from blacklist.model import Circumstance, Kind, Listing, Neighbours, Refusal, Rule, Status, Subject
from blacklist.rules.correction import Correction, correct
from blacklist.rules.entry import EXCLUDES_ABLE
from blacklist.rules.law import AT_THE_APPLICANTS_REQUEST
from tests.blacklist.build import FIRM, LAW, TODAY, listing, mandate, person


def corrected(right: Correction, given: Listing | None = None, *near: Listing) -> Listing | Refusal:
    return correct(LAW, given or listing(), right, Neighbours(near), TODAY)


def rule_of(found: object) -> Rule | None:
    return found.rule if isinstance(found, Refusal) else None


def test_subject_and_case_are_put_right_and_nothing_else() -> None:
    found = corrected(Correction(person(5), "(2026)京0105执2号"))
    assert found == replace(listing(person(5)), mandate=mandate("(2026)京0105执2号"))


def test_repr_tells_nothing_of_whom_it_is_about() -> None:
    told = repr(Correction(person(5), unperformed="付款给李四"))
    assert person(5).id_number not in told
    assert "李四" not in told


def test_other_ground_brings_its_term() -> None:
    found = corrected(Correction(ground="able_but_refuses"))
    assert isinstance(found, Listing)
    assert found.until == 0
    found = corrected(Correction(ground="evasion"), listing(ground="able_but_refuses", until=0))
    assert isinstance(found, Listing)
    assert found.until == 20281101


def test_correction_keeps_what_a_term_was_extended_by() -> None:
    given = listing(extended_months=12, until=20291101)
    found = corrected(Correction(ground="obstruction"), given)
    assert isinstance(found, Listing)
    assert found.until == 20291101


def test_correction_lists_nobody_whom_a_rule_excludes() -> None:
    assert rule_of(corrected(Correction(person(1, born=20120101)))) is Rule.MINOR
    assert rule_of(corrected(Correction(Subject(3, "E12345678", "x")))) is Rule.AGE_UNKNOWN
    assert rule_of(corrected(Correction(FIRM))) is Rule.WRONG_REASON
    other = listing(person(5), listing_id=2)
    assert rule_of(corrected(Correction(person(5)), None, other)) is Rule.LISTED_ALREADY
    assert isinstance(corrected(Correction(person(5)), None, replace(other, status=Status.REMOVED)), Listing)


@pytest.mark.parametrize("circumstance", list(EXCLUDES_ABLE))
def test_what_was_known_at_listing_still_excludes_its_ground(circumstance: Circumstance) -> None:
    given = listing(circumstances=frozenset({circumstance}))
    found = corrected(Correction(ground="able_but_refuses"), given)
    assert rule_of(found) is Rule.ABLE_BUT_REFUSES_EXCLUDED
    assert isinstance(corrected(Correction(ground="obstruction"), given), Listing)


def test_ground_must_be_one_and_restrictions_have_none() -> None:
    assert rule_of(corrected(Correction(ground="x"))) is Rule.UNKNOWN_GROUND
    restricted = listing(kind=Kind.RESTRICTED, ground="", until=0)
    assert rule_of(corrected(Correction(ground="evasion"), restricted)) is Rule.UNKNOWN_GROUND


def test_what_is_off_the_list_is_not_corrected() -> None:
    gone = listing(status=Status.REMOVED)
    assert rule_of(corrected(Correction(person(5)), gone)) is Rule.NOT_NOW


def test_what_fell_off_by_itself_is_not_corrected_into_a_listing_without_end() -> None:
    over = listing(since=20241101, until=20261101)
    assert rule_of(corrected(Correction(ground="able_but_refuses"), over)) is Rule.NOT_NOW


def test_correction_lists_no_representative_and_nobody_who_is_barred() -> None:
    firms = listing(person(5), listing_id=2, kind=Kind.DERIVED, ground="", until=0, principal_id=9)
    assert rule_of(corrected(Correction(person(5)), None, firms)) is Rule.REPRESENTATIVE
    moved = replace(firms, subject=person(), mandate=mandate("(2026)京0105执2号"))
    assert rule_of(corrected(Correction(case_number="(2026)京0105执2号"), None, moved)) is Rule.REPRESENTATIVE
    barred = listing(
        person(5),
        listing_id=2,
        status=Status.REMOVED,
        removed=TODAY,
        removal_reason=AT_THE_APPLICANTS_REQUEST,
    )
    assert rule_of(corrected(Correction(person(5)), None, barred)) is Rule.RELISTING_BARRED


def test_derived_restriction_keeps_the_case_of_its_principal() -> None:
    derived = listing(kind=Kind.DERIVED, ground="", until=0, principal_id=9)
    assert rule_of(corrected(Correction(case_number="(2026)京0105执2号"), derived)) is Rule.NO_PRINCIPAL
