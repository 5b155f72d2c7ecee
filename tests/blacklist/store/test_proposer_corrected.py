"""What becomes of proposals when an event is corrected, on both stores."""

import pytest
from sqlalchemy import Engine, update

from blacklist.model import Kind, ProposalStatus, Status
from blacklist.rules.proposing import CaseEvent
from blacklist.store.tables import DEEDS
from tests.blacklist.build import TODAY
from tests.blacklist.house import COURT
from tests.blacklist.store.town import ENDED, TERMLESS, Town, empty, event, void


@pytest.fixture
def town(engine: Engine) -> Town:
    return Town(engine)


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


def test_closing_of_another_manner_proposes_what_that_means(town: Town) -> None:
    one = town.enter(ground=TERMLESS)
    closing = event("closing", happened=20261117, manner="completed")
    assert town.tell(closing) == {"removal": 1}
    right = event("corrected", "c1", moves="e1", happened=20261101, manner="ended_for_now")
    assert town.tell(right) == {"withdrawn": 1}
    assert (town.open(), town.status(one)) == ([], Status.IN_FORCE)
    assert town.tell(empty(1), empty(2)) == {"removal": 1}
    again = event("corrected", "c2", moves="e1", happened=20261118, manner="terminated")
    assert town.tell(again) == {"withdrawn": 1, "removal": 1}
    (waiting,) = town.open()
    assert (waiting.event_id, waiting.reason, waiting.due) == ("e1", "enforcement_terminated", 20261123)


@pytest.mark.parametrize("kind", ["claim_satisfied", "refusal_established"])
def test_event_that_happened_after_all_proposes_again(town: Town, kind: str) -> None:
    is_removal = kind == "claim_satisfied"
    if is_removal:
        town.enter(ground=TERMLESS)
    town.tell(event(kind), void("e1"))
    assert town.open() == []
    right = event("corrected", "c2", moves="e1", happened=20261118, reason="written by hand")
    assert town.tell(right) == {"removal" if is_removal else "listing": 1}
    assert [(one.event_id, one.happened) for one in town.open()] == [("e1", 20261118)]
    assert town.tell(right) == {}
