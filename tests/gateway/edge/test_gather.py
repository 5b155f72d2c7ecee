"""Gather: those who come together share a message, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chakong.gateway.v1 import gateway_pb2
from gateway._core import CHECK_FULL
from gateway.edge import gather as module
from gateway.edge.errors import JournalError
from gateway.edge.gather import ROUNDS_MAX, Gather
from tests.gateway.edge.desk import Desk, within
from tests.gateway.edge.house import COURT, inquiry
from tests.model.face import Checked
from tests.patience import DEADLINE_S


def single(number: int, **fields: object) -> bytes:
    one = inquiry(number, **fields)
    return gateway_pb2.SubmitRequest(inquiry=one).SerializeToString()


@asynccontextmanager
async def gathering(desk: Desk) -> AsyncIterator[Gather]:
    gather = Gather(desk.pump)
    running = asyncio.create_task(gather.run())
    try:
        yield gather
    finally:
        running.cancel()
        await asyncio.wait([running], timeout=DEADLINE_S)
        assert running.cancelled()


async def test_those_who_come_together_share_a_frame_and_have_ids_in_their_order() -> None:
    desk = Desk()
    async with gathering(desk) as gather:
        calls = [asyncio.create_task(gather.submit(single(number), COURT)) for number in range(1, 6)]
        await desk.until(lambda: len(desk.journal.kinds) == 1)
        await desk.settled()
        assert not any(call.done() for call in calls)
        desk.journal.keep()
        outcomes = await within(asyncio.gather(*calls))
    assert [outcome.inquiry_id for outcome in outcomes] == [1, 2, 3, 4, 5]
    assert desk.engine.open_inquiries() == 5


async def test_who_comes_alone_goes_at_once() -> None:
    desk = Desk()
    async with gathering(desk) as gather:
        calls = []
        for number in (1, 2):
            calls.append(asyncio.create_task(gather.submit(single(number), COURT)))
            await desk.settled()
            assert len(desk.journal.kinds) == number
        assert not any(call.done() for call in calls)


async def test_who_comes_meanwhile_waits_for_the_next_round() -> None:
    desk = Desk()
    async with gathering(desk) as gather:
        calls = []
        for number in range(1, ROUNDS_MAX + 4):
            calls.append(asyncio.create_task(gather.submit(single(number), COURT)))
            await desk.settled()
        assert len(desk.journal.kinds) == ROUNDS_MAX
        desk.journal.keep()
        await within(calls[0])
        await desk.until(lambda: len(desk.journal.kinds) == ROUNDS_MAX)
        while not calls[-1].done():
            desk.journal.keep()
            await desk.settled()
        assert [(await call).inquiry_id for call in calls] == list(range(1, ROUNDS_MAX + 4))


async def test_each_has_a_verdict_of_its_own() -> None:
    desk = Desk()
    async with gathering(desk) as gather:
        messages = [single(1), single(2, claim_fen=-1), single(1), single(3)]
        calls = [asyncio.create_task(gather.submit(message, COURT)) for message in messages]
        await desk.until(lambda: len(desk.journal.kinds) == 1)
        desk.journal.keep()
        first, refused, again, last = await within(asyncio.gather(*calls))
    assert (first.inquiry_id, first.verdict, last.inquiry_id, last.verdict) == (1, None, 2, None)
    assert refused.verdict is not None
    assert refused.verdict.reason == gateway_pb2.REASON_OUT_OF_RANGE
    assert again.verdict is not None
    assert (again.verdict.reason, again.verdict.inquiry_id) == (gateway_pb2.REASON_SAME_RECEIPT, 1)


async def test_one_that_goes_away_takes_nothing_from_the_others() -> None:
    desk = Desk()
    async with gathering(desk) as gather:
        calls = [asyncio.create_task(gather.submit(single(number), COURT)) for number in (1, 2)]
        await desk.until(lambda: len(desk.journal.kinds) == 1)
        calls[0].cancel()
        desk.journal.keep()
        assert (await within(calls[1])).inquiry_id == 2
    assert desk.engine.open_inquiries() == 2


async def test_all_hear_of_a_frame_that_was_lost() -> None:
    desk = Desk()
    async with gathering(desk) as gather:
        calls = [asyncio.create_task(gather.submit(single(number), COURT)) for number in (1, 2)]
        await desk.until(lambda: len(desk.journal.kinds) == 1)
        desk.journal.lose()
        for call in calls:
            with pytest.raises(JournalError):
                await within(call)
    assert desk.engine.open_inquiries() == 0


async def test_a_large_message_spoils_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BYTES_MAX", 400)
    taken: list[int] = []

    class Full:
        async def submit(self, message: bytes, court: str) -> Checked:
            taken.append(len(gateway_pb2.SubmitBulkRequest.FromString(message).inquiries))
            return Checked(CHECK_FULL, "gateway: full", b"", b"", b"", 0, 0, 0, 0, {})

    gather = Gather(Full())  # type: ignore[arg-type]
    running = asyncio.create_task(gather.run())
    large = single(2, order_id="x" * 1_000)
    messages = [single(1), large, single(3)]
    outcomes = await within(asyncio.gather(*(gather.submit(message, COURT) for message in messages)))
    running.cancel()
    assert [outcome.status for outcome in outcomes] == [CHECK_FULL] * 3
    assert taken == [1, 1, 1]
