"""Bulk: acknowledgements in the order of their messages, a few at a time, and an end in order."""

import asyncio
from typing import Any, cast

import pytest

from runtime.bulk import IN_FLIGHT_MAX, acknowledge_each
from tests.patience import DEADLINE_S


class Stream:
    """A call as a servicer sees it: messages to read, and what was written."""

    def __init__(self, *messages: bytes, ends: bool = True) -> None:
        self._messages = list(messages)
        self._ends = ends
        self.read_count = 0
        self.written: list[bytes] = []

    async def read(self) -> Any:
        if self._messages:
            self.read_count += 1
            return self._messages.pop(0)
        if not self._ends:
            await asyncio.Event().wait()
        return object()

    async def write(self, message: bytes) -> None:
        self.written.append(message)


async def acknowledge(stream: Stream, answer: Any, draining: asyncio.Event | None = None) -> None:
    async with asyncio.timeout(DEADLINE_S):
        await acknowledge_each(cast("Any", stream), draining or asyncio.Event(), answer)


async def test_acknowledgements_have_the_order_of_their_messages() -> None:
    stream = Stream(b"3", b"1", b"2")

    async def slow(message: bytes) -> bytes:
        for _ in range(int(message)):
            await asyncio.sleep(0)
        return message

    await acknowledge(stream, slow)
    assert stream.written == [b"3", b"1", b"2"]


async def test_each_message_is_begun_before_the_next() -> None:
    begun: list[bytes] = []

    async def answer(message: bytes) -> bytes:
        begun.append(message)
        await asyncio.sleep(0)
        return message

    await acknowledge(Stream(*(bytes([number]) for number in range(9))), answer)
    assert begun == [bytes([number]) for number in range(9)]


@pytest.mark.parametrize("in_flight_max", [1, IN_FLIGHT_MAX, 8])
async def test_no_more_is_read_than_may_be_unacknowledged(in_flight_max: int) -> None:
    stream = Stream(*[b"x"] * 20)
    let_go = asyncio.Event()

    async def answer(message: bytes) -> bytes:
        await let_go.wait()
        return message

    draining = asyncio.Event()
    acknowledging = acknowledge_each(cast("Any", stream), draining, answer, in_flight_max)
    running = asyncio.create_task(acknowledging)
    for _ in range(50):
        await asyncio.sleep(0)
    assert stream.read_count == in_flight_max
    let_go.set()
    await running
    assert len(stream.written) == 20


async def test_draining_acknowledges_what_was_read_and_ends_a_silent_stream() -> None:
    stream = Stream(b"x", ends=False)
    draining, let_go = asyncio.Event(), asyncio.Event()

    async def answer(message: bytes) -> bytes:
        await let_go.wait()
        return message

    running = asyncio.create_task(acknowledge(stream, answer, draining))
    for _ in range(10):
        await asyncio.sleep(0)
    draining.set()
    let_go.set()
    await running
    assert stream.written == [b"x"]


async def test_a_fault_of_our_own_is_not_swallowed() -> None:
    async def broken(_message: bytes) -> bytes:
        raise KeyError("ours")

    with pytest.raises(ExceptionGroup):
        await acknowledge(Stream(b"x"), broken)
