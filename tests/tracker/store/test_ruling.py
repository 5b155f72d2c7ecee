"""The rules as the store's judge: refusals by name, and what is kept of a case."""

import pytest

from chakong.tracker.v1 import case_pb2
from runtime.data import law_texts
from runtime.errors import InvalidError, RuleError
from tests.tracker.world import NOW_NS, event, registration
from tracker.rules import law
from tracker.store.judge import COURT, Told
from tracker.store.ruling import Ruling
from tracker.store.standing import DONE, OPEN


@pytest.fixture(scope="module")
def ruling() -> Ruling:
    return Ruling(law.load(law_texts()))


def told(*events: case_pb2.Event) -> list[Told]:
    return [Told(one, NOW_NS, COURT) for one in events]


def test_a_case_stands_as_its_events_say(ruling: Ruling) -> None:
    request = registration(1)
    judged = ruling.stand(request.case, told(*request.events), NOW_NS)
    by_number = {node.number: node for node in judged.nodes}
    assert (by_number[1].state, by_number[3].state) == (DONE, OPEN)
    assert by_number[3].origin.article
    assert judged.court == request.case.court_code


def test_a_refusal_has_the_name_of_its_rule(ruling: Ruling) -> None:
    request = registration(1)
    events = told(*request.events)
    wrong = ruling.refusal(request.case, events, told(event("distribution", 20261001))[0], NOW_NS)
    assert isinstance(wrong, RuleError)
    assert wrong.rule == "BEFORE_ITS_START"
    assert ruling.refusal(request.case, events, told(event("distribution", 20261105))[0], NOW_NS) is None
    first = ruling.first_refusal(request.case, told(event("closing", 20261103)))
    assert isinstance(first, RuleError)


def test_an_unknown_profile_is_a_wrong_field(ruling: Ruling) -> None:
    error = ruling.case_refusal(registration(1, profile="nowhere").case)
    assert isinstance(error, InvalidError)
    assert [fault.field for fault in error.faults] == ["profile"]
