"""Tally: coverage adds up for tickets that wait for all or for some of one ask, in logs and in lanes.

What it tells is compared with the model in tests/gateway/test_core.py; here is what parts of one ask see.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import type_pb2 as types
from tests.gateway.core.house import desk, is_empty
from tests.gateway.core.samples import unhurried
from tests.model.world import (
    DIRECT,
    FIRST,
    HUB,
    HUB_BANKS,
    SECOND,
    SECOND_NS,
    SMALL,
    inquiry,
    only,
    person,
    record,
)

OUTCOMES = {
    "found": institution.OUTCOME_FOUND,
    "ambiguous": institution.OUTCOME_AMBIGUOUS,
    "refused": institution.OUTCOME_REFUSED,
}


@settings(unhurried, max_examples=80)
@given(
    said=st.dictionaries(st.sampled_from(HUB_BANKS), st.sampled_from(sorted(OUTCOMES))),
    wanted=st.sets(st.sampled_from(HUB_BANKS), min_size=1),
    first=st.sampled_from([None, only(*HUB_BANKS)]),
)
def test_each_ticket_counts_those_it_asked_for(said: dict[int, str], wanted: set[int], first: object) -> None:
    """A joiner wants some of the institutions of an ask; it sees their findings, and no others."""
    at = desk()
    at.submit(inquiry("whole", scope=first), inquiry("some", scope=only(*wanted)))
    taken = {sent.batch.endpoint: sent for sent in at.take() if sent.asked()}
    findings = [
        institution.Finding(
            institution=one,
            outcome=OUTCOMES[word],
            records=[record(person(0))] if word == "found" else [],
        )
        for one, word in said.items()
    ]
    assert at.settle(taken[HUB], taken[HUB].reply(*findings)) == 0
    some = next(answer for answer in at.answers() if answer.order_id == "some")
    for word in OUTCOMES:
        assert getattr(some.coverage, word) == sum(said.get(one) == word for one in wanted)
    assert some.coverage.none == sum(one not in said for one in wanted)
    assert some.coverage.joined == some.coverage.total == len(wanted)
    assert {row.institution for row in some.findings} == wanted & set(said)
    assert [list(row.institutions) for row in some.coverage.missing] == (
        [refused] if (refused := sorted(one for one in wanted if said.get(one) == "refused")) else []
    )


def test_a_joiner_ends_when_its_own_institutions_have_answered() -> None:
    at = desk(unanswered_retry_ns=SECOND_NS)
    at.submit(inquiry("whole"), inquiry("some", scope=only(FIRST)))
    sent_out = at.take()
    taken = {sent.batch.endpoint: sent for sent in sent_out if sent.asked()}
    for note in (sent for sent in sent_out if not sent.asked()):
        assert at.settle(note, note.reply()) == 0
    assert at.settle(taken[HUB], taken[HUB].reply(without=[SECOND, SMALL])) == 0
    assert [answer.order_id for answer in at.answers()] == ["some"]
    at.wait_until_due(SECOND_NS)
    for sent in [taken[DIRECT], *at.take()]:
        assert at.settle(sent, sent.reply()) == 0
    for endpoint in (2, 3):
        assert at.settle(taken[endpoint], taken[endpoint].reply()) == 0
    assert [answer.order_id for answer in at.answers()] == ["whole"]
    assert is_empty(at)


def test_a_joiner_of_a_finished_ask_is_answered_at_once() -> None:
    at = desk()
    at.submit(inquiry("whole"))
    at.settle_all()
    at.answers()
    at.submit(inquiry("some", scope=only(SECOND)))
    answer = at.final()
    assert (answer.coverage.none, answer.coverage.joined) == (1, 1)
    assert types.END_STATE_LATE not in [row.state for row in answer.coverage.missing]
