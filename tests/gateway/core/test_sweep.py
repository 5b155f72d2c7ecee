"""Sweep: what nobody needs any more goes, also where an endpoint never comes back; what was lost ends."""

from dataclasses import replace

import pytest

from chakong.gateway.v1 import gateway_pb2 as gateway
from tests.gateway.core.house import cases, change, desk, entries, is_empty, settle_to_the_end
from tests.model.face import CAUSE_BROKEN
from tests.model.world import (
    FIRST,
    HUB,
    MUTE,
    SECOND,
    SECOND_NS,
    SMALL,
    inquiry,
    only,
    person,
)

SCOPES = {"log": None, "lane": only(FIRST, SECOND)}


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
def test_a_dead_endpoint_holds_nothing_for_ever(scope: gateway.Scope | None) -> None:
    """Also not the note of one who joined; `stats` is asked last, for it looks at every line."""
    at = desk()
    at.engine.open_endpoint(HUB, 0)
    for turn in range(3):
        at.submit(
            inquiry(f"a{turn}", scope=scope, deadline_s=3), inquiry(f"b{turn}", scope=scope, deadline_s=3)
        )
        at.settle_all()
        at.wait_until_due(3 * SECOND_NS)
        at.answers()
    for _ in range(3):
        at.wait_until_due(SECOND_NS)
        at.answers()
    assert at.engine.stats()["bytes_held"] == 0


def test_a_batch_of_several_frames_that_waits_at_a_dead_endpoint_is_let_go() -> None:
    at = desk()
    for number in range(3):
        at.submit(inquiry(f"a{number}", person(number), deadline_s=3))
    at.fail(at.take_one(HUB), CAUSE_BROKEN)
    at.engine.open_endpoint(HUB, 0)
    at.wait_until_due(3 * SECOND_NS)
    for _ in range(5):
        at.answers()
        at.wait(SECOND_NS)
    assert at.engine.stats()["bytes_held"] == 0


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
def test_after_a_cancel_nothing_is_held(scope: gateway.Scope | None) -> None:
    at = desk()
    numbers = at.submit(*[inquiry(f"a{n}", person(n), scope=scope) for n in range(3)])
    taken = at.take()
    assert all(at.engine.cancel(number, at.now_ns) for number in numbers)
    for sent in taken:
        assert at.settle(sent, sent.reply()) == 0
    assert is_empty(at)


def test_after_a_late_reply_nothing_is_held() -> None:
    at = desk()
    at.submit(inquiry("a", deadline_s=3), inquiry("b", deadline_s=4))
    taken = at.take()
    at.wait_until_due(5 * SECOND_NS)
    for sent in taken:
        assert at.settle(sent, sent.reply()) == 0
    assert [answer.stage for answer in at.answers()].count(gateway.STAGE_LATE) == 2
    assert is_empty(at)


def test_a_capability_lost_is_lost_in_every_segment_not_read() -> None:
    """The first segment waits for another bank alone: the loss concerns only the ones behind it."""
    at = desk()
    at.engine.open_endpoint(HUB, 0)
    change(at, 2, incapable=[MUTE, FIRST])
    at.submit(inquiry("a", person(1)))
    change(at, 3)
    at.submit(inquiry("b", person(2)))
    change(at, 4, incapable=[MUTE, FIRST])
    at.engine.open_endpoint(HUB, 16)
    settle_to_the_end(at)
    stats = at.engine.stats()
    assert (stats["state_incapable"], stats["inquiries_final"], stats["inquiries_open"]) == (4, 2, 0)
    assert is_empty(at)


def test_notes_not_yet_sent_still_reach_those_who_keep_their_capability() -> None:
    at = desk()
    at.submit(inquiry("a", person(1)))
    at.settle_all()
    at.engine.open_endpoint(HUB, 0)
    at.submit(inquiry("b", person(1)), inquiry("c", person(2)))
    change(at, 2, incapable=[MUTE, FIRST])
    at.engine.open_endpoint(HUB, 16)
    sent = at.take_one(HUB)
    assert cases(sent) == ["case b", "case c"]
    assert [set(entry.institutions) for entry in entries(sent)] == [{SECOND, SMALL}] * 2
    assert sent.noted() == {("case b", SECOND), ("case b", SMALL)}
    at.fail(sent, CAUSE_BROKEN)
    at.fail(at.take_one(HUB), CAUSE_BROKEN)
    noted = {pair for half in at.take() for pair in half.noted()}
    assert noted == {("case b", SECOND), ("case b", SMALL)}


def test_a_mandate_that_waits_for_another_try_is_not_swept_away() -> None:
    at = desk()
    at.submit(inquiry("a"))
    at.settle_all()
    at.submit(inquiry("b", urgency=gateway.URGENCY_URGENT))
    at.fail(at.take_one(HUB), CAUSE_BROKEN, SECOND_NS)
    for _ in range(3):
        at.answers()
    at.wait_until_due(SECOND_NS)
    assert at.take_one(HUB).noted() == {("case b", one) for one in (FIRST, SECOND, SMALL)}


def test_what_a_loss_leaves_to_be_asked_keeps_to_the_limits() -> None:
    at = desk(is_open=False)
    change(at, 2, limits={HUB: (4, 600)})
    for first in range(0, 30, 3):
        at.submit(*[inquiry(f"o{n}", person(n)) for n in range(first, first + 3)])
    change(at, 3, incapable=[MUTE, FIRST], limits={HUB: (4, 600)})
    at.engine.open_endpoint(HUB, 100)
    taken = at.take()
    assert sorted(case for sent in taken for case in cases(sent)) == sorted(f"case o{n}" for n in range(30))
    assert all(1 <= sent.batch.reason <= 7 for sent in taken)
    for sent in taken:
        assert sent.batch.entry_count <= 4
        assert len(sent.batch.message) <= 600 or sent.batch.entry_count == 1
        assert at.settle(sent, sent.reply()) == 0
    assert at.engine.stats()["queries_on_wire"] == 60
    settle_to_the_end(at)
    assert at.engine.stats()["inquiries_final"] == 30
    assert is_empty(at)


def test_a_loss_over_segments_of_several_directories_asks_the_others_once() -> None:
    at = desk(is_open=False)
    for turn in range(6):
        change(at, 2 + turn, incapable=[MUTE, FIRST] if turn % 3 else [MUTE])
        at.submit(inquiry(f"o{turn}", person(turn)))
    change(at, 9, incapable=[MUTE, FIRST])
    at.engine.open_endpoint(HUB, 100)
    taken = [replace(sent, incapable=frozenset({MUTE, FIRST})) for sent in at.take()]
    asked = [pair for sent in taken for pair in sent.asked()]
    assert sorted(asked) == sorted((f"case o{turn}", one) for turn in range(6) for one in (SECOND, SMALL))
    for sent in taken:
        assert at.settle(sent, sent.reply()) == 0
    settle_to_the_end(at)
    assert at.engine.open_inquiries() == 0


def test_thousands_of_small_segments_are_lost_in_few_pieces() -> None:
    at = desk(is_open=False)
    for turn in range(2000):
        at.submit(inquiry(f"o{turn}", person(turn % 1000), freshness_s=0))
    change(at, 2, incapable=[MUTE, FIRST])
    at.engine.open_endpoint(HUB, 100)
    assert len(at.take()) == 1


def test_sweeping_lanes_frees_the_frames_of_what_was_answered() -> None:
    at = desk()
    for turn in range(20):
        at.submit(inquiry(f"o{turn}", person(turn), scope=only(FIRST)))
        sent = at.take_one(HUB)
        assert at.settle(sent, sent.reply()) == 0
        at.answers()
    assert at.engine.stats()["bytes_held"] == 0
