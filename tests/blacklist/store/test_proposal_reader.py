"""Proposals in pages, by case and state, those that are late, and none of another court."""

import pytest
from sqlalchemy import Engine

from blacklist.errors import UnknownProposalError
from blacklist.model import ProposalStatus
from tests.blacklist.build import TODAY, person
from tests.blacklist.house import COURT
from tests.blacklist.store.town import TERMLESS, Town, event


@pytest.fixture
def town(engine: Engine) -> Town:
    made = Town(engine)
    for index in range(3):
        made.enter(whom=person(index), case=f"c{index}", ground=TERMLESS)
        made.tell(event("claim_satisfied", case_number=f"c{index}", happened=20261116 + index))
    made.tell(event("refusal_established", case_number="c9"))
    return made


def test_pages_follow_one_another(town: Town) -> None:
    first = town.proposals.proposals(COURT, "", 0, 0, 3)
    rest = town.proposals.proposals(COURT, "", 0, first[-1].proposal_id, 3)
    assert [one.proposal_id for one in first + rest] == [1, 2, 3, 4]


def test_those_of_a_case_or_a_state_or_late_alone(town: Town) -> None:
    town.writer.dismiss(1, "no", town.by(), town.now_ns)
    find = town.proposals.proposals
    assert [one.proposal_id for one in find(COURT, "c1", 0, 0, 9)] == [2]
    assert [one.proposal_id for one in find(COURT, "", int(ProposalStatus.DISMISSED), 0, 9)] == [1]
    # Due on the 20th and the 23rd.
    assert [one.proposal_id for one in find(COURT, "", 0, 0, 9, TODAY)] == [2]
    assert town.proposals.waiting(TODAY) == (3, 1)


def test_another_courts_are_not_there(town: Town) -> None:
    assert town.proposals.proposals("沪0101", "", 0, 0, 9) == []
    with pytest.raises(UnknownProposalError):
        town.proposals.proposal("沪0101", 1)
