"""The court's client against a small gateway: order, refusals, resumed watches."""

import asyncio

import pytest

from benchmarks.court import Court, RefusedMessageError
from chakong.gateway.v1.gateway_pb2 import Inquiry, SubmitBulkRequest
from tests.benchmarks.fake_gateway import FakeGateway, serving
from tests.patience import DEADLINE_S

RESOURCE_EXHAUSTED = 8
UNAVAILABLE = 14
INVALID_ARGUMENT = 3


def message(tag: int, *order_ids: str) -> SubmitBulkRequest:
    return SubmitBulkRequest(tag=tag, inquiries=[Inquiry(order_id=order_id) for order_id in order_ids])


async def test_messages_are_acknowledged_in_order() -> None:
    async with serving(FakeGateway()) as address, Court(address, None) as court, asyncio.timeout(DEADLINE_S):
        told = [pair async for pair in court.submit_bulk([message(1, "a", "b"), message(2, "b", "c")])]
    assert [(sent.tag, got.accepted, got.repeated) for sent, got in told] == [(1, 2, 0), (2, 1, 1)]


@pytest.mark.parametrize("code", [RESOURCE_EXHAUSTED, UNAVAILABLE])
async def test_message_that_finds_the_gateway_full_is_sent_again_before_the_next(code: int) -> None:
    gateway = FakeGateway(refusals=[code, code])
    async with serving(gateway) as address, Court(address, None) as court, asyncio.timeout(DEADLINE_S):
        told = [got async for _, got in court.submit_bulk([message(1, "a"), message(2, "b")])]
    assert [one.accepted for one in told] == [1, 1]
    assert [one.tag for one in gateway.messages] == [1, 1, 1, 2]


async def test_message_refused_for_good_is_an_error() -> None:
    gateway = FakeGateway(refusals=[INVALID_ARGUMENT])
    async with serving(gateway) as address, Court(address, None) as court, asyncio.timeout(DEADLINE_S):
        with pytest.raises(RefusedMessageError, match="3: full"):
            [pair async for pair in court.submit_bulk([message(1, "a")])]


async def test_broken_watch_is_resumed_at_its_cursor() -> None:
    gateway = FakeGateway(breaks=[2, 1])
    seen: list[str] = []
    async with serving(gateway) as address, Court(address, None) as court, asyncio.timeout(DEADLINE_S):
        async for _ in court.submit_bulk([message(1, "a", "b", "c", "d")]):
            pass
        async for response in court.watch():
            seen += [answer.order_id for answer in response.answers]
            if len(seen) == 4:
                break
    assert seen == ["a", "b", "c", "d"]
    assert gateway.cursors == [0, 2, 3]


async def test_league_table_is_read() -> None:
    async with serving(FakeGateway()) as address, Court(address, None) as court, asyncio.timeout(DEADLINE_S):
        league = await court.slow_endpoints(3)
    assert [(one.key, one.replies) for one in league.endpoints] == [("slow-1", 3)]
