"""Proposals that events make, on both stores: once, due in time, and decided by nobody but an officer."""

from typing import Any

import pytest
from sqlalchemy import Engine, update

from blacklist.model import Deed, Kind, Proposal, ProposalStatus, Rule, Status
from blacklist.rules.proposing import CaseEvent
from blacklist.store.imports import Imports
from blacklist.store.proposal_reader import ProposalReader
from blacklist.store.proposer import Proposer
from blacklist.store.tables import DEEDS
from blacklist.store.turn import By
from runtime.errors import RuleError
from tests.blacklist.build import FIRM, LAW, TODAY, draft, mandate, person
from tests.blacklist.house import COURT
from tests.blacklist.store.world import World

CASE = "(2026)京0105执1号"
TERMLESS = "able_but_refuses"


class Town(World):
    """A world that follows a court's events."""

    def __post_init__(self) -> None:
        World.__post_init__(self)
        self.proposer = Proposer(self.engine, LAW)
        self.proposals = ProposalReader(self.engine)

    def tell(self, *events: CaseEvent, after: int | None = None) -> dict[str, int] | None:
        """What became of them; the next cursor is that of the last event."""
        kept = self.proposer.cursor(COURT) if after is None else after
        found = self.proposer.take(COURT, kept, events, kept + len(events), self.now_ns)
        return None if found is None else dict(+found)

    def open(self) -> list[Proposal]:
        """Those that wait."""
        return self.proposals.proposals(COURT, "", int(ProposalStatus.OPEN), 0, 100)

    def all(self) -> list[ProposalStatus]:
        """How all stand."""
        return [one.status for one in self.proposals.proposals(COURT, "", 0, 0, 100)]

    def status(self, listing_id: int) -> Status:
        """Of a listing."""
        return self.whole(listing_id).listing.status

    def deeds(self, listing_id: int) -> list[Deed]:
        """Its history."""
        return [act.deed for act in self.whole(listing_id).history]


@pytest.fixture
def town(engine: Engine) -> Town:
    return Town(engine)


def event(kind: str, event_id: str = "e1", **more: Any) -> CaseEvent:
    given: dict[str, Any] = {"case_number": CASE, "happened": TODAY} | more
    return CaseEvent(event_id=event_id, kind=kind, **given)


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


def test_event_that_never_happened_withdraws_what_it_proposed(town: Town) -> None:
    one = town.enter(ground=TERMLESS)
    town.tell(event("claim_satisfied"), event("refusal_established", "e2", case_number="other"))
    void = (event("corrected", "c1", voids="e1"), event("corrected", "c2", voids="e2", case_number="other"))
    assert town.tell(*void) == {"withdrawn": 2}
    assert town.all() == [ProposalStatus.WITHDRAWN, ProposalStatus.WITHDRAWN]
    assert town.status(one) is Status.IN_FORCE


def test_event_that_said_the_same_proposes_instead_of_one_that_never_happened(town: Town) -> None:
    one = town.enter(ground=TERMLESS)
    closing = event("closing", "e2", manner="completed", happened=20261118, reason="written by hand")
    assert town.tell(event("claim_satisfied", happened=20261117), closing) == {"removal": 1, "told": 1}
    assert town.tell(void("e1")) == {"withdrawn": 1, "removal": 1}
    (waiting,) = town.open()
    standing = town.whole(one).listing
    assert (waiting.event_id, waiting.reason, waiting.due) == ("e2", "performed", 20261123)
    assert (standing.status, standing.removal_due) == (Status.REMOVAL_DUE, 20261123)
    assert town.tell(void("e2")) == {"withdrawn": 1}
    assert town.status(one) is Status.IN_FORCE


def test_event_whose_own_proposal_was_dismissed_proposes_for_no_other(town: Town) -> None:
    one = town.enter(ground=TERMLESS)
    town.tell(event("claim_satisfied"))
    town.writer.dismiss(1, "no", town.by(), town.now_ns)
    town.tell(event("closing", "e2", manner="completed"))
    assert town.tell(void("e2")) == {"withdrawn": 1}
    assert (town.open(), town.status(one)) == ([], Status.IN_FORCE)


def test_refusal_that_was_told_again_is_proposed_when_the_first_never_was(town: Town) -> None:
    other = event("consumption_restricted", "e3")
    told = (event("refusal_established"), other, event("refusal_established", "e2", happened=20261224))
    assert town.tell(*told) == {"listing": 2, "told": 1}
    assert town.tell(void("e1")) == {"withdrawn": 1, "listing": 1}
    assert [(one.event_id, one.happened) for one in town.open() if one.kind is Kind.LISTED] == [("e2", TODAY)]


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("own_day", [20261116, 20261117, 20261118])
def test_event_that_never_happened_leaves_what_the_court_itself_proposed(
    town: Town, own_day: int, is_first: bool
) -> None:
    one = town.enter(ground=TERMLESS)

    def propose() -> None:
        town.writer.propose(one, "performed", own_day, town.by(), town.now_ns)

    if is_first:
        propose()
    town.tell(event("claim_satisfied", happened=20261117))
    if not is_first:
        propose()
    town.tell(event("corrected", "c1", voids="e1"))
    kept = town.whole(one).listing
    due = {20261116: 20261119, 20261117: 20261120, 20261118: 20261123}[own_day]
    assert (kept.status, kept.removal_due, kept.removal_reason) == (Status.REMOVAL_DUE, due, "performed")
    assert town.all() == [ProposalStatus.WITHDRAWN]


def test_what_the_court_took_back_is_not_its_word_any_more(town: Town) -> None:
    one = town.enter(ground=TERMLESS)
    town.writer.propose(one, "performed", 20261117, town.by(), town.now_ns)
    town.writer.reject(one, "not so", town.by(), town.now_ns)
    town.tell(event("claim_satisfied", happened=20261117), event("corrected", "c1", voids="e1"))
    assert town.status(one) is Status.IN_FORCE


def test_word_of_the_court_of_which_no_day_was_kept_keeps_the_removal_due(town: Town) -> None:
    one = town.enter(ground=TERMLESS)
    town.writer.propose(one, "performed", 20261117, town.by(), town.now_ns)
    with town.engine.begin() as connection:
        connection.execute(update(DEEDS).values(due=0))
    town.tell(event("claim_satisfied", happened=20261117), event("corrected", "c1", voids="e1"))
    assert town.whole(one).listing.removal_due == 20261120


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


ENDED = event("closing", "s", happened=20261101, manner="ended_for_now")


def empty(number: int) -> CaseEvent:
    return event("no_property_found", f"n{number}", happened=20261109 + number)


def void(event_id: str) -> CaseEvent:
    return event("corrected", f"c-{event_id}", voids=event_id)


@pytest.mark.parametrize("gone", ["s", "n1", "n2"])
def test_inquiry_that_never_was_counts_no_more(town: Town, gone: str) -> None:
    one = town.enter(ground=TERMLESS)
    town.tell(ENDED, empty(1), empty(2))
    assert town.status(one) is Status.REMOVAL_DUE
    assert town.tell(void(gone)) == {"withdrawn": 1}
    assert (town.status(one), town.all()) == (Status.IN_FORCE, [ProposalStatus.WITHDRAWN])
    assert town.tell(empty(3)) == ({} if gone == "s" else {"removal": 1})


@pytest.mark.parametrize("gone", ["n1", "n2"])
def test_third_inquiry_stands_in_for_one_that_never_was(town: Town, gone: str) -> None:
    town.enter(ground=TERMLESS)
    assert town.tell(ENDED, empty(1), empty(2), empty(3)) == {"removal": 1, "told": 1}
    assert town.tell(void(gone)) == {"withdrawn": 1, "removal": 1}
    assert [one.event_id for one in town.open()] == ["n3"]


def test_inquiries_count_in_whatever_order_they_are_told(town: Town) -> None:
    town.enter(ground=TERMLESS)
    late = event("no_property_found", "n1", happened=20261110, reason="as the banks answered")
    assert town.tell(empty(2), ENDED, late) == {"removal": 1}
    assert [(one.event_id, one.happened) for one in town.open()] == [("n2", 20261111)]


def test_inquiry_that_was_before_the_ending_counts_no_more(town: Town) -> None:
    one = town.enter(ground=TERMLESS)
    town.tell(ENDED, empty(1), empty(2))
    moved = event("corrected", "c", moves="n1", happened=20261031)
    assert town.tell(moved) == {"withdrawn": 1}
    assert town.status(one) is Status.IN_FORCE


def test_property_that_was_not_found_lets_the_count_go_on(town: Town) -> None:
    town.enter(ground=TERMLESS)
    found = event("property_found_after_suspension", "p", happened=20261111)
    assert town.tell(ENDED, empty(1), found, empty(2)) == {}
    assert town.tell(void("p")) == {"removal": 1}


@pytest.mark.parametrize(
    "later",
    [
        event("property_found_after_suspension", "p", happened=20261116),
        event("resumption", "p", happened=20261116),
    ],
)
@pytest.mark.parametrize("right", [{"voids": "x"}, {"moves": "x"}])
def test_correction_of_another_event_leaves_what_two_inquiries_proposed(
    town: Town, later: CaseEvent, right: dict[str, str]
) -> None:
    one = town.enter(ground=TERMLESS)
    town.tell(ENDED, empty(1), empty(2), later)
    due = town.whole(one).listing.removal_due
    assert town.tell(event("corrected", "c", **right)) == {}
    kept = town.whole(one).listing
    assert (kept.status, kept.removal_due) == (Status.REMOVAL_DUE, due)
    assert [waiting.event_id for waiting in town.open()] == ["n2"]
    assert town.tell(void("n1")) == {"withdrawn": 1}
    assert town.status(one) is Status.IN_FORCE


@pytest.mark.parametrize(("day", "due"), [(20261116, 20261119), (20261118, 20261123)])
def test_another_day_of_an_event_moves_what_is_due(town: Town, day: int, due: int) -> None:
    one = town.enter(ground=TERMLESS)
    town.tell(
        event("claim_satisfied", happened=20261117), event("refusal_established", "e2", case_number="b")
    )
    town.tell(event("corrected", "c", moves="e1", happened=day))
    moved, other = town.open()
    assert (moved.happened, moved.due) == (day, due)
    assert town.whole(one).listing.removal_due == due
    town.tell(event("corrected", "c2", case_number="b", moves="e2", happened=20261224))
    (other,) = [one for one in town.open() if one.event_id == "e2"]
    assert (other.happened, other.due) == (TODAY, 0)


def test_another_day_moves_nothing_that_was_decided(town: Town) -> None:
    one = town.enter(ground=TERMLESS)
    town.tell(event("claim_satisfied", happened=20261117))
    town.writer.dismiss(1, "no", town.by(), town.now_ns)
    assert town.tell(event("corrected", "c", moves="e1", happened=20261116)) == {}
    assert town.proposals.proposal(COURT, 1).happened == 20261117
    assert town.status(one) is Status.IN_FORCE


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
