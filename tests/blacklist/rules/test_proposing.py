"""What each event of a case proposes, and what it does not."""

from typing import Any

import pytest

from blacklist.model import Kind, ProposalKind, ProposalStatus, Status
from blacklist.rules import exit as ways_out
from blacklist.rules import proposing
from blacklist.rules.proposing import NOTHING, CaseEvent, Meaning, Suspension
from runtime.data import law_texts
from tests.blacklist.build import LAW, NOON_NS, TODAY, listing

CASE = "(2026)京0105执1号"


def event(kind: str, happened: int = TODAY, **more: str) -> CaseEvent:
    return CaseEvent(CASE, "e1", kind, happened, **more)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (event("claim_satisfied"), Meaning("performed")),
        (event("bankruptcy_accepted"), Meaning("stay_for_retrial_or_bankruptcy")),
        (event("clock_stopped", period="stay"), Meaning("stay_for_retrial_or_bankruptcy")),
        (event("clock_stopped", period="settlement_period"), NOTHING),
        (event("closing", manner="completed"), Meaning("performed")),
        (
            event("closing", manner="completed", reason="settlement_performed"),
            Meaning("settlement_performed"),
        ),
        (event("closing", manner="terminated"), Meaning("enforcement_terminated")),
        (event("closing", manner="not_enforced"), Meaning("enforcement_refused")),
        (event("closing", manner="ended_for_now"), NOTHING),
        (event("closing", manner="withdrawn"), NOTHING),
        (event("refusal_established"), Meaning(lists=Kind.LISTED)),
        (event("consumption_restricted"), Meaning(lists=Kind.RESTRICTED)),
        (event("money_received"), NOTHING),
        (event("no_property_found"), NOTHING),
    ],
)
def test_each_event_proposes_what_the_law_makes_of_it(told: CaseEvent, expected: Meaning) -> None:
    assert proposing.meaning(told, None) == expected


def test_every_reason_and_event_is_one_that_the_files_know() -> None:
    reasons = {*proposing.REMOVES.values(), *proposing.REMOVES_BY_MANNER.values(), proposing.FOUND_NOTHING}
    assert reasons | {"settlement_performed"} <= set(LAW.reasons_without_a_term)
    law = "".join(law_texts().values())
    for kind in (*proposing.KINDS, *proposing.REMOVES_BY_PERIOD):
        assert f'key = "{kind}"' in law


def test_second_inquiry_that_finds_nothing_after_the_ending_proposes_removal() -> None:
    told = [
        event("no_property_found", 20261001),
        event("closing", 20261010, manner="ended_for_now"),
        event("no_property_found", 20261009),
        event("no_property_found", 20261020),
        event("no_property_found", 20261120),
    ]
    standing: Suspension | None = None
    meant = []
    for one in told:
        standing = proposing.suspended(standing, one)
        meant.append(proposing.meaning(one, standing).reason)
    assert meant == ["", "", "", "", "two_inquiries_found_nothing_after_suspension"]
    assert standing == Suspension(20261010, tuple(told[3:]))
    assert standing.proposing == (told[4],)
    assert proposing.standing(told[::-1]) == standing


EMPTY = (event("no_property_found"),)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (event("property_found_after_suspension"), Suspension(20261010)),
        (event("suspension_ruled"), Suspension(20261010, EMPTY)),
        (event("resumption"), None),
        (event("closing", manner="completed"), None),
    ],
)
def test_what_is_found_begins_the_count_again_and_what_goes_on_ends_it(
    told: CaseEvent, expected: Suspension | None
) -> None:
    assert proposing.suspended(Suspension(20261010, EMPTY), told) == expected


def test_a_reason_must_fit_the_listing() -> None:
    termed, termless = listing(), listing(until=0, ground="able_but_refuses")
    allowed = {one.until: ways_out.reasons_of(LAW, one) for one in (termed, termless)}
    assert proposing.fitting("settlement_performed", allowed[0]) == "settlement_performed"
    assert proposing.fitting("settlement_performed", allowed[termed.until]) == "performed"
    assert proposing.fitting("enforcement_terminated", allowed[termed.until]) == ""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"kind": Kind.RESTRICTED}, False),
        ({"status": Status.REMOVED, "since": 20261101}, True),
        ({"status": Status.REMOVED, "since": 20260901}, False),
    ],
)
def test_an_event_is_answered_by_a_listing_of_its_kind_that_is_on_or_came_later(
    changes: dict[str, Any], expected: bool
) -> None:
    assert proposing.is_answered(listing(**changes), Kind.LISTED, 20261001) is expected


def test_proposals_are_open_and_name_their_event() -> None:
    removal = proposing.to_remove(listing(), event("claim_satisfied"), "performed", 20261126, NOON_NS)
    assert (removal.what, removal.status, removal.listing_id) == (
        ProposalKind.REMOVAL,
        ProposalStatus.OPEN,
        1,
    )
    assert (removal.event_id, removal.event_kind, removal.due) == ("e1", "claim_satisfied", 20261126)
    wanted = proposing.to_list("京0105", event("refusal_established"), Kind.LISTED, NOON_NS)
    assert (wanted.what, wanted.listing_id, wanted.due) == (ProposalKind.LISTING, 0, 0)


def test_only_what_ends_the_case_ends_the_wish_to_list() -> None:
    assert Meaning("performed").is_end
    assert not Meaning(proposing.FOUND_NOTHING).is_end
    assert not Meaning(lists=Kind.LISTED).is_end
