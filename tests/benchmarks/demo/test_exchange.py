"""The exchange against a small gateway: all sent in order, all answers taken, the end noticed."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from benchmarks.court import Court
from benchmarks.demo import exchange as exchange_module
from benchmarks.demo.exchange import Exchange
from benchmarks.sample import CourtSample, SampleInquiry
from chakong.gateway.v1.gateway_pb2 import Inquiry
from tests.benchmarks.fake_gateway import FakeGateway, serving
from tests.patience import DEADLINE_S


def sample(*order_ids: str) -> CourtSample:
    seen: set[str] = set()
    lines = []
    for order_id in order_ids:
        lines.append(SampleInquiry(Inquiry(order_id=order_id), "same_receipt" if order_id in seen else "ok"))
        seen.add(order_id)
    return CourtSample("X1", tuple(lines))


async def run(exchange: Exchange, gateway: FakeGateway) -> None:
    async with AsyncExitStack() as exits, asyncio.timeout(DEADLINE_S):
        address = await exits.enter_async_context(serving(gateway))
        court = await exits.enter_async_context(Court(address, None))
        running = asyncio.create_task(exchange.run({"X1": court}))
        exits.callback(running.cancel)
        await exchange.ended.wait()


async def test_sample_is_sent_in_order_and_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_module, "MESSAGE_INQUIRIES", 2)
    exchange, gateway = Exchange([sample("a", "b", "a", "c", "b")]), FakeGateway()
    await run(exchange, gateway)
    sent = [[inquiry.order_id for inquiry in message.inquiries] for message in gateway.messages]
    assert sent == [["a", "b"], ["a", "c"], ["b"]]
    verdicts, inbox = exchange.verdicts["X1"], exchange.inboxes["X1"]
    assert (verdicts.accepted, verdicts.repeated, verdicts.mismatches) == (3, 2, [])
    assert (exchange.acknowledged_count, exchange.final_count, exchange.queries_ended) == (5, 3, 3)
    assert inbox.ids == {1: "a", 2: "b", 3: "c"}
    assert exchange.started_ns <= exchange.last_final_ns
    assert len(inbox.latencies_ms()) == 3


async def test_end_is_not_noticed_before_the_last_message_is_acknowledged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange_module, "MESSAGE_INQUIRIES", 1)
    gateway = FakeGateway(refusals=[8, 8])
    exchange = Exchange([sample("a", "b", "c")])
    await run(exchange, gateway)
    assert exchange.acknowledged_count == 3
    assert [message.inquiries[0].order_id for message in gateway.messages] == ["a", "a", "a", "b", "c"]
