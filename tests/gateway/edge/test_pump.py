"""Pump: nothing follows from anything that is not durable, and everything follows in the journal's order."""

import asyncio
import struct

import pytest

from chakong.gateway.v1 import gateway_pb2
from chakong.institution.v1 import institution_pb2
from chakong.journal.v1 import journal_pb2
from gateway._core import CAUSE_BROKEN, CHECK_INVALID, FAULT_UNKNOWN_BATCH
from gateway.edge import pump as pump_module
from gateway.edge.errors import FullError, JournalError
from gateway.edge.journal_schema import ADMISSION, ANSWER, CANCELLATION, Replay
from gateway.edge.pump import Limits
from tests.gateway.edge.desk import Desk, within
from tests.gateway.edge.house import COURT, bulk, inquiry
from tests.patience import DEADLINE_S


async def test_nothing_is_acknowledged_or_sent_before_it_is_durable() -> None:
    desk = Desk()
    submit = desk.submit(inquiry(1))
    await desk.settled()
    assert not submit.done()
    assert not desk.sent
    assert desk.engine.open_inquiries() == 0
    desk.journal.keep()
    assert (await within(submit)).accepted == 1
    await desk.until(lambda: len(desk.sent) == 1)


async def test_frames_are_admitted_in_the_order_of_their_numbers_however_the_journal_tells() -> None:
    desk = Desk()
    submits = [desk.submit(inquiry(number)) for number in range(3)]
    await desk.settled()
    seqs: list[int] = []
    admit = desk.engine.admit

    def noting(frame: bytes, seq: int, now_ns: int, answered: bytes = b"") -> None:
        seqs.append(journal_pb2.Admission.FromString(frame).first_inquiry_id)
        admit(frame, seq, now_ns, answered)

    desk.engine.admit = noting  # type: ignore[method-assign]
    for at in (2, 1, 0):
        desk.journal.keep(at)
    await within(asyncio.gather(*submits))
    assert seqs == [1, 2, 3]


async def test_a_caller_that_goes_away_takes_nothing_back() -> None:
    desk = Desk()
    submit = desk.submit(inquiry(1))
    await desk.settled()
    submit.cancel()
    await desk.settled()
    desk.journal.keep()
    await desk.until(lambda: len(desk.sent) == 1)
    assert submit.cancelled()
    assert desk.engine.open_inquiries() == 1


async def test_what_the_journal_loses_was_never_accepted() -> None:
    desk = Desk()
    submit = desk.submit(inquiry(1))
    await desk.settled()
    desk.journal.lose()
    with pytest.raises(JournalError):
        await within(submit)
    assert not desk.sent
    again = await desk.admitted(inquiry(1))
    assert (again.accepted, again.repeated) == (1, 0)


async def test_a_repeated_order_waits_until_its_first_receipt_is_durable() -> None:
    desk = Desk()
    first, second = desk.submit(inquiry(1)), desk.submit(inquiry(1))
    await desk.settled()
    assert not second.done()
    desk.journal.keep()
    assert (await within(first)).accepted == 1
    await desk.settled()
    assert not second.done()
    desk.journal.keep()
    assert (await within(second)).repeated == 1


async def test_no_receipt_is_repeated_of_an_order_that_was_lost_meanwhile() -> None:
    desk = Desk()
    first, second = desk.submit(inquiry(1)), desk.submit(inquiry(1), inquiry(2))
    await desk.settled()
    desk.journal.lose()
    desk.journal.keep()
    for submit in (first, second):
        with pytest.raises(JournalError):
            await within(submit)
    # The second order was kept all the same, and says so when it is sent again.
    third = desk.submit(inquiry(1), inquiry(2))
    await desk.settled()
    desk.journal.keep()
    assert ((await within(third)).accepted, (await within(third)).repeated) == (1, 1)


async def test_a_message_without_anything_to_keep_is_answered_at_once() -> None:
    desk = Desk()
    checked = await desk.pump.submit(bulk(inquiry(1, court_code="沪0101")), COURT)
    assert (checked.accepted, checked.refused) == (0, 1)
    unreadable = await desk.pump.submit(b"\xff\xff", COURT)
    assert unreadable.status == CHECK_INVALID
    assert not desk.journal.waiting
    assert desk.pump.counts.refused == {gateway_pb2.REASON_FOREIGN_COURT: 1}


async def test_an_order_that_only_the_journal_remembers_gets_its_first_receipt() -> None:
    desk = Desk(orders_max=1)
    first = await desk.admitted(inquiry(1))
    await desk.admitted(inquiry(2))
    assert desk.engine.orders_forgotten
    desk.journal.known = first.orders
    submit = desk.submit(inquiry(1))
    await desk.until(lambda: bool(desk.journal.waiting))
    desk.journal.keep()
    checked = await within(submit)
    assert (checked.accepted, checked.repeated) == (0, 1)
    verdict = gateway_pb2.SubmitBulkResponse.FromString(checked.response).verdicts[0]
    assert verdict.inquiry_id == first.first_inquiry_id
    assert len(desk.journal.looked_up) == 1


async def test_a_message_is_refused_while_the_journal_is_behind_and_let_in_afterwards() -> None:
    desk = Desk(limits=Limits(unwritten_bytes_max=10, retry_after_ms=100, pauses_per_tick=0))
    first = desk.submit(inquiry(1))
    await desk.settled()
    delays = []
    for number in range(2, 30):
        with pytest.raises(FullError) as refused:
            await desk.pump.submit(bulk(inquiry(number)), COURT)
        delays.append(refused.value.retry_ms)
    assert delays[:2] == [100, 200]
    assert max(delays) == delays[-1] == 1_600
    desk.journal.keep()
    await within(first)
    assert (await desk.admitted(inquiry(2))).accepted == 1
    assert desk.pump.counts.full == 28


async def test_answers_are_handed_on_once_they_are_durable() -> None:
    desk = Desk()
    await desk.admitted(inquiry(1))
    await desk.until(lambda: len(desk.sent) == 1)
    desk.reply(desk.sent[0])
    await desk.until(lambda: desk.journal.kinds == [ANSWER])
    assert not desk.published
    desk.journal.keep()
    await desk.until(lambda: len(desk.published) == 1)
    seq, answers = desk.published[0]
    assert seq == 2
    assert desk.journal.kept[-1][1].finals == answers.finals == struct.pack("<Q", 1)
    assert desk.pump.counts.answer_us.count == 1


async def test_the_next_answers_wait_until_those_before_them_are_durable() -> None:
    desk = Desk()
    await desk.admitted(inquiry(1))
    await desk.admitted(inquiry(2))
    await desk.until(lambda: len(desk.sent) == 2)
    desk.reply(desk.sent[0])
    await desk.until(lambda: desk.journal.kinds == [ANSWER])
    desk.reply(desk.sent[1])
    await desk.settled()
    assert desk.journal.kinds == [ANSWER]
    desk.journal.keep()
    await desk.until(lambda: desk.journal.kinds == [ANSWER])
    desk.journal.keep()
    await desk.until(lambda: len(desk.published) == 2)
    assert desk.answers() == [(1, gateway_pb2.STAGE_FINAL), (2, gateway_pb2.STAGE_FINAL)]


async def test_answers_that_the_journal_loses_are_kept_again_and_none_is_doubled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.edge.outbox.REST_S", 0.01)
    desk = Desk()
    await desk.admitted(inquiry(1))
    await desk.until(lambda: len(desk.sent) == 1)
    desk.reply(desk.sent[0])
    for _ in range(3):
        await desk.until(lambda: desk.journal.kinds == [ANSWER])
        desk.journal.lose()
        await desk.settled()
        assert not desk.journal.waiting
    await desk.until(lambda: desk.journal.kinds == [ANSWER])
    desk.journal.keep()
    await desk.until(lambda: bool(desk.published))
    assert desk.answers() == [(1, gateway_pb2.STAGE_FINAL)]


async def test_a_cancel_takes_effect_once_it_is_durable() -> None:
    desk = Desk()
    checked = await desk.admitted(inquiry(1))
    cancel = asyncio.create_task(desk.pump.cancel(checked.first_inquiry_id, COURT))
    await desk.until(lambda: CANCELLATION in desk.journal.kinds)
    await desk.settled()
    assert not cancel.done()
    assert desk.engine.stats()["state_cancelled"] == 0
    desk.journal.keep()
    assert await within(cancel)
    await desk.until(lambda: desk.journal.kinds == [ANSWER])
    assert desk.engine.stats()["state_cancelled"] == 1
    second = asyncio.create_task(desk.pump.cancel(checked.first_inquiry_id, COURT))
    await desk.until(lambda: CANCELLATION in desk.journal.kinds)
    desk.journal.keep()
    desk.journal.keep()
    assert not await within(second)


async def test_a_cancel_that_the_journal_loses_changes_nothing() -> None:
    desk = Desk()
    await desk.admitted(inquiry(1))
    cancel = asyncio.create_task(desk.pump.cancel(1, COURT))
    await desk.until(lambda: CANCELLATION in desk.journal.kinds)
    desk.journal.lose()
    with pytest.raises(JournalError):
        await within(cancel)
    assert desk.engine.open_inquiries() == 1


async def test_what_is_left_of_a_full_cut_goes_on_in_the_next_turns_of_the_loop() -> None:
    desk = Desk(endpoints=6, limits=Limits(send_bytes_per_tick=1))
    admitted = asyncio.create_task(desk.admitted(inquiry(1)))
    counts: set[int] = set()
    while len(desk.sent) < 6:
        await asyncio.sleep(0)
        counts.add(len(desk.sent))
    assert counts == set(range(7))
    await within(admitted)


async def test_nothing_is_sent_while_the_outlet_has_no_room() -> None:
    desk = Desk()
    desk.free_bytes = 0
    await desk.admitted(inquiry(1))
    await desk.settled()
    assert not desk.sent
    desk.free_bytes = 1 << 20
    desk.pump.poke()
    await desk.until(lambda: len(desk.sent) == 1)


async def test_a_deadline_comes_due_by_itself() -> None:
    desk = Desk()
    await desk.admitted(inquiry(1, deadline_s=1))
    await desk.until(lambda: desk.journal.kinds == [ANSWER])
    desk.journal.keep()
    await desk.until(lambda: bool(desk.published))
    assert desk.answers() == [(1, gateway_pb2.STAGE_FINAL)]
    assert desk.engine.stats()["state_late"] == 1


async def test_a_failed_batch_is_sent_again() -> None:
    desk = Desk()
    await desk.admitted(inquiry(1))
    await desk.until(lambda: len(desk.sent) == 1)
    desk.pump.on_failed(0, desk.sent[0].id, CAUSE_BROKEN, 0)
    await desk.until(lambda: len(desk.sent) == 2)
    assert desk.sent[0].id == desk.sent[1].id


async def test_a_reply_to_nothing_changes_nothing() -> None:
    desk = Desk()
    settled = desk.pump.on_reply(0, institution_pb2.Reply(batch_id=7).SerializeToString())
    assert (settled.batch_id, settled.fault) == (7, FAULT_UNKNOWN_BATCH)


async def test_an_error_of_our_own_ends_the_pump(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    heard: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: heard.append(context["message"]))

    def broken(*_: object) -> list[object]:
        raise LookupError("a table has lost an entry")

    monkeypatch.setattr(desk.engine, "take_batches", broken)
    desk.pump.poke()
    with pytest.raises(LookupError, match="lost an entry"):
        async with asyncio.timeout(DEADLINE_S):
            await desk.pump.run()
    assert len(heard) == 1


async def test_after_draining_nothing_is_sent_and_nothing_waits() -> None:
    desk = Desk()
    await desk.admitted(inquiry(1))
    await desk.until(lambda: len(desk.sent) == 1)
    late = desk.submit(inquiry(2))
    await desk.settled()
    desk.reply(desk.sent[0])
    drain = asyncio.create_task(desk.pump.drain())
    desk.journal.keep()
    await desk.until(lambda: desk.journal.kinds == [ANSWER])
    assert not drain.done()
    desk.journal.keep()
    await within(drain)
    assert (await within(late)).accepted == 1
    assert len(desk.sent) == 1
    assert desk.answers() == [(1, gateway_pb2.STAGE_FINAL)]


async def test_a_replayed_frame_is_asked_again_but_for_what_was_answered_or_cancelled() -> None:
    first = Desk()
    await first.admitted(*(inquiry(number) for number in range(3)))
    _, frame = first.journal.kept[0]
    desk = Desk()
    cancelled = journal_pb2.Cancellation(cancelled_ns=1, inquiry_id=3).SerializeToString()
    desk.journal.to_replay = [
        Replay(1, ADMISSION, frame.at_ns, COURT, frame.body, struct.pack("<Q", 1)),
        Replay(2, CANCELLATION, frame.at_ns, COURT, cancelled, b""),
    ]
    assert desk.pump.replay() == 2
    await desk.until(lambda: len(desk.sent) == 1)
    entries = institution_pb2.Batch.FromString(desk.sent[0].message).entries
    assert [entry.kind for entry in entries if entry.kind == institution_pb2.KIND_ASK] == [
        institution_pb2.KIND_ASK
    ]
    assert entries[0].subject.id_number == inquiry(1).subject.id_number


async def test_after_a_long_tick_there_is_a_pause_of_ten_such(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(limits=Limits())
    await desk.settled()
    now = [2 * 10**18]
    calls: list[float] = []
    take_batches = desk.engine.take_batches

    def slow(now_ns: int, bytes_max: int) -> object:
        now[0] += 5_000_000
        return take_batches(now_ns, bytes_max)

    monkeypatch.setattr(pump_module, "now_ns", lambda: now[0])
    monkeypatch.setattr(desk.engine, "take_batches", slow)
    monkeypatch.setattr(asyncio.get_running_loop(), "call_later", lambda delay_s, _act: calls.append(delay_s))
    ticks = desk.pump.counts.ticks
    desk.pump.poke()
    await desk.settled()
    assert desk.pump.counts.ticks == ticks + 1
    desk.pump.poke()
    desk.pump.poke()
    await desk.settled()
    assert desk.pump.counts.ticks == ticks + 1
    assert calls[-1] == pytest.approx(0.05)
