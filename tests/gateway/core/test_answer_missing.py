"""Answer: what it says of who is missing, with everybody in exactly one list."""

import pytest

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import type_pb2 as types
from gateway._core import Engine
from gateway.directory import Directory
from gateway.directory.model import INQUIRE
from tests.gateway.core.house import desk
from tests.model.face import CAUSE_BROKEN
from tests.model.world import COURT, FIRST, HUB, KEY, MUTE, NOON_NS, SECOND, SECOND_NS, bulk, inquiry

LATE, UNREACHABLE = types.END_STATE_LATE, types.END_STATE_UNREACHABLE
REFUSED, INCAPABLE = types.END_STATE_REFUSED, types.END_STATE_INCAPABLE


def missing(answer: gateway.Answer) -> dict[int, list[int]]:
    return {row.state: list(row.institutions) for row in answer.coverage.missing}


def test_nobody_is_missing_where_everybody_who_can_has_answered() -> None:
    at = desk()
    at.submit(inquiry("a"))
    at.settle_all()
    assert missing(at.final()) == {INCAPABLE: [MUTE]}


def test_each_who_is_missing_stands_in_the_list_of_its_state() -> None:
    at = desk(attempts_max=1)
    at.submit(inquiry("a"))
    late = set()
    for sent in at.take():
        if sent.batch.endpoint == HUB:
            finding = institution.Finding(
                institution=SECOND, outcome=institution.OUTCOME_REFUSED, reason="no"
            )
            assert at.settle(sent, sent.reply(finding, without=[FIRST])) == 0
        else:
            late |= sent.addressed(0)
    at.wait_until_due(86_400 * SECOND_NS)
    answer = at.final()
    assert missing(answer) == {
        REFUSED: [SECOND],
        INCAPABLE: [MUTE],
        LATE: sorted(late),
        UNREACHABLE: [FIRST],
    }
    for row in answer.coverage.missing:
        count = {REFUSED: "refused", INCAPABLE: "incapable", LATE: "late", UNREACHABLE: "unreachable"}[
            row.state
        ]
        assert getattr(answer.coverage, count) == len(row.institutions)


def test_a_batch_given_up_makes_all_behind_it_unreachable() -> None:
    at = desk(attempts_max=1)
    at.submit(inquiry("a"))
    gone: set[int] = set()
    for sent in at.take():
        if sent.batch.endpoint == HUB:
            gone |= sent.addressed(0)
            at.fail(sent, CAUSE_BROKEN)
        else:
            assert at.settle(sent, sent.reply()) == 0
    assert missing(at.final()) == {INCAPABLE: [MUTE], UNREACHABLE: sorted(gone)}


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_all_institutions_of_the_land_are_listed_whatever_their_numbers(is_cancelled: bool) -> None:
    """Indexes of one byte and of two."""
    directory = Directory.load()
    engine = Engine(KEY)
    engine.set_directory(directory.snapshot())
    end_ns = NOON_NS + 86_401 * SECOND_NS
    checked = engine.check(bulk(inquiry("a")), COURT, NOON_NS)
    engine.admit(checked.frame, 1, NOON_NS)
    if is_cancelled:
        assert engine.cancel(checked.first_inquiry_id, NOON_NS)
    else:
        engine.advance(end_ns)
    [answers] = engine.take_answers(end_ns)
    [answer] = gateway.WatchResponse.FromString(answers.message).answers
    able = [one.index for one in directory.institutions if INQUIRE in one.can]
    others = [one.index for one in directory.institutions if INQUIRE not in one.can]
    state = types.END_STATE_CANCELLED if is_cancelled else UNREACHABLE  # every endpoint is closed
    assert missing(answer) == {INCAPABLE: others, state: able}
