"""Control line: what leaves was durable, comes back until it has an outcome, and an endpoint's word is taken
for what it is. The other side is the test; the network is in test_control_call."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from gateway.edge import control_line as module
from gateway.edge.control_call import CallError
from gateway.edge.control_line import ControlLine
from runtime.chance import Chance
from runtime.clock import now_ns
from runtime.settings import Controls as ControlSettings
from tests.gateway.edge.study import Study, open_study
from tests.gateway.holds.world import bank_indexes, directory
from tests.patience import DEADLINE_S

SETTINGS = ControlSettings(
    backoff_base_ms=1, backoff_max_ms=4, timeout_s=5.0, poll_every_s=0.005, batch_max=8, calls_max=2
)
UNAVAILABLE = hold_pb2.CONTROL_OUTCOME_UNAVAILABLE
Batch = institution_pb2.ControlBatch
Receipts = list[institution_pb2.ControlReceipt]


@dataclass
class Scripted:
    """An endpoint: `answer` makes receipts of a batch; `events` is what Follow and PollEvents say, each an
    encoded message or an error."""

    answer: Callable[[Batch], Receipts]
    batches: list[Batch] = field(default_factory=list)
    events: "asyncio.Queue[bytes | CallError]" = field(default_factory=asyncio.Queue)
    cursors: list[int] = field(default_factory=list)
    polls: int = 0
    can_follow: bool = True
    is_closed: bool = False

    async def control(self, batch: bytes, timeout_s: float) -> bytes:
        assert timeout_s == SETTINGS.timeout_s
        message = Batch.FromString(batch)
        self.batches.append(message)
        await asyncio.sleep(0)
        return institution_pb2.ReceiptBatch(receipts=self.answer(message)).SerializeToString()

    async def follow(self, request: bytes) -> AsyncGenerator[bytes, None]:
        self.cursors.append(institution_pb2.FollowRequest.FromString(request).cursor)
        if not self.can_follow:
            raise CallError("UNIMPLEMENTED", is_unimplemented=True)
        while True:
            said = await self.events.get()
            if isinstance(said, CallError):
                raise said
            if not said:
                return
            yield said

    async def poll(self, request: bytes, _timeout_s: float) -> bytes:
        self.polls += 1
        self.cursors.append(institution_pb2.FollowRequest.FromString(request).cursor)
        said = self.events.get_nowait() if not self.events.empty() else b""
        if isinstance(said, CallError):
            raise said
        return said

    async def list_holds(self, request: bytes, _timeout_s: float) -> bytes:
        count = institution_pb2.ListHoldsRequest.FromString(request).page_size + 1
        holds = [hold_pb2.HoldStatement(hold_id=number + 1) for number in range(count)]
        return institution_pb2.ListHoldsResponse(holds=holds).SerializeToString()

    async def close(self) -> None:
        self.is_closed = True


def by_the_book(study: Study) -> Callable[[Batch], Receipts]:
    return lambda batch: [study.bank.control(control) for control in batch.controls]


@asynccontextmanager
async def lined(
    answer: Callable[[Study], Callable[[Batch], Receipts]] = by_the_book,
    settings: ControlSettings = SETTINGS,
) -> AsyncIterator[tuple[Study, Scripted, ControlLine]]:
    """A line that runs, with a claim of the court; and gone without a trace."""
    async with open_study() as study:
        call = Scripted(answer(study))
        line = ControlLine(
            directory().endpoints[study.bank.endpoint],
            call,
            study.desk,
            settings,
            Chance(1),
            lambda _us: None,
        )
        study.desk.start(lambda endpoints: line.poke() if study.bank.endpoint in endpoints else None)
        running = asyncio.create_task(line.run())
        await study.claim()
        try:
            yield study, call, line
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            assert call.is_closed


async def frozen(study: Study, *amounts: int) -> list[int]:
    """Hold ids of accounts with so much in them, each held to the full."""
    ids = []
    for number, amount_fen in enumerate(amounts):
        receipt = await study.post(study.order(study.account(f"6222{number}", amount_fen), amount_fen))
        ids.append(receipt.hold_id)
    return ids


def is_effective(study: Study, hold_id: int) -> bool:
    view = study.ledger.hold_view(hold_id, now_ns())
    return view is not None and view.life == hold_pb2.HOLD_LIFE_EFFECTIVE


def events(study: Study, start: int = 0) -> bytes:
    return institution_pb2.HoldEvents(events=study.bank.events[start:]).SerializeToString()


async def test_a_control_is_sent_once_when_its_receipt_comes() -> None:
    async with lined() as (study, call, line):
        (hold_id,) = await frozen(study, 10_00)
        await study.until(lambda: is_effective(study, hold_id) and line.in_flight == 0)
        assert [len(batch.controls) for batch in call.batches] == [1]
        assert (line.counts.sent, line.counts.receipts, line.in_flight) == (1, 1, 0)


async def test_a_receipt_for_a_control_of_another_call_is_not_taken() -> None:
    def swapped(study: Study) -> Callable[[Batch], Receipts]:
        first: list[institution_pb2.Control] = []

        def answer(batch: Batch) -> Receipts:
            receipts = [study.bank.control(control) for control in batch.controls]
            if not first:
                first.extend(batch.controls)
                stranger = institution_pb2.ControlReceipt()
                stranger.CopyFrom(receipts[0])
                stranger.control_id += 1
                return [stranger]
            return receipts

        return answer

    async with lined(swapped) as (study, call, line):
        (hold_id,) = await frozen(study, 10_00)
        await study.until(lambda: is_effective(study, hold_id))
        assert line.counts.faults == 1
        assert len(call.batches) == 2
        assert study.bank.effects == {hold_id: 1}


async def test_of_two_receipts_for_a_control_the_first_counts() -> None:
    def doubled(study: Study) -> Callable[[Batch], Receipts]:
        return lambda batch: [study.bank.control(one) for one in batch.controls for _ in range(2)]

    async with lined(doubled) as (study, _, line):
        await frozen(study, 10_00)
        await study.until(lambda: line.counts.receipts == 1)
        assert line.counts.faults == 1


async def test_what_could_not_be_done_now_comes_again_each_time_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[int] = []
    backoff_s = ControlLine._backoff_s

    def noted(self: ControlLine, failures: int) -> float:
        waits.append(failures)
        return backoff_s(self, failures)

    monkeypatch.setattr(ControlLine, "_backoff_s", noted)

    def busy(study: Study) -> Callable[[Batch], Receipts]:
        left = [3]

        def answer(batch: Batch) -> Receipts:
            left[0] -= 1
            if left[0] >= 0:
                return [
                    institution_pb2.ControlReceipt(control_id=one.control_id, outcome=UNAVAILABLE)
                    for one in batch.controls
                ]
            return [study.bank.control(one) for one in batch.controls]

        return answer

    async with lined(busy) as (study, _, line):
        (hold_id,) = await frozen(study, 10_00)
        await study.until(lambda: is_effective(study, hold_id) and line.in_flight == 0)
        assert waits == [1, 2, 3]
        assert (line.counts.unavailable, line.counts.sent) == (3, 4)


async def test_a_receipt_that_is_left_out_is_asked_for_again_and_the_others_count() -> None:
    def forgetful(study: Study) -> Callable[[Batch], Receipts]:
        seen: set[int] = set()

        def answer(batch: Batch) -> Receipts:
            receipts = [study.bank.control(one) for one in batch.controls]
            kept = [one for one in receipts if one.control_id in seen or one.control_id % 2]
            seen.update(one.control_id for one in receipts)
            return kept

        return answer

    async with lined(forgetful) as (study, _, _line):
        ids = await frozen(study, 10_00, 20_00, 30_00, 40_00)
        await study.until(lambda: all(is_effective(study, one) for one in ids))
        assert set(study.bank.effects.values()) == {1}


async def test_a_receipt_whose_step_is_lost_comes_again() -> None:
    async with lined() as (study, call, _):
        (first,) = await frozen(study, 10_00)
        await study.until(lambda: is_effective(study, first))
        receipt = await study.post(study.order(study.account("6229", 5_00), 5_00))
        study.journal.failures = 2
        await study.until(lambda: is_effective(study, receipt.hold_id))
        assert study.desk.counts.steps_lost == 2
        assert len(call.batches) == 4
        assert study.bank.effects[receipt.control_id] == 1


@pytest.mark.parametrize("name", ["MESSAGE_BYTES_MAX", "WORD_BYTES_MAX"])
async def test_a_word_that_is_too_long_does_not_get_into_the_journal(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def talkative(study: Study) -> Callable[[Batch], Receipts]:
        long = [True, True]

        def answer(batch: Batch) -> Receipts:
            receipts = [study.bank.control(one) for one in batch.controls]
            if long and long.pop():
                said = institution_pb2.ControlReceipt()
                said.CopyFrom(receipts[0])
                said.text = "x" * 5_000
                return [said]
            return receipts

        return answer

    monkeypatch.setattr(module, name, 4_000)
    async with lined(talkative) as (study, _, line):
        (hold_id,) = await frozen(study, 10_00)
        await study.until(lambda: is_effective(study, hold_id))
        assert line.counts.failures["TOO_LARGE"] + line.counts.faults == 2
        assert all(len(frame.body) < 4_000 for frame in study.journal.frames)


async def test_bytes_that_are_no_message_are_a_failed_call() -> None:
    async with lined() as (study, call, line):
        control = call.control
        broken = [True]

        async def garbled(batch: bytes, timeout_s: float) -> bytes:
            answer = await control(batch, timeout_s)
            return b"\xff" if broken and broken.pop() else answer

        call.control = garbled  # type: ignore[method-assign]
        (hold_id,) = await frozen(study, 10_00)
        await study.until(lambda: is_effective(study, hold_id))
        assert line.counts.failures == {"UNREADABLE": 1}


async def test_events_are_followed_from_the_cursor_that_is_durable() -> None:
    async with lined() as (study, call, line):
        (hold_id,) = await frozen(study, 10_00)
        order = study.order(study.account("6229", 5_00), 50_00, available_fen=5_00)
        receipt = await study.post(order)
        await study.until(lambda: is_effective(study, receipt.hold_id))
        for _ in range(3):
            study.bank.credit(study.bank.accounts[bank_indexes()[0], "6229"], 1_00)
        call.events.put_nowait(events(study))
        await study.until(lambda: line.counts.events == 3)
        call.events.put_nowait(CallError("UNAVAILABLE"))
        await study.until(lambda: len(call.cursors) == 2)
        assert call.cursors == [0, 3]
        view = study.ledger.hold_view(receipt.hold_id, now_ns())
        assert view is not None
        assert view.controlled_fen == 8_00
        assert hold_id


async def test_a_gap_is_asked_for_again_and_not_jumped_over() -> None:
    async with lined() as (study, call, line):
        order = study.order(study.account("6229", 5_00), 50_00, available_fen=5_00)
        receipt = await study.post(order)
        await study.until(lambda: is_effective(study, receipt.hold_id))
        for _ in range(3):
            study.bank.credit(study.bank.accounts[bank_indexes()[0], "6229"], 1_00)
        call.events.put_nowait(events(study, 1))
        await study.until(lambda: len(call.cursors) == 2)
        assert call.cursors == [0, 0]
        assert line.counts.failures == {"GAP": 1}
        assert study.ledger.cursor(study.bank.endpoint) == 0


async def test_events_of_a_lost_step_are_told_again() -> None:
    async with lined() as (study, call, _):
        order = study.order(study.account("6229", 5_00), 50_00, available_fen=5_00)
        receipt = await study.post(order)
        await study.until(lambda: is_effective(study, receipt.hold_id))
        study.bank.credit(study.bank.accounts[bank_indexes()[0], "6229"], 1_00)
        study.journal.failures = 1
        call.events.put_nowait(events(study))
        await study.until(lambda: len(call.cursors) == 2)
        assert call.cursors == [0, 0]
        call.events.put_nowait(events(study))
        await study.until(lambda: study.ledger.cursor(study.bank.endpoint) == 1)


async def test_a_message_with_many_events_is_decided_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVENTS_AT_ONCE", 4)
    async with lined() as (study, call, line):
        order = study.order(study.account("6229", 5_00), 500_00, available_fen=5_00)
        receipt = await study.post(order)
        await study.until(lambda: is_effective(study, receipt.hold_id))
        for _ in range(30):
            study.bank.credit(study.bank.accounts[bank_indexes()[0], "6229"], 1_00)
        waiting: list[int] = []
        hear = study.desk.hear

        def noted(decide: Any) -> Any:
            waiting.append(study.desk.waiting_count)
            return hear(decide)

        monkeypatch.setattr(study.desk, "hear", noted)
        call.events.put_nowait(events(study))
        await study.until(lambda: line.counts.events == 30)
        assert max(waiting) < 4


async def test_where_events_cannot_be_followed_they_are_polled_and_following_is_tried_again() -> None:
    async with lined() as (study, call, line):
        call.can_follow = False
        order = study.order(study.account("6229", 5_00), 50_00, available_fen=5_00)
        receipt = await study.post(order)
        await study.until(lambda: is_effective(study, receipt.hold_id))
        study.bank.credit(study.bank.accounts[bank_indexes()[0], "6229"], 1_00)
        call.events.put_nowait(events(study))
        await study.until(lambda: line.counts.events == 1)
        assert call.polls > 0
        assert line.counts.failures == {}
        call.can_follow = True
        call.events.put_nowait(CallError("UNAVAILABLE"))
        polls = call.polls
        await study.until(lambda: call.events.empty() and line.counts.failures.total() == 1)
        study.bank.credit(study.bank.accounts[bank_indexes()[0], "6229"], 1_00)
        call.events.put_nowait(events(study, 1))
        await study.until(lambda: line.counts.events == 2)
        assert call.polls <= polls + 1


async def test_before_there_is_a_hold_nobody_is_followed() -> None:
    async with lined() as (study, call, line):
        for _ in range(20):
            await asyncio.sleep(0)
        assert call.cursors == []
        assert not line.is_following
        line.follow()
        await study.until(lambda: call.cursors == [0] and line.is_following)


async def test_a_page_longer_than_asked_for_is_refused() -> None:
    async with lined() as (_, _call, line):
        with pytest.raises(CallError, match="TOO_LARGE"):
            await line.list_holds(institution_pb2.ListHoldsRequest(institution=1, page_size=3))


async def test_controls_leave_in_batches_of_the_agreed_size() -> None:
    async with lined(settings=SETTINGS.model_copy(update={"batch_max": 2, "calls_max": 1})) as (
        study,
        call,
        _,
    ):
        study.journal.is_held = True
        orders = [study.order(study.account(f"6222{number}", 10), 10) for number in range(5)]
        decided = [study.post(order) for order in orders]
        await study.until(lambda: study.desk.counts.inputs == 6)
        study.journal.is_held = False
        study.journal.let_go()
        async with asyncio.timeout(DEADLINE_S):
            ids = [(await one).hold_id for one in decided]
        await study.until(lambda: all(is_effective(study, one) for one in ids))
        assert [len(batch.controls) for batch in call.batches] == [2, 2, 1]
