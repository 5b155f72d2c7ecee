"""Engine.settle: a reply is believed whole or not at all, and nothing is guessed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import type_pb2 as types
from tests.model.face import (
    CAUSE_GARBAGE,
    FAULT_FOREIGN_RECORD,
    FAULT_GARBAGE,
    FAULT_NONE,
    FAULT_REFUSAL,
    FAULT_UNKNOWN_BATCH,
    FAULT_UNKNOWN_INDEX,
    FAULT_WRONG_INSTITUTION,
)
from tests.model.world import (
    BANK,
    CAR_UNIT,
    DIRECT,
    FIRST,
    HUB,
    KEY,
    MUTE,
    SECOND,
    SECOND_NS,
    SMALL,
    Desk,
    Sent,
    inquiry,
    only,
    person,
    record,
)

if TYPE_CHECKING:
    from gateway._core import Engine

FOUND, AMBIGUOUS = institution.OUTCOME_FOUND, institution.OUTCOME_AMBIGUOUS
REFUSED, UNAVAILABLE = institution.OUTCOME_REFUSED, institution.OUTCOME_UNAVAILABLE
HIM = person(0)
AMOUNTS = ("amount_fen", "protected_fen", "held_fen", "available_fen")


def finding(**fields: object) -> institution.Finding:
    """By default: the first bank of the hub has a record of the first entry's subject."""
    return institution.Finding(**{"institution": FIRST, "outcome": FOUND, **fields})  # type: ignore[arg-type]


def asked_of_the_hub(desk: Desk) -> Sent:
    """A question to two of its banks, and one to all three that can be asked."""
    desk.submit(
        inquiry("a", scope=only(FIRST, SECOND)), inquiry("b", person(1), scope=only(FIRST, SECOND, SMALL))
    )
    sent = desk.take_one(HUB)
    assert [entry.mandate.case_number for entry in sent.message.entries] == ["case a", "case b"]
    return sent


def coverages(desk: Desk) -> dict[str, gateway.Coverage]:
    return {answer.order_id: answer.coverage for answer in desk.answers()}


def test_what_is_covered_and_not_mentioned_is_none(desk: Desk) -> None:
    sent = asked_of_the_hub(desk)
    assert desk.settle(sent, sent.reply()) == FAULT_NONE
    assert coverages(desk) == {"a": gateway.Coverage(total=2, none=2), "b": gateway.Coverage(total=3, none=3)}


def test_records_reach_the_answer(desk: Desk) -> None:
    sent = asked_of_the_hub(desk)
    records = [
        record(HIM),
        record(HIM, item=5, locator="车", kind="margin", amount_fen=-7, currency="USD", description="d"),
        record(HIM, locator="6223", protected_fen=30, held_fen=20, available_fen=50),
    ]
    assert desk.settle(sent, sent.reply(finding(records=records))) == FAULT_NONE
    answer = next(answer for answer in desk.answers() if answer.order_id == "a")
    assert answer.coverage == gateway.Coverage(total=2, found=1, none=1)
    assert list(answer.findings) == [
        gateway.Finding(institution=FIRST, state=types.END_STATE_FOUND, records=records)
    ]
    assert (answer.stage, answer.revision, answer.case_number) == (gateway.STAGE_FINAL, 1, "case a")


fen = st.just(0) | st.integers(-5, 2**20) | st.integers(-(2**63), 2**63 - 1)
accounts = st.builds(
    lambda *amounts: record(HIM, **dict(zip(AMOUNTS, amounts, strict=True))), *[fen] * len(AMOUNTS)
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(accounts, min_size=1, max_size=4))
def test_amounts_of_an_account_reach_the_answer(
    engine_class: Callable[[bytes], "Engine"], records: list[types.Record]
) -> None:
    desk = Desk(engine_class(KEY))
    sent = asked_of_the_hub(desk)
    assert desk.settle(sent, sent.reply(finding(records=records))) == FAULT_NONE
    answer = next(answer for answer in desk.answers() if answer.order_id == "a")
    assert list(answer.findings[0].records) == records


@pytest.mark.parametrize("outcome", [FOUND, AMBIGUOUS])
@pytest.mark.parametrize(
    "other", [{"holder_number": person(9).id_number}, {"holder_name": "张"}], ids=["number", "name"]
)
def test_a_record_that_fits_only_one_makes_the_query_ambiguous(
    desk: Desk, outcome: institution.Outcome.ValueType, other: dict[str, str]
) -> None:
    sent = asked_of_the_hub(desk)
    said = finding(outcome=outcome, records=[record(HIM), record(HIM, **other)])
    assert desk.settle(sent, sent.reply(said)) == FAULT_NONE
    answer = next(answer for answer in desk.answers() if answer.order_id == "a")
    assert answer.coverage == gateway.Coverage(total=2, ambiguous=1, none=1)
    assert list(answer.findings) == [gateway.Finding(institution=FIRST, state=types.END_STATE_AMBIGUOUS)]


def test_a_record_with_a_small_x_fits(desk: Desk) -> None:
    subject = person(18)
    desk.submit(inquiry("a", subject, scope=only(BANK)))
    sent = desk.take_one(DIRECT)
    said = finding(institution=BANK, records=[record(subject, holder_number=subject.id_number.lower())])
    assert desk.settle(sent, sent.reply(said)) == FAULT_NONE
    assert desk.final().coverage.found == 1


def test_an_ambiguous_finding_needs_no_records_and_passes_none_on(desk: Desk) -> None:
    sent = asked_of_the_hub(desk)
    said = [
        finding(outcome=AMBIGUOUS),
        finding(entry=1, institution=SMALL, outcome=AMBIGUOUS, records=[record(person(1))]),
    ]
    assert desk.settle(sent, sent.reply(*said)) == FAULT_NONE
    answers = desk.answers()
    assert [answer.coverage.ambiguous for answer in answers] == [1, 1]
    assert all(not row.records for answer in answers for row in answer.findings)


def test_a_refusal_is_told_with_its_reason(desk: Desk) -> None:
    sent = asked_of_the_hub(desk)
    assert desk.settle(sent, sent.reply(finding(outcome=REFUSED, reason="柜"))) == FAULT_NONE
    answer = next(answer for answer in desk.answers() if answer.order_id == "a")
    assert answer.coverage.refused == 1
    assert list(answer.findings) == [
        gateway.Finding(institution=FIRST, state=types.END_STATE_REFUSED, reason="柜")
    ]
    assert list(answer.coverage.missing) == [
        gateway.Missing(state=types.END_STATE_REFUSED, institutions=[FIRST])
    ]


def again(desk: Desk) -> set[tuple[str, int]]:
    """What is asked once the time for another try has come."""
    assert desk.take() == []
    desk.wait(SECOND_NS)
    return {pair for sent in desk.take() for pair in sent.asked()}


def test_an_institution_that_could_not_look_is_asked_again(desk: Desk) -> None:
    sent = asked_of_the_hub(desk)
    assert desk.settle(sent, sent.reply(finding(outcome=UNAVAILABLE))) == FAULT_NONE
    assert again(desk) == {("case a", FIRST)}


def test_an_institution_left_out_is_asked_again(desk: Desk) -> None:
    sent = asked_of_the_hub(desk)
    assert desk.settle(sent, sent.reply(without=[SECOND])) == FAULT_NONE
    assert again(desk) == {("case a", SECOND), ("case b", SECOND)}


def test_entries_beyond_the_count_are_asked_again(desk: Desk) -> None:
    sent = asked_of_the_hub(desk)
    reply = institution.Reply(batch_id=sent.batch.id)
    reply.answered.add(institutions=[FIRST, SMALL], entry_count=2)
    reply.answered.add(institutions=[SECOND], entry_count=1)
    assert desk.settle(sent, reply) == FAULT_NONE
    assert again(desk) == {("case b", SECOND)}


def test_an_institution_that_never_answers_ends_unreachable(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(FIRST, SECOND)))
    for attempt in range(4):
        sent = desk.take_one(HUB)
        assert sent.asked() == {("case a", SECOND)} | ({("case a", FIRST)} if attempt == 0 else set())
        assert desk.settle(sent, sent.reply(without=[SECOND])) == FAULT_NONE
        desk.wait(SECOND_NS)
    final = desk.final()
    assert final.coverage == gateway.Coverage(
        total=2,
        none=1,
        unreachable=1,
        missing=[gateway.Missing(state=types.END_STATE_UNREACHABLE, institutions=[SECOND])],
    )
    assert desk.take() == []


def test_an_institution_not_addressed_may_be_named(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(FIRST)))
    sent = desk.take_one(HUB)
    reply = sent.reply()
    assert set(reply.answered[0].institutions) > {FIRST}
    assert desk.settle(sent, reply) == FAULT_NONE
    assert desk.final().coverage == gateway.Coverage(total=1, none=1)


Spoil = Callable[[institution.Reply], object]


def add(**fields: object) -> Spoil:
    return lambda reply: reply.findings.append(finding(**fields))


def name(one: int, count: int) -> Spoil:
    return lambda reply: reply.answered.add(institutions=[one], entry_count=count)


STRANGER = record(person(9, "张三"))
SPOILT: dict[str, tuple[Spoil, int]] = {
    "unknown batch": (lambda reply: setattr(reply, "batch_id", 999), FAULT_UNKNOWN_BATCH),
    "batch 0": (lambda reply: setattr(reply, "batch_id", 0), FAULT_UNKNOWN_BATCH),
    "refusal": (lambda reply: setattr(reply, "refusal", "busy"), FAULT_REFUSAL),
    "entry beyond the batch": (add(entry=2, records=[record(HIM)]), FAULT_UNKNOWN_INDEX),
    "count beyond the batch": (name(MUTE, 3), FAULT_UNKNOWN_INDEX),
    "foreign record": (add(records=[record(HIM), STRANGER]), FAULT_FOREIGN_RECORD),
    "record of the neighbour": (add(records=[record(person(1))]), FAULT_FOREIGN_RECORD),
    "record without holder": (
        add(records=[types.Record(item=1, locator="x")]),
        FAULT_FOREIGN_RECORD,
    ),
    "ambiguous foreign record": (add(outcome=AMBIGUOUS, records=[STRANGER]), FAULT_FOREIGN_RECORD),
    "institution elsewhere": (name(CAR_UNIT, 1), FAULT_WRONG_INSTITUTION),
    "institution nowhere": (name(4000, 1), FAULT_WRONG_INSTITUTION),
    "finding elsewhere": (add(institution=CAR_UNIT, records=[record(HIM)]), FAULT_WRONG_INSTITUTION),
    "finding not addressed": (add(institution=SMALL, records=[record(HIM)]), FAULT_WRONG_INSTITUTION),
    "found nothing": (add(), FAULT_GARBAGE),
    "no outcome": (
        lambda reply: reply.findings.append(institution.Finding(institution=FIRST)),
        FAULT_GARBAGE,
    ),
    "unknown outcome": (add(outcome=9), FAULT_GARBAGE),
    "named twice": (name(FIRST, 2), FAULT_GARBAGE),
    "two findings": (
        lambda reply: reply.findings.extend([finding(outcome=REFUSED), finding(outcome=REFUSED)]),
        FAULT_GARBAGE,
    ),
    "long reason": (add(outcome=REFUSED, reason="r" * 257), FAULT_GARBAGE),
    "NUL in a reason": (add(outcome=REFUSED, reason="r\0"), FAULT_GARBAGE),
    "NUL in a record": (add(records=[record(HIM, locator="l\0")]), FAULT_GARBAGE),
    "item 26": (add(records=[record(HIM, item=26)]), FAULT_GARBAGE),
    "no item": (
        add(records=[types.Record(holder_number=HIM.id_number, holder_name=HIM.name)]),
        FAULT_GARBAGE,
    ),
    "257 records": (add(records=[record(HIM)] * 257), FAULT_GARBAGE),
    "long locator": (add(records=[record(HIM, locator="l" * 200)]), FAULT_GARBAGE),
}


@pytest.mark.parametrize("case", SPOILT)
def test_a_reply_with_a_fault_changes_nothing(desk: Desk, case: str) -> None:
    sent = asked_of_the_hub(desk)
    spoil, fault = SPOILT[case]
    spoilt = sent.reply()
    spoil(spoilt)
    before = desk.engine.stats()
    assert desk.settle(sent, spoilt) == fault
    after = desk.engine.stats()
    for name in ("replies", "replies_refused"):
        assert after.pop(name) == before.pop(name) + 1
    assert after == before
    assert desk.answers() == []
    assert desk.settle(sent, sent.reply()) == FAULT_NONE


def test_a_finding_that_is_not_covered_is_refused(desk: Desk) -> None:
    sent = asked_of_the_hub(desk)
    reply = institution.Reply(batch_id=sent.batch.id)
    reply.answered.add(institutions=[FIRST], entry_count=1)
    reply.findings.append(finding(entry=1, outcome=REFUSED))
    assert desk.settle(sent, reply) == FAULT_WRONG_INSTITUTION


def test_a_finding_on_a_note_is_refused(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(FIRST)), inquiry("b", scope=only(FIRST)))
    sent = desk.take_one(HUB)
    kinds = [entry.kind for entry in sent.message.entries]
    note = kinds.index(institution.KIND_NOTE)
    reply = sent.reply(finding(entry=note, outcome=REFUSED))
    assert desk.settle(sent, reply) == FAULT_UNKNOWN_INDEX


@pytest.mark.parametrize("size", [1, 2, 5, 9])
def test_a_truncated_reply_is_garbage_or_another_reply(desk: Desk, size: int) -> None:
    sent = asked_of_the_hub(desk)
    whole = sent.reply(finding(records=[record(HIM)])).SerializeToString()
    assert desk.settle(sent, whole[:-size]) == FAULT_GARBAGE


@pytest.mark.parametrize("junk", [b"\xff", b"\x00" * 9, b"\x1a\x02\x2a\x05", b"\x22\x01\xff"])
def test_junk_is_garbage(desk: Desk, junk: bytes) -> None:
    sent = asked_of_the_hub(desk)
    assert desk.settle(sent, junk) == FAULT_GARBAGE


def test_a_reply_comes_once(desk: Desk) -> None:
    sent = asked_of_the_hub(desk)
    assert desk.settle(sent, sent.reply()) == FAULT_NONE
    assert desk.settle(sent, sent.reply()) == FAULT_UNKNOWN_BATCH


def test_a_reply_counts_only_at_its_own_endpoint(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK)))
    sent = desk.take_one(DIRECT)
    reply = sent.reply().SerializeToString()
    elsewhere = institution.Reply(batch_id=sent.batch.id).SerializeToString()
    assert desk.engine.settle(HUB, elsewhere, desk.now_ns).fault == FAULT_UNKNOWN_BATCH
    assert desk.engine.settle(DIRECT, reply, desk.now_ns).batch_id == sent.batch.id


def test_unknown_fields_of_a_record_are_dropped(desk: Desk) -> None:
    sent = asked_of_the_hub(desk)
    plain = record(HIM)
    extended = types.Record.FromString(plain.SerializeToString() + b"\xa2\x06\x06secret")
    assert desk.settle(sent, sent.reply(finding(records=[extended]))) == FAULT_NONE
    answer = next(answer for answer in desk.answers() if answer.order_id == "a")
    assert list(answer.findings[0].records) == [plain]


def test_a_reply_that_was_thrown_away_is_made_good_by_the_next(desk: Desk) -> None:
    sent = asked_of_the_hub(desk)
    assert desk.settle(sent, sent.reply(finding(records=[STRANGER]))) == FAULT_FOREIGN_RECORD
    desk.fail(sent, CAUSE_GARBAGE)
    second = desk.take_one(HUB)
    assert second.batch.message == sent.batch.message
    assert desk.settle(second, second.reply()) == FAULT_NONE
    assert {order: coverage.none for order, coverage in coverages(desk).items()} == {"a": 2, "b": 3}
