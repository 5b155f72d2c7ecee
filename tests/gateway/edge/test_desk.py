"""Desk: steps that are durable before anything follows from them, or have never been."""

import asyncio
from functools import partial
from typing import Any

import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.edge import desk as module
from gateway.edge.errors import FullError, JournalError, UnavailableError
from gateway.holds import Limits, guard
from runtime.clock import now_ns
from runtime.logs import describe_exception
from tests.gateway.edge.study import MemoryJournal, Study, open_study
from tests.gateway.holds.world import as_order, court
from tests.patience import DEADLINE_S


async def within(awaited: Any) -> Any:
    async with asyncio.timeout(DEADLINE_S):
        return await awaited


def noted(seen: list[str], word: str, _ledger: object) -> None:
    seen.append(word)


async def test_nothing_follows_from_a_step_before_it_is_durable() -> None:
    async with open_study() as study:
        await within(study.claim())
        study.journal.is_held = True
        account = study.account("6222", 700_00)
        decided = study.post(study.order(account, 500_00))
        await study.until(lambda: study.desk.counts.inputs == 2)
        for _ in range(10):
            await asyncio.sleep(0)
        assert not decided.done()
        assert study.desk.take(study.bank.endpoint, 10) == []
        study.journal.let_go()
        receipt = await within(decided)
        (control,) = study.desk.take(study.bank.endpoint, 10)
        assert control.control_id == receipt.control_id
        assert study.published[-1] == (2, (receipt.hold_id,))
        assert study.called[-1] == {study.bank.endpoint}


async def test_a_step_that_is_lost_never_happened_and_everybody_is_told() -> None:
    async with open_study() as study:
        await within(study.claim())
        account = study.account("6222", 700_00)
        study.journal.failures = 1
        order = study.order(account, 500_00)
        called_count = len(study.called)
        first, second = study.post(order), study.post(study.order(account, 1))
        for lost in (first, second):
            with pytest.raises(JournalError) as told:
                await within(lost)
            assert told.value.retry_ms > 0
        assert study.ledger.stats().holds == 0
        # Whatever the step had ended may be due again, and the lines are told so.
        await study.until(lambda: len(study.called) > called_count)
        receipt = await within(study.post(order))
        assert not receipt.repeated
        assert study.desk.counts.steps_lost == 1


async def test_what_waits_is_decided_together_and_in_its_order() -> None:
    async with open_study() as study:
        await within(study.claim())
        study.journal.is_held = True
        accounts = [study.account(f"622{number}", 10_00) for number in range(20)]
        waiting = [study.post(study.order(account, 10_00)) for account in accounts]
        await study.until(lambda: study.desk.counts.inputs == 21)
        study.journal.is_held = False
        study.journal.let_go()
        receipts = [await within(one) for one in waiting]
        assert study.desk.counts.steps == 2
        ids = [receipt.control_id for receipt in receipts]
        assert ids == sorted(ids)


async def test_institutions_words_go_before_orders_and_leave_them_their_share() -> None:
    async with open_study() as study:
        seen: list[str] = []
        for _ in range(600):
            study.desk.post(partial(noted, seen, "order"))
            study.desk.hear(partial(noted, seen, "word"))
        await study.until(lambda: len(seen) >= module.INPUTS_PER_STEP)
        first = seen[: module.INPUTS_PER_STEP]
        assert first == ["word"] * module.WORDS_PER_STEP + ["order"] * (len(first) - module.WORDS_PER_STEP)
        await study.until(lambda: len(seen) == 1_200)


async def test_inputs_that_take_long_are_spread_over_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_study() as study:
        clock_ns = now_ns()
        seen: list[str] = []
        at_step: list[int] = []

        def slow(ledger: Any) -> None:
            nonlocal clock_ns
            clock_ns += module.STEP_NS_MAX // 2
            noted(seen, "slow", ledger)

        monkeypatch.setattr(module, "now_ns", lambda: clock_ns)
        begin = study.ledger.begin

        def noting_begin(at_ns: int) -> None:
            at_step.append(len(seen))
            begin(at_ns)

        monkeypatch.setattr(study.ledger, "begin", noting_begin)
        for _ in range(6):
            study.desk.post(slow)
        await study.until(lambda: len(seen) == 6)
        assert at_step == [0, 2, 4]


async def test_courts_fill_their_own_room_and_not_that_of_institutions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ORDERS_WAITING_MAX", 3)
    study = Study(MemoryJournal())
    study.desk.require_room(3)
    with pytest.raises(FullError):
        study.desk.require_room(4)
    waiting = [study.desk.post(partial(noted, [], "")) for _ in range(3)]
    with pytest.raises(FullError) as full:
        study.desk.post(partial(noted, [], ""))
    assert full.value.retry_ms > 0
    waiting.append(study.desk.hear(partial(noted, [], "")))
    assert study.desk.waiting_count == 4
    monkeypatch.setattr(module, "WORDS_WAITING_MAX", 1)
    with pytest.raises(FullError):
        study.desk.hear(partial(noted, [], ""))


async def test_draining_takes_no_order_hears_institutions_and_ends_when_all_is_decided() -> None:
    async with open_study() as study:
        await within(study.claim())
        study.journal.is_held = True
        decided = study.post(study.order(study.account("6222", 10_00), 10_00))
        draining = asyncio.create_task(study.desk.drain())
        await asyncio.sleep(0)
        with pytest.raises(UnavailableError):
            study.post(study.order(study.account("6223", 10_00), 10_00))
        heard = study.desk.hear(partial(noted, [], ""))
        assert not draining.done()
        study.journal.is_held = False
        await study.until(lambda: study.desk.counts.inputs == 2)
        study.journal.let_go()
        await within(draining)
        assert decided.done()
        assert heard.done()


async def test_a_restart_knows_every_step_and_how_far_answers_were_told() -> None:
    journal = MemoryJournal()
    async with open_study(journal) as study:
        study.desk.answers_seq = 77
        await within(study.claim())
        receipt = await within(study.post(study.order(study.account("6222", 10_00), 10_00)))
    again = Study(journal)
    assert again.desk.replay() == 2
    assert again.desk.answers_seq == 77
    view = again.ledger.hold_view(receipt.hold_id, now_ns())
    assert view is not None
    # It may have left before the end.
    assert view.life == hold_pb2.HOLD_LIFE_SENT


async def test_after_an_older_copy_of_the_journal_no_id_is_given_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = MemoryJournal()
    async with open_study(journal) as study:
        await within(study.claim())
        first = await within(study.post(study.order(study.account("6222", 10_00), 10_00)))
    del journal.frames[1:]
    monkeypatch.setattr(module, "now_ns", lambda: now_ns() + 1_000_000_000)
    async with open_study(journal) as again:
        second = await within(again.post(again.order(again.account("6222", 10_00), 10_00)))
    # An institution would take the same id for the same control, and change nothing.
    assert second.control_id > first.control_id
    # What is written as JSON stays exact.
    assert second.control_id < 2**53


async def test_before_the_first_step_no_answer_matters() -> None:
    journal = MemoryJournal()
    study = Study(journal)
    assert study.desk.replay() == 0
    assert study.desk.answers_seq == journal.last_seq


async def test_what_time_alone_brings_needs_nobody_to_call() -> None:
    async with open_study(limits=Limits(unknown_after_ns=30_000_000)) as study:
        await within(study.claim())
        receipt = await within(study.post(study.order(study.account("6222", 10_00), 10_00)))
        assert study.desk.take(study.bank.endpoint, 10)

        def is_unknown() -> bool:
            view = study.ledger.hold_view(receipt.hold_id, now_ns())
            return view is not None and view.life == hold_pb2.HOLD_LIFE_UNKNOWN

        await study.until(is_unknown)
        claim = study.ledger.claim_view("京0105", "c1", now_ns())
        assert claim is not None
        assert (claim.flight_fen, claim.state) == (0, controls_pb2.CLAIM_STATE_SHORT)


async def test_a_caller_that_went_away_harms_nobody() -> None:
    async with open_study() as study:
        await within(study.claim())
        gone = study.post(study.order(study.account("6222", 10_00), 10_00))
        gone.cancel()
        receipt = await within(study.post(study.order(study.account("6223", 10_00), 10_00)))
        assert receipt.hold_id
        assert study.ledger.stats().holds == 2


async def test_what_comes_together_is_decided_in_pieces_each_in_one_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PIECE", 4)
    async with open_study() as study:
        await within(study.claim())
        made = [as_order(study.order(study.account(f"622{number}", 1), 1)) for number in range(10)]
        decided = study.desk.post_each(lambda ledger, piece: ledger.orders(piece, court()), made)
        assert study.desk.waiting_count == 10
        pieces = [await within(one) for one in decided]
        assert [len(piece) for piece in pieces] == [4, 4, 2]
        assert [one.order_id for piece in pieces for one in piece] == [one.order_id for one in made]
        assert (study.desk.waiting_count, study.desk.counts.inputs) == (0, 11)
        # A lost step tells each of its pieces.
        study.journal.failures = 1
        made = [as_order(study.order(study.account(f"623{number}", 1), 1)) for number in range(10)]
        lost = study.desk.hear_each(lambda ledger, piece: ledger.orders(piece, court()), made)
        for one in lost:
            with pytest.raises(JournalError):
                await within(one)


async def test_what_the_ledger_fails_over_is_told_without_its_text_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real, errors = guard.amount_fault, [OverflowError("曹明")]

    def fails_once(*arguments: Any) -> Any:
        if errors:
            raise errors.pop()
        return real(*arguments)

    async with open_study() as study:
        await within(study.claim())
        monkeypatch.setattr(guard, "amount_fault", fails_once)
        orders = [as_order(study.order(study.account(name, 10_00), 10_00)) for name in "ab"]
        (posted,) = study.desk.post_each(lambda ledger, piece: ledger.orders(piece, court()), orders)
        refused, taken = await within(posted)
    assert (refused.name, taken.hold_id > 0) == ("NOT_JUDGED", True)
    (record,) = [one for one in caplog.records if one.levelname == "ERROR"]
    assert record.getMessage() == "an input could not be judged"
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], OverflowError)
    assert "曹明" not in describe_exception(record.exc_info[1])


async def test_of_many_there_is_room_for_all_or_nothing_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ORDERS_WAITING_MAX", 9)
    monkeypatch.setattr(module, "WORDS_WAITING_MAX", 9)
    study = Study(MemoryJournal())
    for put in (study.desk.post_each, study.desk.hear_each):
        with pytest.raises(FullError):
            put(lambda _ledger, piece: list(piece), range(10))
    assert study.desk.waiting_count == 0
