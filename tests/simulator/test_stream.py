"""Inquire calls over real gRPC: delays, endings, and what is left behind."""

import asyncio
import gc
from dataclasses import replace

import grpc
import pytest

from simulator.endpoint import EndpointDesk, Word
from simulator.layout import Layout
from simulator.scenarios import MIXTURES, Cast, Conduct, Fault, Role, Scenario
from simulator.stream import InquireStream
from tests.simulator.batches import PERSON, batch, entry, hello
from tests.simulator.conftest import Serve
from tests.simulator.lines import WAIT_S, channel_to, line_to, open_line

HUB = 345
# More than gRPC takes in before it is read: its writer waits until then.
LONG_BYTES = 15 << 20


@pytest.fixture
def key(layout: Layout) -> str:
    return layout.endpoints[HUB].key


@pytest.fixture
def greeting(layout: Layout) -> bytes:
    return hello(layout.endpoints[HUB].institutions)


def message(batch_id: int) -> bytes:
    return batch(batch_id, [entry(PERSON)])


async def test_a_reply_that_is_held_back_is_overtaken(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, key: str, greeting: bytes
) -> None:
    monkeypatch.setattr(Scenario, "conduct", lambda *place: Conduct(delay_ms=300 if place[2] == 0 else 0))
    async with line_to(await serve(), key) as line:
        for one in (greeting, message(1), message(2)):
            await line.send(one)
        assert [(await line.receive()).batch_id for _ in range(2)] == [2, 1]


async def test_a_reply_may_come_twice(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, key: str, greeting: bytes
) -> None:
    monkeypatch.setattr(Scenario, "conduct", lambda *_: Conduct(copies=2))
    async with line_to(await serve(), key) as line:
        await line.send(greeting)
        await line.send(message(1))
        assert [(await line.receive()).batch_id for _ in range(2)] == [1, 1]


async def test_bytes_that_are_no_batch_end_the_stream(serve: Serve, key: str) -> None:
    async with line_to(await serve(), key) as line:
        await line.send(b"\xff\xff")
        assert await line.status() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_reset_ends_the_stream_and_what_was_held_back(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, key: str, greeting: bytes
) -> None:
    conducts = (Conduct(delay_ms=3_600_000), Conduct(Fault.RESET))
    monkeypatch.setattr(Scenario, "conduct", lambda *place: conducts[place[2]])
    async with line_to(await serve(), key) as line:
        for one in (greeting, message(1), message(2)):
            await line.send(one)
        assert await line.status() is grpc.StatusCode.UNAVAILABLE


async def test_a_reset_waits_for_the_reply_that_is_being_written(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    words = iter((Word(bytes(LONG_BYTES), delay_ms=1), Word(None)))
    was_reset = asyncio.Event()

    def answer(*_: object) -> Word:
        word = next(words)
        if word.reply is None:
            was_reset.set()
        return word

    monkeypatch.setattr(EndpointDesk, "answer", answer)
    async with line_to(await serve(), key) as line:
        await line.send(message(1))
        await line.is_spoken_to()
        await line.send(message(2))
        await asyncio.wait_for(was_reset.wait(), WAIT_S)
        assert len(await line.receive_bytes()) == LONG_BYTES
        assert await line.status() is grpc.StatusCode.UNAVAILABLE


async def test_an_endpoint_goes_away_after_the_reply_that_is_being_written(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr(EndpointDesk, "answer", lambda *_: Word(bytes(LONG_BYTES)))
    monkeypatch.setattr(EndpointDesk, "closes_in_s", lambda _: 0.1)
    async with line_to(await serve(), key) as line:
        await line.send(message(1))
        await line.is_spoken_to()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.call.code(), 0.3)
        assert len(await line.receive_bytes()) == LONG_BYTES
        assert await line.status() is grpc.StatusCode.UNAVAILABLE


async def test_a_closed_endpoint_ends_every_stream_at_once(serve: Serve, key: str) -> None:
    async with line_to(await serve(casts={HUB: Cast(Role.CLOSED)}), key) as line:
        assert await line.status() is grpc.StatusCode.UNAVAILABLE


async def test_a_silent_endpoint_takes_the_stream_and_says_nothing(
    serve: Serve, key: str, greeting: bytes
) -> None:
    async with line_to(await serve(casts={HUB: Cast(Role.SILENT)}), key) as line:
        await line.send(greeting)
        await line.send(message(1))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.call.read(), 0.2)


async def test_a_union_goes_away_under_an_open_stream(serve: Serve, key: str, greeting: bytes) -> None:
    mixture = replace(MIXTURES["outage"], gone_from_s=1.0, gone_until_s=3_600.0)
    async with line_to(await serve(mixture, {HUB: Cast(Role.GONE)}), key) as line:
        await line.send(greeting)
        await line.send(message(1))
        assert (await line.receive()).batch_id == 1
        assert await line.status() is grpc.StatusCode.UNAVAILABLE


async def test_a_gateway_that_has_said_all_gets_what_is_owed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, key: str, greeting: bytes
) -> None:
    monkeypatch.setattr(Scenario, "conduct", lambda *_: Conduct(delay_ms=100))
    async with line_to(await serve(), key) as line:
        for one in (greeting, message(1), message(2)):
            await line.send(one)
        await line.call.done_writing()
        assert {(await line.receive()).batch_id for _ in range(2)} == {1, 2}
        assert await line.status() is grpc.StatusCode.OK


async def test_gateways_that_disconnect_leave_no_stream_behind(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, key: str, greeting: bytes
) -> None:
    monkeypatch.setattr(Scenario, "conduct", lambda *place: Conduct(delay_ms=3_600_000 * (place[2] % 2)))
    address = await serve()
    before = len(asyncio.all_tasks())
    async with channel_to(address) as channel:
        for _ in range(10):
            line = open_line(channel, key)
            for one in (greeting, message(1), message(2)):
                await line.send(one)
            await line.receive()
            line.call.cancel()
    async with asyncio.timeout(WAIT_S):
        while len(asyncio.all_tasks()) > before:  # noqa: ASYNC110 - bounded above
            await asyncio.sleep(0.01)
    gc.collect()
    assert [one for one in gc.get_objects() if isinstance(one, InquireStream)] == []
