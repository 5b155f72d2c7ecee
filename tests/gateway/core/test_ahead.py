"""Ahead: whatever is asked for before its turn, each finding comes to its own inquiry, and each once."""

import pytest

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from tests.gateway.core.house import desk, is_empty, settle_to_the_end
from tests.model.face import FAULT_NONE
from tests.model.world import HUB, HUB_BANKS, SECOND_NS, Desk, Sent, inquiry, only, person, record

COUNT = 50  # more than are asked for at a time
FOUND = institution.OUTCOME_FOUND


def reply_with_findings(sent: Sent) -> institution.Reply:
    """Each entry found something at all whom it asks behind the endpoint, held by its own subject."""
    reply = sent.reply()
    for number, entry in enumerate(sent.message.entries):
        asked = entry.institutions or HUB_BANKS
        for one in asked if entry.kind == institution.KIND_ASK else ():
            said = record(entry.subject, locator=f"{one}")
            reply.findings.add(entry=number, institution=one, outcome=FOUND, records=[said])
    return reply


def answer_all(at: Desk) -> None:
    while taken := at.take():
        for sent in taken:
            reply = reply_with_findings(sent) if sent.batch.endpoint == HUB else sent.reply()
            assert at.settle(sent, reply) == FAULT_NONE


def found_by_order(at: Desk) -> dict[str, tuple[set[str], set[int]]]:
    """Of each inquiry, as its final answer has it: whose property was found, and where."""
    return {
        answer.order_id: (
            {one.holder_name for finding in answer.findings for one in finding.records},
            {finding.institution for finding in answer.findings},
        )
        for answer in at.answers()
        if answer.stage == gateway.STAGE_FINAL
    }


@pytest.mark.parametrize("scope", [None, only(*HUB_BANKS)])
def test_more_findings_than_are_asked_for_at_a_time_come_each_to_its_own(scope: gateway.Scope | None) -> None:
    at = desk()
    # Two frames are two segments of one log, and one lane.
    at.submit(*[inquiry(f"o{n}", person(n), scope=scope) for n in range(COUNT // 2)])
    at.submit(*[inquiry(f"o{n}", person(n), scope=scope) for n in range(COUNT // 2, COUNT)])
    answer_all(at)
    assert found_by_order(at) == {f"o{n}": ({person(n).name}, set(HUB_BANKS)) for n in range(COUNT)}


def test_findings_of_cancelled_inquiries_between_others_are_passed_over() -> None:
    at = desk()
    ids = at.submit(*[inquiry(f"o{n}", person(n)) for n in range(COUNT)])
    sent = at.take_one(HUB)
    for number in range(0, COUNT, 2):
        assert at.engine.cancel(ids[number], at.now_ns)
    assert at.settle(sent, reply_with_findings(sent)) == FAULT_NONE
    settle_to_the_end(at)
    assert at.engine.stats()["records"] == len(HUB_BANKS) * COUNT // 2
    at.wait_until_due(86_400 * SECOND_NS)
    assert is_empty(at)


def test_joined_inquiries_get_what_each_of_their_questions_found() -> None:
    """A ticket with several parts, and asks with several tickets."""
    at = desk()
    at.submit(*[inquiry(f"a{n}", person(n), scope=only(HUB_BANKS[0])) for n in range(COUNT)])
    at.submit(*[inquiry(f"b{n}", person(n)) for n in range(COUNT)])
    answer_all(at)
    finals = found_by_order(at)
    for n in range(COUNT):
        assert finals[f"a{n}"] == ({person(n).name}, {HUB_BANKS[0]})
        assert finals[f"b{n}"] == ({person(n).name}, set(HUB_BANKS))


def test_findings_on_what_has_left_its_lane_are_passed_over() -> None:
    at = desk()
    bank = HUB_BANKS[0]
    ids = at.submit(*[inquiry(f"a{n}", person(n), scope=only(bank)) for n in range(COUNT)])
    sent = at.take_one(HUB)
    for inquiry_id in ids:
        assert at.engine.cancel(inquiry_id, at.now_ns)
    at.wait_until_due(2 * SECOND_NS)
    at.answers()
    at.submit(*[inquiry(f"b{n}", person(COUNT + n), scope=only(bank)) for n in range(4 * COUNT)])
    assert at.settle(sent, reply_with_findings(sent)) == FAULT_NONE
    answer_all(at)
    assert found_by_order(at) == {f"b{n}": ({person(COUNT + n).name}, {bank}) for n in range(4 * COUNT)}
