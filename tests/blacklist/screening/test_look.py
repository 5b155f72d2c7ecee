"""What entries of one number come to: for which unit, on which day, under which name."""

import pytest

from blacklist.screening._snapshot import Base, Binding, Snapshot
from chakong.blacklist.v1 import screening_pb2 as pb
from tests.blacklist.screening.model import (
    DERIVED,
    HASHER,
    LISTED,
    OF_A_FIRM,
    PLAIN,
    RAILWAY,
    RESTRICTED,
    TODAY,
    request,
    response,
    row,
    subject,
)


def finding(
    *rows: tuple[object, ...], measures: tuple[tuple[int, ...], ...] = PLAIN, day: int = TODAY
) -> pb.Finding:
    snapshot = Snapshot(Base.of_entries(HASHER, rows), HASHER, 1)
    findings = response(snapshot.screen(request([subject()]), Binding(measures), day, 0)[0]).findings
    return findings[0] if findings else pb.Finding(outcome=pb.OUTCOME_CLEAR)


def test_derived_subject_is_shown_only_to_a_unit_whose_measures_bind_him() -> None:
    derived = row(kinds=DERIVED, bound=OF_A_FIRM)
    assert finding(derived, measures=PLAIN).outcome == pb.OUTCOME_CLEAR
    told = finding(derived, measures=RAILWAY)
    assert (told.outcome, list(told.measures)) == (pb.OUTCOME_RESTRICTED, [28])


def test_listed_person_is_shown_to_a_unit_that_is_bound_to_nothing() -> None:
    told = finding(row(kinds=LISTED), measures=((), (), (), ()))
    assert (told.outcome, list(told.measures)) == (pb.OUTCOME_LISTED, [])


@pytest.mark.parametrize(("day", "is_told"), [(9, False), (10, True), (20, True), (21, False)])
def test_entry_counts_from_its_first_day_to_its_last(day: int, is_told: bool) -> None:
    told = finding(row(since_day=10, until_day=20), day=day)
    assert (told.outcome == pb.OUTCOME_LISTED) is is_told


def test_entry_without_an_end_counts_for_ever() -> None:
    assert finding(row(until_day=None), day=65_534).outcome == pb.OUTCOME_LISTED


def test_listings_side_by_side_are_all_named_and_their_measures_together() -> None:
    told = finding(
        row(listing_id=7),
        row(listing_id=3, bound=1),
        row(listing_id=5, kinds=RESTRICTED),
        row(8 % 3, listing_id=9),
    )
    assert told.outcome == pb.OUTCOME_LISTED
    assert (list(told.listing_ids), list(told.measures)) == ([3, 5, 7], [18, 34])


def test_fitting_name_goes_before_one_that_does_not() -> None:
    told = finding(row(listing_id=1, name="李四"), row(listing_id=2, kinds=RESTRICTED))
    assert (told.outcome, list(told.listing_ids)) == (pb.OUTCOME_RESTRICTED, [2])


def test_entry_that_has_ended_is_no_reason_to_check_by_hand() -> None:
    assert finding(row(name="李四", until_day=TODAY - 1)).outcome == pb.OUTCOME_CLEAR
