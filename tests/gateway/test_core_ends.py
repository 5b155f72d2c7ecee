"""How inquiries end: deadlines, late replies, cancels, lost capabilities, answers on the way, and replay."""

from typing import TYPE_CHECKING

import pytest

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import type_pb2 as types
from tests.model.face import CAUSE_BROKEN, FAULT_NONE
from tests.model.world import (
    BANK,
    CAR_UNIT,
    CARS,
    COURT,
    DIRECT,
    FIRST,
    HUB,
    KEY,
    MUTE,
    OTHER_COURT,
    SECOND,
    SECOND_NS,
    SMALL,
    TICK_NS,
    Desk,
    Sent,
    inquiry,
    only,
    person,
    record,
    snapshot,
)

if TYPE_CHECKING:
    from gateway._core import Engine

NEVER_NS = 2**63 - 1


def found(sent: Sent, *institutions: int) -> institution.Reply:
    """These have a record of the first entry's subject."""
    subject = sent.message.entries[0].subject
    return sent.reply(
        *(
            institution.Finding(institution=one, outcome=institution.OUTCOME_FOUND, records=[record(subject)])
            for one in institutions
        )
    )


def missing(state: "types.EndState.ValueType", *institutions: int) -> gateway.Missing:
    return gateway.Missing(state=state, institutions=institutions)


def test_an_institution_that_cannot_be_inquired_of_ends_incapable_at_once(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(MUTE)))
    assert desk.take() == []
    assert desk.final().coverage == gateway.Coverage(
        total=1, incapable=1, missing=[missing(types.END_STATE_INCAPABLE, MUTE)]
    )
    assert desk.engine.open_inquiries() == 0


def test_a_query_not_answered_by_the_deadline_is_late(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(FIRST, SECOND, BANK), deadline_s=60))
    taken = {sent.batch.endpoint: sent for sent in desk.take()}
    desk.settle(taken[DIRECT], found(taken[DIRECT], BANK))
    desk.wait(60 * SECOND_NS - 1)
    assert [answer.stage for answer in desk.answers()] == [gateway.STAGE_PARTIAL]
    assert desk.next_due_ns() <= desk.now_ns + 1 + TICK_NS
    desk.wait_until_due(1)
    final = desk.final()
    assert final.coverage == gateway.Coverage(
        total=3, found=1, late=2, missing=[missing(types.END_STATE_LATE, FIRST, SECOND)]
    )
    assert (final.revision, final.answered_ns) == (2, desk.now_ns)
    assert desk.engine.open_inquiries() == 0


def test_a_late_reply_still_reaches_the_court(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(FIRST, SECOND, SMALL), deadline_s=60))
    sent = desk.take_one(HUB)
    desk.wait_until_due(60 * SECOND_NS)
    assert desk.final().coverage.late == 3
    desk.wait(10 * SECOND_NS)
    reply = found(sent, FIRST)
    del reply.answered[0].institutions[:]
    reply.answered[0].institutions.extend([FIRST, SECOND])
    assert desk.settle(sent, reply) == FAULT_NONE
    (late,) = desk.answers()
    assert (late.stage, late.revision) == (gateway.STAGE_LATE, 2)
    assert late.coverage == gateway.Coverage(
        total=3, late=3, late_answered=2, missing=[missing(types.END_STATE_LATE, SMALL)]
    )
    assert [(row.institution, row.state, row.late) for row in late.findings] == [
        (FIRST, types.END_STATE_FOUND, True)
    ]
    desk.wait(SECOND_NS)
    assert desk.take() == []
    assert desk.answers() == []


def test_a_late_reply_after_late_answers_is_coalesced(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK, CAR_UNIT), deadline_s=60))
    taken = {sent.batch.endpoint: sent for sent in desk.take()}
    desk.wait_until_due(60 * SECOND_NS)
    assert desk.final().coverage.late == 2
    desk.settle(taken[DIRECT], found(taken[DIRECT], BANK))
    desk.settle(taken[CARS], taken[CARS].reply())
    desk.wait_until_due(SECOND_NS)
    (late,) = desk.answers()
    assert (late.coverage.late, late.coverage.late_answered, len(late.findings)) == (2, 2, 1)


def test_a_query_never_sent_is_late_and_not_sent_any_more(desk: Desk) -> None:
    desk.engine.open_endpoint(DIRECT, 1)
    desk.submit(inquiry("a", person(1), scope=only(BANK)))
    desk.take_one(DIRECT)
    desk.submit(inquiry("b", person(2), scope=only(BANK), deadline_s=60))
    desk.wait_until_due(60 * SECOND_NS)
    assert desk.final().coverage.late == 1
    desk.engine.open_endpoint(DIRECT, 2)
    assert desk.take() == []


def test_a_query_at_a_closed_endpoint_is_unreachable_at_the_deadline(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK), deadline_s=60))
    sent = desk.take_one(DIRECT)
    desk.engine.open_endpoint(DIRECT, 0)
    desk.wait_until_due(60 * SECOND_NS)
    assert desk.final().coverage.unreachable == 1
    desk.settle(sent, found(sent, BANK))
    desk.wait(SECOND_NS)
    assert desk.answers() == []


def test_a_query_that_waits_for_another_try_is_unreachable_at_the_deadline(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK), deadline_s=60))
    desk.fail(desk.take_one(DIRECT), CAUSE_BROKEN, 100 * SECOND_NS)
    desk.wait_until_due(60 * SECOND_NS)
    assert desk.final().coverage.unreachable == 1
    desk.wait(100 * SECOND_NS)
    assert desk.take() == []
    assert desk.engine.next_due() == NEVER_NS


def test_a_query_on_its_second_try_is_late_at_the_deadline(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK), deadline_s=60))
    desk.fail(desk.take_one(DIRECT), CAUSE_BROKEN)
    desk.take_one(DIRECT)
    desk.wait_until_due(60 * SECOND_NS)
    assert desk.final().coverage.late == 1


def test_the_default_deadline_is_configured(engine_class: "type[Engine]") -> None:
    desk = Desk(engine_class(KEY, deadline_default_s=5))
    desk.submit(inquiry("a", scope=only(BANK)))
    desk.take()
    desk.wait_until_due(5 * SECOND_NS)
    assert desk.final().coverage.late == 1


def test_a_cancel_ends_open_queries_and_no_others(desk: Desk) -> None:
    (inquiry_id,) = desk.submit(inquiry("a", scope=only(FIRST, BANK)))
    taken = {sent.batch.endpoint: sent for sent in desk.take()}
    desk.settle(taken[DIRECT], found(taken[DIRECT], BANK))
    assert desk.engine.cancel(inquiry_id, desk.now_ns)
    final = desk.final()
    assert final.coverage == gateway.Coverage(
        total=2, found=1, cancelled=1, missing=[missing(types.END_STATE_CANCELLED, FIRST)]
    )
    assert not desk.engine.cancel(inquiry_id, desk.now_ns)
    desk.settle(taken[HUB], found(taken[HUB], FIRST))
    desk.wait(SECOND_NS)
    assert desk.answers() == []


def test_an_unknown_inquiry_cannot_be_cancelled(desk: Desk) -> None:
    assert not desk.engine.cancel(77, desk.now_ns)
    (inquiry_id,) = desk.submit(inquiry("a", scope=only(BANK)))
    desk.settle_all()
    assert desk.final().inquiry_id == inquiry_id
    assert not desk.engine.cancel(inquiry_id, desk.now_ns)


def test_a_capability_lost_ends_its_open_queries(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(FIRST, SECOND)), inquiry("b", person(1), scope=only(BANK)))
    (hub,) = (sent for sent in desk.take() if sent.batch.endpoint == HUB)
    desk.engine.set_directory(snapshot(2, incapable=(MUTE, FIRST, BANK)))
    (b_final,) = desk.answers()
    assert b_final.coverage.incapable == 1
    assert desk.settle(hub, hub.reply()) == FAULT_NONE
    final = desk.final()
    assert final.coverage == gateway.Coverage(
        total=2, none=1, incapable=1, missing=[missing(types.END_STATE_INCAPABLE, FIRST)]
    )


def test_a_capability_lost_before_the_cut_is_not_used(desk: Desk) -> None:
    desk.submit(inquiry("a"))
    desk.engine.set_directory(snapshot(2, incapable=(MUTE, CAR_UNIT)))
    assert all(sent.batch.endpoint != CARS for sent in desk.take() if sent.asked())


def test_a_capability_gained_counts_for_new_inquiries(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(MUTE, FIRST)))
    desk.engine.set_directory(snapshot(2, incapable=()))
    desk.submit(inquiry("b", scope=only(MUTE, FIRST)))
    asked = {pair for sent in desk.take() for pair in sent.asked()}
    assert asked == {("case a", FIRST), ("case b", MUTE)}


def test_a_capability_lost_keeps_no_mandate_from_the_others(desk: Desk) -> None:
    desk.engine.open_endpoint(HUB, 0)
    desk.submit(inquiry("a"))
    desk.settle_all()
    desk.submit(inquiry("b", urgency=gateway.URGENCY_URGENT))
    desk.settle_all()
    desk.engine.set_directory(snapshot(2, incapable=(MUTE, FIRST)))
    desk.wait(SECOND_NS)
    assert desk.answers() == []
    desk.engine.open_endpoint(HUB, 16)
    noted = {pair for sent in desk.take() for pair in sent.noted()}
    assert noted >= {("case b", SECOND), ("case b", SMALL)}


def test_who_was_capable_only_for_a_while_may_answer_what_everybody_was_asked(desk: Desk) -> None:
    desk.engine.set_directory(snapshot(2, incapable=(MUTE, FIRST)))
    desk.submit(inquiry("a"))
    desk.engine.set_directory(snapshot(3, incapable=(MUTE,)))
    sent = desk.take_one(HUB)
    desk.engine.set_directory(snapshot(4, incapable=(MUTE, FIRST)))
    # "Everybody" on a stream includes the first bank, but the model names whom it asks.
    said = [found(sent, FIRST).findings[0]] if FIRST in sent.addressed(0) else []
    assert desk.settle(sent, sent.reply(*said)) == FAULT_NONE
    assert desk.final().coverage == gateway.Coverage(
        total=7,
        none=5,
        incapable=2,
        missing=[missing(types.END_STATE_INCAPABLE, FIRST, MUTE)],
    )


def test_a_directory_must_be_a_later_one_of_the_same(desk: Desk) -> None:
    for wrong in (snapshot(1), b"", b"CKDIR002" + snapshot(2)[8:], snapshot(2)[:-1], snapshot(2) + b"\0"):
        with pytest.raises(ValueError):
            desk.engine.set_directory(wrong)
    desk.engine.set_directory(snapshot(2))


def test_partial_answers_come_at_most_once_a_second(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK, CAR_UNIT, FIRST)))
    taken = {sent.batch.endpoint: sent for sent in desk.take()}
    desk.settle(taken[DIRECT], found(taken[DIRECT], BANK))
    assert desk.answers() == []
    assert desk.next_due_ns() <= desk.now_ns + SECOND_NS + TICK_NS
    desk.wait_until_due(SECOND_NS)
    (partial,) = desk.answers()
    assert (partial.stage, partial.revision) == (gateway.STAGE_PARTIAL, 1)
    assert partial.coverage == gateway.Coverage(total=3, open=2, found=1)
    desk.wait(SECOND_NS // 2)
    desk.settle(taken[CARS], found(taken[CARS], CAR_UNIT))
    assert desk.answers() == []
    desk.wait_until_due(SECOND_NS // 2)
    (partial,) = desk.answers()
    assert [row.institution for row in partial.findings] in ([BANK, CAR_UNIT], [CAR_UNIT, BANK])
    desk.wait(10 * SECOND_NS)
    assert desk.answers() == []


def test_no_partial_answer_for_nothing_found(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK, FIRST)))
    (direct,) = (sent for sent in desk.take() if sent.batch.endpoint == DIRECT)
    desk.settle(direct, direct.reply())
    desk.wait(10 * SECOND_NS)
    assert desk.answers() == []


def test_answers_go_to_their_own_court(desk: Desk) -> None:
    other = inquiry("b", person(1), scope=only(BANK))
    other.court_code = OTHER_COURT
    desk.submit(inquiry("a", scope=only(BANK)))
    desk.submit(other, court=OTHER_COURT)
    desk.settle_all()
    packed = {answers.court: answers for answers in desk.engine.take_answers(desk.now_ns)}
    assert {court: answers.finals for court, answers in packed.items()} == {
        COURT: (1).to_bytes(8, "little"),
        OTHER_COURT: (2).to_bytes(8, "little"),
    }
    assert desk.engine.take_answers(desk.now_ns) == []


def test_after_a_restart_what_was_not_answered_is_asked_again(
    engine_class: "type[Engine]", desk: Desk
) -> None:
    checked = desk.check(inquiry("a", scope=only(BANK)), inquiry("b", person(1), scope=only(BANK)))
    desk.admit(checked)
    later = Desk(engine_class(KEY), desk.now_ns + 3600 * SECOND_NS)
    later.engine.recall_orders(checked.orders)
    later.engine.admit(checked.frame, 1, later.now_ns, (1).to_bytes(8, "little"))
    assert later.engine.open_inquiries() == 1
    sent = later.take_one(DIRECT)
    assert sent.asked() == {("case b", BANK)}
    later.settle(sent, sent.reply())
    final = later.final()
    assert (final.inquiry_id, final.admitted_ns) == (2, desk.now_ns)
    assert later.check(inquiry("a", scope=only(BANK))).repeated == 1
    assert later.submit(inquiry("c")) == [3]


def test_after_a_restart_a_deadline_that_passed_meanwhile_is_kept(
    engine_class: "type[Engine]", desk: Desk
) -> None:
    checked = desk.check(inquiry("a", scope=only(BANK), deadline_s=60))
    later = Desk(engine_class(KEY), desk.now_ns + 3600 * SECOND_NS)
    later.engine.admit(checked.frame, 1, later.now_ns)
    later.wait_until_due(0)
    assert later.final().coverage.late == 1
    assert later.take() == []


@pytest.mark.parametrize("frame", [b"", b"\x01", b"\x0a\x05ab", b"\xff" * 20])
def test_a_frame_that_is_none_is_refused(desk: Desk, frame: bytes) -> None:
    with pytest.raises(ValueError):
        desk.engine.admit(frame, 1, desk.now_ns)


def test_figures_add_up(desk: Desk) -> None:
    desk.submit(inquiry("a"), inquiry("b"))
    bad = inquiry("c")
    bad.subject.name = ""
    desk.check(bad, inquiry("a"))
    before = desk.engine.stats()
    assert before["oldest_due_ns"] == desk.now_ns + 2 * SECOND_NS
    taken = desk.take()
    assert desk.engine.stats()["in_flight"] == len(taken)
    for sent in taken:
        assert desk.engine.stats()["queries_open"] == 14
        assert (
            desk.settle(sent, found(sent, BANK) if sent.batch.endpoint == DIRECT else sent.reply())
            == FAULT_NONE
        )
    desk.answers()
    after = desk.engine.stats()
    expected = {
        "inquiries_accepted": 2,
        "inquiries_repeated": 1,
        "inquiries_refused": 1,
        "inquiries_final": 2,
        "inquiries_open": 0,
        "answers": 2,
        "records": 1,
        "queries_total": 14,
        "queries_joined": 6,
        "queries_on_wire": 6,
        "notes_on_wire": 6,
        "queries_open": 0,
        "in_flight": 0,
        "waiting_entries": 0,
        "oldest_due_ns": 0,
        "orders": 2,
        "state_found": 2,
        "state_none": 10,
        "state_incapable": 2,
        "state_late": 0,
        "state_ambiguous": 0,
        "state_refused": 0,
        "state_unreachable": 0,
        "state_cancelled": 0,
        "failures": 0,
        "replies_refused": 0,
    }
    assert {name: after[name] for name in expected} == expected
    assert after["replies"] == after["batches"] == len(taken)
    assert after["batch_entries"] == sum(len(sent.message.entries) for sent in taken)
    assert (
        set(after) == set(before) == {*expected, "replies", "batches", "batch_entries", "bytes_held", "asks"}
    )


def test_nothing_is_due_when_nothing_is_open(desk: Desk) -> None:
    assert desk.engine.next_due() == NEVER_NS
    desk.submit(inquiry("a", scope=only(BANK), deadline_s=9))
    assert desk.next_due_ns() <= desk.now_ns + 9 * SECOND_NS + TICK_NS
    desk.settle_all()
    desk.answers()
    assert desk.engine.next_due() == NEVER_NS


def test_revisions_begin_above_their_base(engine_class: "type[Engine]") -> None:
    desk = Desk(engine_class(KEY, revision_base=1000))
    desk.submit(inquiry("a", scope=only(BANK)))
    desk.settle_all()
    assert desk.final().revision == 1001
