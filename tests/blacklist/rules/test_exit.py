"""How listings end, by which reasons, and by when: golden days with holidays in them."""

from dataclasses import replace

import pytest

from blacklist.model import Kind, Listing, Objection, ObjectionStatus, Refusal, Rule, Status
from blacklist.rules import exit as ways_out
from tests.blacklist.build import FIRM, LAW, TODAY, listing, person

TERMLESS = listing(ground="able_but_refuses", until=0)


def rule_of(found: object) -> Rule | None:
    return found.rule if isinstance(found, Refusal) else None


@pytest.mark.parametrize(
    ("happened", "due"),
    [
        (20261123, 20261126),  # Monday: Thursday
        (20261119, 20261124),  # Thursday: over a weekend
        (20260930, 20261010),  # before National Day: the 8th and 9th, and a Saturday that is worked
        (20260213, 20260225),  # before the Spring Festival: 14 worked, 15 to 23 off
    ],
)
def test_removal_is_due_in_three_working_days(happened: int, due: int) -> None:
    today = max(happened, TODAY)
    found = ways_out.propose(LAW, TERMLESS, "performed", happened, today)
    assert isinstance(found, Listing)
    assert (found.status, found.removal_due) == (Status.REMOVAL_DUE, due)


@pytest.mark.parametrize("reason", LAW.reasons_without_a_term)
def test_every_event_ends_a_listing_without_a_term(reason: str) -> None:
    found = ways_out.remove(LAW, TERMLESS, reason, "", TODAY)
    assert isinstance(found, Listing)
    assert (found.status, found.removed, found.removal_reason) == (Status.REMOVED, TODAY, reason)


@pytest.mark.parametrize(
    ("reason", "instrument", "rule"),
    [
        ("performed", "", Rule.NO_DECISION),
        ("performed", "x", None),
        ("conduct_corrected", "x", None),
        ("conduct_corrected", "", Rule.NO_DECISION),
        ("enforcement_terminated", "x", Rule.WRONG_REASON),
        ("term_ended", "x", Rule.WRONG_REASON),
        ("listed_in_error", "", None),
        ("", "x", Rule.WRONG_REASON),
    ],
)
def test_a_term_ends_early_by_decision_alone(reason: str, instrument: str, rule: Rule | None) -> None:
    assert rule_of(ways_out.remove(LAW, listing(), reason, instrument, TODAY)) is rule


def test_removal_without_a_reason_takes_what_was_proposed() -> None:
    due = ways_out.propose(LAW, TERMLESS, "performed", TODAY, TODAY)
    assert isinstance(due, Listing)
    found = ways_out.remove(LAW, due, "", "", TODAY)
    assert isinstance(found, Listing)
    assert found.removal_reason == "performed"


def test_a_second_event_moves_no_deadline_but_an_earlier_one_does() -> None:
    due = ways_out.propose(LAW, TERMLESS, "performed", 20261120, TODAY)
    assert isinstance(due, Listing)
    assert ways_out.propose(LAW, due, "enforcement_terminated", TODAY, TODAY) == due
    earlier = ways_out.propose(LAW, due, "enforcement_terminated", 20261110, TODAY)
    assert isinstance(earlier, Listing)
    assert earlier.removal_due == 20261113


def test_proposal_that_is_rejected_leaves_the_listing_as_it_was() -> None:
    due = ways_out.propose(LAW, TERMLESS, "performed", TODAY, TODAY)
    assert isinstance(due, Listing)
    assert ways_out.reject(due) == TERMLESS
    assert rule_of(ways_out.reject(TERMLESS)) is Rule.NOT_NOW


def test_event_of_tomorrow_is_refused() -> None:
    assert rule_of(ways_out.propose(LAW, TERMLESS, "performed", 20261124, TODAY)) is Rule.IN_THE_FUTURE


def test_restrictions_end_by_reasons_of_their_own() -> None:
    restricted = listing(kind=Kind.RESTRICTED, ground="", until=0)
    assert rule_of(ways_out.remove(LAW, restricted, "performed", "", TODAY)) is None
    assert rule_of(ways_out.remove(LAW, restricted, "lifted_by_decision", "", TODAY)) is Rule.NO_DECISION
    derived = listing(kind=Kind.DERIVED, ground="", until=0, principal_id=2)
    assert rule_of(ways_out.remove(LAW, derived, "no_longer_in_capacity", "", TODAY)) is None
    assert rule_of(ways_out.remove(LAW, derived, "performed", "", TODAY)) is Rule.WRONG_REASON
    assert ways_out.follow_principal(derived, TODAY).removal_reason == "principal_ended"


def test_term_counts_its_last_day_and_falls_off_after_it() -> None:
    last = listing(until=TODAY)
    assert rule_of(ways_out.expire(last, TODAY)) is Rule.NOT_NOW
    found = ways_out.expire(last, 20261124)
    assert isinstance(found, Listing)
    assert found.status is Status.EXPIRED
    assert rule_of(ways_out.expire(TERMLESS, TODAY)) is Rule.NOT_NOW


@pytest.mark.parametrize(
    ("before", "months", "rule", "until"),
    [
        (0, 12, None, 20291101),
        (0, 36, None, 20311101),
        (0, 11, Rule.EXTENSION, 0),
        (0, 37, Rule.EXTENSION, 0),
        (12, 24, None, 20311101),
        (12, 25, Rule.EXTENSION, 0),
    ],
)
def test_term_is_extended_by_one_to_three_years_in_all(
    before: int, months: int, rule: Rule | None, until: int
) -> None:
    found = ways_out.extend(LAW, listing(extended_months=before), months, TODAY)
    assert rule_of(found) is rule
    if isinstance(found, Listing):
        assert found.until == until


def test_listing_without_a_term_is_not_extended() -> None:
    assert rule_of(ways_out.extend(LAW, TERMLESS, 12, TODAY)) is Rule.NO_TERM
    restricted = listing(FIRM, kind=Kind.RESTRICTED, ground="", until=0)
    assert rule_of(ways_out.extend(LAW, restricted, 12, TODAY)) is Rule.NO_TERM


def test_term_that_is_over_is_not_extended_though_it_was_not_ended_yet() -> None:
    last = listing(until=TODAY)
    assert isinstance(ways_out.extend(LAW, last, 12, TODAY), Listing)
    assert rule_of(ways_out.extend(LAW, last, 12, 20261124)) is Rule.NOT_NOW


def objection(status: ObjectionStatus, due: int = 0) -> Objection:
    return Objection(1, 1, status, due)


def test_objection_goes_through_decision_and_review() -> None:
    opened = ways_out.object_to(LAW, listing(), TODAY, TODAY)
    assert isinstance(opened, Objection)
    assert opened.due == 20261208
    rejected = ways_out.decide(LAW, opened, False, 20261201)
    assert isinstance(rejected, Objection)
    assert rejected.due == 20261211
    assert rule_of(ways_out.ask_review(LAW, rejected, 20261212, 20261212)) is Rule.REVIEW_TOO_LATE
    asked = ways_out.ask_review(LAW, rejected, 20261211, 20261212)
    assert isinstance(asked, Objection)
    assert (asked.status, asked.due) == (ObjectionStatus.REVIEW_OPEN, 20261228)
    upheld = ways_out.decide(LAW, asked, True, 20261218)
    assert isinstance(upheld, Objection)
    assert (upheld.status, upheld.due) == (ObjectionStatus.UPHELD, 20261223)
    settled = ways_out.settle(upheld)
    assert isinstance(settled, Objection)
    assert settled.is_settled
    assert rule_of(ways_out.settle(settled)) is Rule.NO_SUCH_OBJECTION


def test_days_for_asking_review_count_from_when_the_decision_was_served() -> None:
    opened = ways_out.object_to(LAW, listing(), TODAY, TODAY)
    assert isinstance(opened, Objection)
    rejected = ways_out.decide(LAW, opened, False, 20261201)
    assert isinstance(rejected, Objection)
    asked = ways_out.ask_review(LAW, rejected, 20261217, 20261218, served=20261207)
    assert isinstance(asked, Objection)
    assert rule_of(ways_out.ask_review(LAW, rejected, 20261218, 20261218, served=20261207)) is (
        Rule.REVIEW_TOO_LATE
    )
    # What was served before it was made does not shorten them.
    assert isinstance(ways_out.ask_review(LAW, rejected, 20261211, 20261218, served=20261101), Objection)
    later = ways_out.ask_review(LAW, rejected, 20261210, 20261218, served=20261211)
    assert rule_of(later) is Rule.IN_THE_FUTURE


def test_nobody_objects_to_what_is_off_the_list() -> None:
    gone = replace(listing(person(1)), status=Status.REMOVED)
    assert rule_of(ways_out.object_to(LAW, gone, TODAY, TODAY)) is Rule.NOT_NOW
    assert rule_of(ways_out.object_to(LAW, listing(), 20261124, TODAY)) is Rule.IN_THE_FUTURE
    assert rule_of(ways_out.settle(objection(ObjectionStatus.OPEN))) is Rule.NO_SUCH_OBJECTION
