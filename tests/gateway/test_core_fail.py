"""Engine.fail and Engine.take_batches: limits of batches, another try, and the entry that sinks its batch."""

from typing import TYPE_CHECKING

import pytest

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import type_pb2 as types
from tests.model.face import (
    CAUSE_BROKEN,
    CAUSE_GARBAGE,
    CAUSE_REFUSED,
    CAUSE_TIMEOUT,
    CAUSE_UNDELIVERED,
    CUT_AGAIN,
    CUT_BYTES,
    CUT_DRAINED,
    CUT_ENTRIES,
    CUT_HALF,
    FAULT_NONE,
    FAULT_UNKNOWN_BATCH,
)
from tests.model.world import (
    BANK,
    DIRECT,
    ENDPOINT_COUNT,
    HUB,
    KEY,
    SECOND_NS,
    TICK_NS,
    Desk,
    Sent,
    inquiry,
    only,
    person,
    snapshot,
)

if TYPE_CHECKING:
    from gateway._core import Engine

COUNTED = [CAUSE_BROKEN, CAUSE_TIMEOUT, CAUSE_REFUSED, CAUSE_GARBAGE]
HALVING = [CAUSE_BROKEN, CAUSE_REFUSED, CAUSE_GARBAGE]


def orders(count: int) -> list[gateway.Inquiry]:
    """So many questions about different people, all to the direct bank."""
    return [inquiry(f"o{number}", person(number), scope=only(BANK)) for number in range(count)]


def cases(sent: Sent) -> list[str]:
    return [entry.mandate.case_number.removeprefix("case ") for entry in sent.message.entries]


def test_a_batch_has_at_most_the_agreed_entries(desk: Desk) -> None:
    desk.engine.set_directory(snapshot(2, limits={DIRECT: (3, 1 << 20)}))
    desk.submit(*orders(8))
    taken = desk.take()
    assert [sent.batch.entry_count for sent in taken] == [3, 3, 2]
    assert [len(sent.message.entries) for sent in taken] == [3, 3, 2]
    assert [sent.batch.reason for sent in taken] == [CUT_ENTRIES, CUT_ENTRIES, CUT_DRAINED]
    assert [case for sent in taken for case in cases(sent)] == [f"o{number}" for number in range(8)]
    assert len({sent.batch.id for sent in taken}) == 3
    assert all(sent.batch.id == sent.message.id for sent in taken)


def test_a_batch_has_at_most_the_agreed_bytes(desk: Desk) -> None:
    desk.engine.set_directory(snapshot(2, limits={DIRECT: (100, 400)}))
    desk.submit(*orders(8))
    taken = desk.take()
    assert all(len(sent.batch.message) <= 400 for sent in taken)
    assert {sent.batch.reason for sent in taken[:-1]} == {CUT_BYTES}
    assert sum(len(sent.message.entries) for sent in taken) == 8
    assert len(taken[0].message.entries) > 1


def test_an_entry_larger_than_a_batch_goes_alone(desk: Desk) -> None:
    desk.engine.set_directory(snapshot(2, limits={DIRECT: (100, 10)}))
    desk.submit(*orders(2))
    assert [sent.batch.entry_count for sent in desk.take()] == [1, 1]


def test_no_more_batches_are_in_flight_than_allowed(desk: Desk) -> None:
    desk.engine.set_directory(snapshot(2, limits={DIRECT: (1, 1 << 20)}))
    desk.engine.open_endpoint(DIRECT, 2)
    desk.submit(*orders(4))
    first, second = desk.take()
    assert desk.take() == []
    desk.settle(first, first.reply())
    (third,) = desk.take()
    assert cases(third) == ["o2"]
    desk.fail(second, CAUSE_BROKEN, SECOND_NS)
    assert [cases(sent) for sent in desk.take()] == [["o3"]]


def test_a_closed_endpoint_gets_nothing(desk: Desk) -> None:
    desk.engine.open_endpoint(DIRECT, 0)
    desk.submit(inquiry("a"))
    assert {sent.batch.endpoint for sent in desk.take()} == set(range(ENDPOINT_COUNT)) - {DIRECT}
    desk.engine.open_endpoint(DIRECT, 1)
    assert [sent.batch.endpoint for sent in desk.take()] == [DIRECT]


def test_endpoints_are_closed_at_first(engine_class: "type[Engine]") -> None:
    desk = Desk(engine_class(KEY), is_open=False)
    desk.submit(inquiry("a"))
    assert desk.take() == []


def test_batches_come_up_to_the_bytes_asked_for(desk: Desk) -> None:
    desk.submit(inquiry("a"))
    first = desk.engine.take_batches(desk.now_ns, 1)
    assert len(first) == 1
    rest = desk.engine.take_batches(desk.now_ns, 1 << 30)
    assert len({batch.endpoint for batch in (*first, *rest)}) == ENDPOINT_COUNT


@pytest.mark.parametrize("cause", COUNTED)
def test_a_batch_that_fails_goes_again_as_it_was(desk: Desk, cause: int) -> None:
    desk.submit(*orders(4))
    first = desk.take_one(DIRECT)
    desk.fail(first, cause, SECOND_NS)
    assert desk.take() == []
    assert desk.next_due_ns() <= desk.now_ns + SECOND_NS + TICK_NS
    desk.wait(SECOND_NS)
    second = desk.take_one(DIRECT)
    assert (second.batch.id, second.batch.message) == (first.batch.id, first.batch.message)
    assert second.batch.message is first.batch.message
    assert second.batch.reason == CUT_AGAIN


@pytest.mark.parametrize("cause", HALVING)
def test_a_batch_that_fails_twice_is_halved(desk: Desk, cause: int) -> None:
    desk.submit(*orders(4))
    first = desk.take_one(DIRECT)
    desk.fail(first, cause)
    desk.fail(desk.take_one(DIRECT), cause)
    halves = desk.take()
    assert [len(half.message.entries) for half in halves] == [2, 2]
    assert {half.batch.reason for half in halves} == {CUT_HALF}
    assert len({half.batch.id for half in halves} | {first.batch.id}) == 3
    assert set().union(*(half.asked() for half in halves)) == first.asked()


def test_a_batch_that_times_out_is_never_halved(desk: Desk) -> None:
    desk.submit(*orders(4))
    for _ in range(4):
        sent = desk.take_one(DIRECT)
        assert len(sent.message.entries) == 4
        desk.fail(sent, CAUSE_TIMEOUT)
    assert desk.take() == []
    assert [answer.coverage.unreachable for answer in desk.answers()] == [1] * 4


def test_a_lone_entry_is_tried_four_times(desk: Desk) -> None:
    desk.submit(*orders(1))
    for _ in range(4):
        assert desk.answers() == []
        desk.fail(desk.take_one(DIRECT), CAUSE_REFUSED)
    assert desk.final().coverage.unreachable == 1
    assert desk.take() == []


@pytest.mark.parametrize(("attempts_max", "tries"), [(1, 1), (2, 2), (6, 6)])
def test_the_number_of_tries_is_configured(
    engine_class: "type[Engine]", attempts_max: int, tries: int
) -> None:
    desk = Desk(engine_class(KEY, attempts_max=attempts_max))
    desk.submit(*orders(1))
    for _ in range(tries):
        desk.fail(desk.take_one(DIRECT), CAUSE_BROKEN)
    assert desk.final().coverage.unreachable == 1


def test_the_entry_that_sinks_its_batch_is_found(desk: Desk) -> None:
    desk.submit(*orders(16))
    for _ in range(100):
        taken = desk.take()
        for sent in taken:
            if "o11" in cases(sent):
                desk.fail(sent, CAUSE_REFUSED)
            else:
                assert desk.settle(sent, sent.reply()) == FAULT_NONE
        if not taken:
            break
    answers = {answer.order_id: answer.coverage for answer in desk.answers()}
    assert len(answers) == 16
    assert answers.pop("o11") == gateway.Coverage(
        total=1,
        unreachable=1,
        missing=[gateway.Missing(state=types.END_STATE_UNREACHABLE, institutions=[BANK])],
    )
    assert all(coverage == gateway.Coverage(total=1, none=1) for coverage in answers.values())


def test_an_endpoint_that_fails_again_and_again_is_not_halved_further(desk: Desk) -> None:
    desk.submit(*orders(64))
    batch_ids: set[int] = set()
    for _ in range(300):
        taken = desk.take()
        for sent in taken:
            batch_ids.add(sent.batch.id)
            desk.fail(sent, CAUSE_BROKEN)
        if not taken:
            break
    assert [answer.coverage.unreachable for answer in desk.answers()] == [1] * 64
    assert len(batch_ids) < 32


def test_a_batch_that_never_left_counts_as_no_try(desk: Desk) -> None:
    desk.submit(*orders(2))
    for _ in range(20):
        sent = desk.take_one(DIRECT)
        assert len(sent.message.entries) == 2
        desk.fail(sent, CAUSE_UNDELIVERED)
    desk.settle_all()
    assert [answer.coverage.none for answer in desk.answers()] == [1, 1]


def test_a_batch_not_in_flight_cannot_fail(desk: Desk) -> None:
    desk.submit(*orders(1))
    sent = desk.take_one(DIRECT)
    for endpoint, batch in ((HUB, sent.batch.id), (DIRECT, sent.batch.id + 1)):
        with pytest.raises(LookupError):
            desk.engine.fail(endpoint, batch, CAUSE_BROKEN, desk.now_ns, desk.now_ns)
    desk.fail(sent, CAUSE_BROKEN, SECOND_NS)
    with pytest.raises(LookupError):
        desk.fail(sent, CAUSE_BROKEN)


def test_a_reply_for_a_batch_that_failed_is_refused(desk: Desk) -> None:
    desk.submit(*orders(1))
    sent = desk.take_one(DIRECT)
    desk.fail(sent, CAUSE_TIMEOUT, SECOND_NS)
    assert desk.settle(sent, sent.reply()) == FAULT_UNKNOWN_BATCH


def test_nobody_waits_for_a_batch_so_it_is_not_sent_again(desk: Desk) -> None:
    ids = desk.submit(*orders(2))
    sent = desk.take_one(DIRECT)
    for inquiry_id in ids:
        assert desk.engine.cancel(inquiry_id, desk.now_ns)
    desk.fail(sent, CAUSE_BROKEN)
    assert desk.take() == []
    assert desk.engine.stats()["in_flight"] == 0


def test_what_was_cancelled_before_it_was_cut_is_not_sent(desk: Desk) -> None:
    ids = desk.submit(*orders(3))
    assert desk.engine.cancel(ids[1], desk.now_ns)
    (sent,) = desk.take()
    assert sent.asked() == {("case o0", BANK), ("case o2", BANK)}
    kinds = {entry.mandate.case_number: entry.kind for entry in sent.message.entries}
    assert kinds.get("case o1", institution.KIND_UNSPECIFIED) == institution.KIND_UNSPECIFIED


def test_other_endpoints_do_not_wait_for_one_that_fails(desk: Desk) -> None:
    desk.submit(inquiry("a"))
    for sent in desk.take():
        if sent.batch.endpoint == DIRECT:
            desk.fail(sent, CAUSE_TIMEOUT, 60 * SECOND_NS)
        else:
            assert desk.settle(sent, sent.reply()) == FAULT_NONE
    desk.submit(inquiry("b", person(1)))
    assert {sent.batch.endpoint for sent in desk.take()} == set(range(ENDPOINT_COUNT))
