"""Stream: one call, one writer, one reader, one end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from chakong.institution.v1 import institution_pb2
from gateway._core import CAUSE_BROKEN, CAUSE_TIMEOUT
from gateway.edge import stream
from gateway.edge.stream import CALL_ERRORS, CHANNEL_OPTIONS, Flight, Stream
from tests.gateway.edge.institution import Institution, Talk, answering, resetting, serving, silent
from tests.patience import DEADLINE_S

HELLO = institution_pb2.Batch(institutions=[1, 2]).SerializeToString()


class Ends:
    """A stream to an address, and all that it called."""

    def __init__(self, address: str, pause_ns: int = 0) -> None:
        self.writing: list[int] = []
        self.received: list[bytes] = []
        self.came = asyncio.Event()
        self.stream = Stream(
            grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS),
            "unit-1",
            pause_ns=lambda: pause_ns,
            writing=self.writing.append,
            received=self._received,
        )

    def _received(self, stream: Stream, message: bytes) -> None:
        assert stream is self.stream
        self.received.append(message)
        self.came.set()

    def post(self, batch_id: int) -> Flight:
        message = institution_pb2.Batch(id=batch_id).SerializeToString()
        flight = Flight(batch_id, len(message), self.stream)
        self.stream.post(message, flight)
        return flight


async def test_what_is_posted_is_written_in_order_and_replies_come_back() -> None:
    institution = Institution(answering)
    async with serving(institution) as address, asyncio.timeout(DEADLINE_S):
        ends = Ends(address)
        await ends.stream.open(HELLO, DEADLINE_S)
        flights = [ends.post(number) for number in (1, 2, 3)]
        serve = asyncio.create_task(ends.stream.serve())
        while len(ends.received) < 3:
            ends.came.clear()
            await ends.came.wait()
        ends.stream.end(CAUSE_TIMEOUT)
        assert await serve == CAUSE_TIMEOUT
        while institution.streams_open:  # noqa: ASYNC110 - the other side hears of the end by itself
            await asyncio.sleep(0)
    assert [batch.id for batch in institution.batches] == [1, 2, 3]
    assert institution.hellos == [[1, 2]]
    size_bytes = flights[0].size_bytes
    assert ends.writing == [size_bytes, -size_bytes] * 3
    assert all(flight.sent_ns for flight in flights)


async def test_a_stream_that_the_peer_ends_is_broken() -> None:
    async with serving(Institution(resetting)) as address, asyncio.timeout(DEADLINE_S):
        ends = Ends(address)
        await ends.stream.open(HELLO, DEADLINE_S)
        ends.post(1)
        assert await ends.stream.serve() == CAUSE_BROKEN


async def test_a_stream_that_the_peer_closes_in_order_is_broken_too() -> None:
    async def closing(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
        async for reply in answering(talk, batch):
            yield reply
        talk.is_over = True

    async with serving(Institution(closing)) as address, asyncio.timeout(DEADLINE_S):
        ends = Ends(address)
        await ends.stream.open(HELLO, DEADLINE_S)
        ends.post(1)
        assert await ends.stream.serve() == CAUSE_BROKEN
        assert len(ends.received) == 1


async def test_the_first_cause_counts() -> None:
    async with serving(Institution(silent)) as address, asyncio.timeout(DEADLINE_S):
        ends = Ends(address)
        await ends.stream.open(HELLO, DEADLINE_S)
        ends.stream.end(CAUSE_TIMEOUT)
        ends.stream.end(CAUSE_BROKEN)
        assert await ends.stream.serve() == CAUSE_TIMEOUT


async def test_what_waits_for_its_turn_is_not_being_written() -> None:
    async with serving(Institution(silent)) as address, asyncio.timeout(DEADLINE_S):
        ends = Ends(address, pause_ns=3_600 * 10**9)
        await ends.stream.open(HELLO, DEADLINE_S)
        flights = [ends.post(number) for number in (1, 2)]
        serve = asyncio.create_task(ends.stream.serve())
        await asyncio.sleep(0)
        ends.stream.end(CAUSE_BROKEN)
        await serve
        assert [flight.sent_ns for flight in flights] == [0, 0]
        assert not ends.writing


async def test_a_batch_that_has_ended_is_not_written() -> None:
    institution = Institution(answering)
    async with serving(institution) as address, asyncio.timeout(DEADLINE_S):
        ends = Ends(address)
        await ends.stream.open(HELLO, DEADLINE_S)
        ends.post(1).has_ended = True
        ends.post(2)
        serve = asyncio.create_task(ends.stream.serve())
        await ends.came.wait()
        ends.stream.end(CAUSE_BROKEN)
        await serve
    assert [batch.id for batch in institution.batches] == [2]


async def test_nobody_there_is_an_error_of_the_call() -> None:
    async with serving(Institution(silent)) as address:
        pass
    ends = Ends(address)
    with pytest.raises(CALL_ERRORS):
        await ends.stream.open(HELLO, DEADLINE_S)
    await ends.stream.close()


async def test_cancelling_serve_closes_everything() -> None:
    institution = Institution(silent)
    async with serving(institution) as address, asyncio.timeout(DEADLINE_S):
        ends = Ends(address)
        await ends.stream.open(HELLO, DEADLINE_S)
        ends.post(1)
        serve = asyncio.create_task(ends.stream.serve())
        await institution.came.get()
        serve.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serve
        while institution.streams_open:  # noqa: ASYNC110 - the peer learns of it in its own time
            await asyncio.sleep(0.001)


async def test_an_error_of_our_own_is_not_taken_for_a_broken_stream() -> None:
    def broken(_stream: Stream, _message: bytes) -> None:
        raise LookupError("a bug")

    async with serving(Institution(answering)) as address, asyncio.timeout(DEADLINE_S):
        ends = Ends(address)
        ends.stream._received = broken
        await ends.stream.open(HELLO, DEADLINE_S)
        ends.post(1)
        with pytest.raises(ExceptionGroup) as group:
            await ends.stream.serve()
    assert group.group_contains(LookupError)


async def test_serving_before_opening_is_refused() -> None:
    ends = Ends("ipv4:127.0.0.1:0")
    with pytest.raises(RuntimeError, match="open comes first"):
        await ends.stream.serve()
    await ends.stream.close()


async def test_a_question_on_a_stream_that_ends_is_an_error_of_the_call_and_cancels_nobody() -> None:
    asked = asyncio.Event()

    class Mute(Institution):
        async def describe(self, _question: bytes, _context: object) -> bytes:
            asked.set()
            await asyncio.Event().wait()
            return b""

    async with serving(Mute(silent)) as address, asyncio.timeout(DEADLINE_S):
        ends = Ends(address)
        question = asyncio.create_task(ends.stream.describe(b"", DEADLINE_S))
        await asked.wait()
        await ends.stream.close()
        with pytest.raises(CALL_ERRORS):
            await question


async def test_who_asks_can_still_be_cancelled() -> None:
    asked = asyncio.Event()

    class Mute(Institution):
        async def describe(self, _question: bytes, _context: object) -> bytes:
            asked.set()
            await asyncio.Event().wait()
            return b""

    async with serving(Mute(silent)) as address, asyncio.timeout(DEADLINE_S):
        ends = Ends(address)
        question = asyncio.create_task(ends.stream.describe(b"", DEADLINE_S))
        await asked.wait()
        question.cancel()
        with pytest.raises(asyncio.CancelledError):
            await question
        await ends.stream.close()


async def test_what_a_deaf_peer_does_not_read_keeps_its_room_for_a_moment_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Deaf(Institution):
        async def inquire(self, _batches: object, context: Any) -> AsyncIterator[bytes]:
            await context.send_initial_metadata(())
            await asyncio.Event().wait()
            yield b""

    monkeypatch.setattr(stream, "DEAF_S", 0.01)
    async with serving(Deaf(answering)) as address, asyncio.timeout(DEADLINE_S):
        ends = Ends(address)
        await ends.stream.open(HELLO, DEADLINE_S)
        size_bytes = 32 << 20
        ends.stream.post(bytes(size_bytes), Flight(1, size_bytes, ends.stream))
        serve = asyncio.create_task(ends.stream.serve())
        while sum(ends.writing) or not ends.writing:  # noqa: ASYNC110 - a number is waited for
            await asyncio.sleep(0.001)
        assert not serve.done()
        ends.stream.end(CAUSE_TIMEOUT)
        await serve
    assert ends.writing == [size_bytes, -size_bytes]


async def test_the_status_of_a_call_that_ended_by_itself_is_kept() -> None:
    async with serving(Institution(resetting)) as address, asyncio.timeout(DEADLINE_S):
        ends = Ends(address)
        await ends.stream.open(HELLO, DEADLINE_S)
        assert not ends.stream.has_sent
        ends.post(1)
        await ends.stream.serve()
        assert (ends.stream.status, ends.stream.detail, ends.stream.has_sent) == (
            "UNAVAILABLE",
            "reset",
            True,
        )


async def test_a_call_that_was_ended_here_has_no_status() -> None:
    async with serving(Institution(silent)) as address, asyncio.timeout(DEADLINE_S):
        ends = Ends(address)
        await ends.stream.open(HELLO, DEADLINE_S)
        ends.stream.end(CAUSE_TIMEOUT)
        await ends.stream.serve()
        assert (ends.stream.status, ends.stream.detail) == ("", "")
