"""Standing: who has not answered is read off cursors and pieces, and named right when an inquiry ends."""

from collections.abc import Collection

import pytest

from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import type_pb2 as types
from tests.gateway.core.house import desk
from tests.model.face import CAUSE_BROKEN, CAUSE_UNDELIVERED
from tests.model.world import (
    BANK,
    CAR_UNIT,
    CARS,
    DIRECT,
    FIRST,
    HOUSE_UNIT,
    HOUSES,
    HUB,
    HUB_BANKS,
    SECOND,
    SECOND_NS,
    SMALL,
    Desk,
    inquiry,
)

INCAPABLE = types.END_STATE_INCAPABLE


def missing(at: Desk) -> dict[int, Collection[int]]:
    """State -> who, at the deadline."""
    at.wait_until_due(3 * SECOND_NS)
    return {row.state: list(row.institutions) for row in at.final().coverage.missing}


def test_every_way_not_to_have_answered_is_named() -> None:
    """Never sent to a closed line, in flight, waiting for another try, and left out of a reply."""
    at = desk(unanswered_retry_ns=10 * SECOND_NS)
    at.engine.open_endpoint(CARS, 0)
    at.submit(inquiry("a", deadline_s=3))
    taken = {sent.batch.endpoint: sent for sent in at.take()}
    at.fail(taken[HOUSES], CAUSE_BROKEN, 10 * SECOND_NS)
    assert at.settle(taken[HUB], taken[HUB].reply(without=[SECOND])) == 0
    found = missing(at)
    assert found[types.END_STATE_LATE] == [BANK]
    assert found[types.END_STATE_UNREACHABLE] == [SECOND, HOUSE_UNIT, CAR_UNIT]


def test_an_open_line_that_has_not_read_it_is_late() -> None:
    at = desk()
    at.engine.open_endpoint(DIRECT, 1)
    at.submit(inquiry("before"))
    at.take()
    at.submit(inquiry("a", deadline_s=3, freshness_s=0))
    at.wait_until_due(3 * SECOND_NS)
    late = next(row for row in at.final().coverage.missing if row.state == types.END_STATE_LATE)
    assert BANK in late.institutions


@pytest.mark.parametrize("count", range(4))
def test_of_entries_answered_in_part_the_others_are_named(count: int) -> None:
    at = desk(unanswered_retry_ns=10 * SECOND_NS)
    at.submit(*[inquiry(f"a{n}", deadline_s=3, freshness_s=0) for n in range(3)])
    for sent in at.take():
        reply = sent.reply()
        if sent.batch.endpoint == HUB:
            reply = institution.Reply(batch_id=sent.batch.id)
            reply.answered.add(institutions=[FIRST, SMALL], entry_count=3)
            reply.answered.add(institutions=[SECOND], entry_count=count)
        assert at.settle(sent, reply) == 0
    at.wait_until_due(3 * SECOND_NS)
    named = {
        answer.order_id: [
            list(row.institutions)
            for row in answer.coverage.missing
            if row.state != types.END_STATE_INCAPABLE
        ]
        for answer in at.answers()
    }
    assert named == {f"a{n}": [[SECOND]] if n >= count else [] for n in range(3)}


def test_what_never_left_is_waiting_for_its_first_try_and_late() -> None:
    at = desk()
    at.submit(inquiry("a", deadline_s=3))
    for sent in at.take():
        if sent.batch.endpoint == HUB:
            at.fail(sent, CAUSE_UNDELIVERED, 10 * SECOND_NS)
        else:
            assert at.settle(sent, sent.reply()) == 0
    assert list(missing(at)[types.END_STATE_LATE]) == list(HUB_BANKS)
