"""Proposals that events make, on both stores: once, due in time, and decided by nobody but an officer."""

import pytest
from sqlalchemy import Engine

from blacklist.model import Deed, Kind, ProposalStatus, Rule, Status
from blacklist.store.imports import Imports
from blacklist.store.turn import By
from runtime.errors import RuleError
from tests.blacklist.build import FIRM, LAW, TODAY, draft, mandate, person
from tests.blacklist.house import COURT
from tests.blacklist.store.town import TERMLESS, Town, event


@pytest.fixture
def town(engine: Engine) -> Town:
    return Town(engine)


def test_performance_makes_removal_due_and_removes_nothing(town: Town) -> None:
    one = town.enter(ground=TERMLESS)
    assert town.tell(event("claim_satisfied")) == {"removal": 1}
    (waiting,) = town.open()
    assert (waiting.listing_id, waiting.reason, waiting.due) == (one, "performed", 20261126)
    assert town.status(one) is Status.REMOVAL_DUE
    assert town.deeds(one) == [Deed.LIST, Deed.PROPOSE_REMOVAL]
    assert town.whole(one).history[-1].actor == "service"
    assert len(town.rows()[1]) == 1


def test_what_was_taken_is_not_taken_again(town: Town) -> None:
    town.enter(ground=TERMLESS)
    assert town.tell(event("claim_satisfied")) == {"removal": 1}
    assert town.tell(event("claim_satisfied"), after=0) is None
    assert (town.proposer.cursor(COURT), len(town.open())) == (1, 1)


def test_second_event_of_the_same_meaning_adds_nothing(town: Town) -> None:
    town.enter(ground=TERMLESS)
    told = (event("claim_satisfied"), event("closing", "e2", manner="completed"))
    assert town.tell(*told) == {"removal": 1, "told": 1}


def test_officer_accepts_by_removing(town: Town) -> None:
    one = town.enter(ground=TERMLESS)
    town.tell(event("claim_satisfied"))
    by = By.of_act(COURT, "officer-2", "r", b"x")
    town.writer.remove(one, "", "d1", 0, By(COURT, by.actor, by.act, proposal_id=1), town.now_ns)
    decided = town.proposals.proposal(COURT, 1)
    assert (decided.status, decided.decided_by) == (ProposalStatus.ACCEPTED, "officer-2")
    assert town.status(one) is Status.REMOVED
    with pytest.raises(RuleError) as raised:
        town.writer.remove(one, "", "d1", 0, By(COURT, "o", town.by().act, proposal_id=1), town.now_ns)
    assert raised.value.rule == Rule.PROPOSAL_NOT_OPEN


def test_dismissal_keeps_the_listing_and_is_known_again(town: Town) -> None:
    one = town.enter(ground=TERMLESS)
    town.tell(event("claim_satisfied"))
    by = town.by(act_id="dismiss")
    first = town.writer.dismiss(1, "paid by another", by, town.now_ns)
    again = town.writer.dismiss(1, "paid by another", by, town.now_ns)
    assert (first.is_repeated, again.is_repeated) == (False, True)
    decided = town.proposals.proposal(COURT, 1)
    assert (decided.status, decided.note) == (ProposalStatus.DISMISSED, "paid by another")
    assert town.status(one) is Status.IN_FORCE
    assert town.deeds(one) == [Deed.LIST, Deed.PROPOSE_REMOVAL, Deed.REJECT_REMOVAL]


def test_dismissal_of_one_of_two_leaves_the_other_due(town: Town) -> None:
    one = town.enter(ground=TERMLESS)
    town.tell(
        event("claim_satisfied", happened=20261116), event("bankruptcy_accepted", "e2", happened=20261118)
    )
    town.writer.dismiss(1, "wrong case", town.by(), town.now_ns)
    standing = town.whole(one).listing
    assert (standing.status, standing.removal_reason) == (
        Status.REMOVAL_DUE,
        "stay_for_retrial_or_bankruptcy",
    )
    assert standing.removal_due == 20261123
    town.writer.dismiss(2, "no stay", town.by(), town.now_ns)
    assert town.status(one) is Status.IN_FORCE


def test_what_a_court_rejects_or_a_term_ends_waits_no_more(town: Town) -> None:
    one = town.enter(ground=TERMLESS)
    town.tell(event("claim_satisfied"))
    town.writer.reject(one, "not so", town.by(), town.now_ns)
    two = town.enter(whom=person(2), case="b", since=20241125)
    town.tell(event("claim_satisfied", "e2", case_number="b", happened=20241120))
    town.now_ns += 20 * 86_400 * 10**9
    town.writer.expire(town.now_ns)
    assert town.all() == [ProposalStatus.DISMISSED, ProposalStatus.OVERTAKEN]
    assert (town.status(one), town.status(two)) == (Status.IN_FORCE, Status.EXPIRED)


def test_reason_that_does_not_end_this_kind_proposes_nothing(town: Town) -> None:
    one = town.enter()
    assert town.tell(event("closing", manner="terminated")) == {"unfit": 1}
    assert (town.open(), town.status(one)) == ([], Status.IN_FORCE)


def test_organisation_goes_with_those_derived_from_it_only_by_the_officer(town: Town) -> None:
    firm = town.enter(whom=FIRM, ground=TERMLESS)
    town.enter(kind=Kind.DERIVED, ground="", principal_id=firm, capacity=1)
    assert town.tell(event("claim_satisfied")) == {"removal": 1, "unfit": 1}
    assert len(town.rows()[1]) == 2
    town.remove(firm)
    assert (town.rows()[1], town.all()) == ([], [ProposalStatus.ACCEPTED])


def test_refusal_proposes_a_listing_that_only_a_draft_with_a_mandate_becomes(town: Town) -> None:
    assert town.tell(event("refusal_established")) == {"listing": 1}
    assert (town.rows()[1], [one.kind for one in town.open()]) == ([], [Kind.LISTED])
    bare = draft(mandate=mandate(), ground="")
    with pytest.raises(RuleError) as raised:
        town.writer.create(bare, By(COURT, "o", town.by().act, proposal_id=1), town.now_ns)
    assert raised.value.rule == Rule.NO_GROUND
    assert town.all() == [ProposalStatus.OPEN]
    made = town.writer.create(draft(), By(COURT, "o", town.by().act, proposal_id=1), town.now_ns)
    decided = town.proposals.proposal(COURT, 1)
    assert (decided.status, decided.listing_id) == (ProposalStatus.ACCEPTED, made.listing_id)


def test_imported_listing_is_what_was_proposed(town: Town) -> None:
    town.tell(event("refusal_established"), event("consumption_restricted", "e2"))
    others = [draft(person(index), f"case-{index}") for index in range(2, 5)]
    Imports(town.engine, LAW).write([*others, draft(), draft(person(1))], town.now_ns)
    listed, restricted = (town.proposals.proposal(COURT, number) for number in (1, 2))
    assert (listed.status, listed.listing_id, listed.decided_by) == (ProposalStatus.ACCEPTED, 4, "import")
    assert restricted.status is ProposalStatus.OPEN


def test_listing_is_not_proposed_where_one_is_or_was_since(town: Town) -> None:
    one = town.enter()
    assert town.tell(event("refusal_established", happened=20261101)) == {"unfit": 1}
    town.remove(one)
    assert town.tell(event("refusal_established", "e2", happened=20261031)) == {"unfit": 1}
    assert town.tell(event("refusal_established", "e3")) == {"listing": 1}
    assert town.tell(event("refusal_established", "e4")) == {"told": 1}


def test_end_of_the_case_overtakes_the_wish_to_list(town: Town) -> None:
    town.tell(event("refusal_established"), event("consumption_restricted", "e2"))
    town.tell(event("closing", "e3", manner="completed"))
    assert town.all() == [ProposalStatus.OVERTAKEN, ProposalStatus.OVERTAKEN]


def test_two_empty_inquiries_after_the_ending_are_counted_over_restarts(town: Town) -> None:
    one = town.enter(ground=TERMLESS)
    town.tell(event("closing", happened=20261101, manner="ended_for_now"), event("no_property_found", "n1"))
    again = Town(town.engine)
    assert again.tell(event("no_property_found", "n2")) == {"removal": 1}
    assert again.whole(one).listing.removal_reason == "two_inquiries_found_nothing_after_suspension"


def test_day_to_come_is_today_until_then(town: Town) -> None:
    town.enter(ground=TERMLESS)
    town.tell(event("claim_satisfied", happened=20261224))
    assert [one.happened for one in town.open()] == [TODAY]


def test_courts_with_listings_are_known_each_once(town: Town) -> None:
    town.enter()
    town.enter(whom=person(2))
    other = By.of_act("沪0101", "o", "x", b"x")
    town.writer.create(draft(person(3), mandate=mandate(court="沪0101")), other, town.now_ns)
    assert town.proposer.courts() == sorted([COURT, "沪0101"])


def test_failure_in_the_middle_leaves_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.enter(ground=TERMLESS)

    def fail(*_given: object) -> None:
        raise OSError("gone")

    with monkeypatch.context() as broken:
        broken.setattr("blacklist.store.proposer.put_head", fail)
        with pytest.raises(OSError, match="gone"):
            town.tell(event("claim_satisfied"))
    assert (town.open(), town.proposer.cursor(COURT)) == ([], 0)
    assert town.tell(event("claim_satisfied")) == {"removal": 1}
