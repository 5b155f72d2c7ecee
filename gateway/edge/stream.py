"""Stream: one long-lived Inquire call to an endpoint, on a channel of its own.

One task writes, one reads, and the call ends once, with a cause. A read is never given a deadline of its own,
since cancelling a read cancels the call; the line ends a stream that is silent for too long. It knows no
Engine.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import grpc

from gateway._core import CAUSE_BROKEN
from runtime.clock import now_ns

SERVICE: Final = "/chakong.institution.v1.Institution"
ENDPOINT_KEY: Final = "chakong-endpoint"
# 128 institutions with 4,096 entries and a finding for every tenth of them stay below it.
REPLY_BYTES_MAX: Final = 64 << 20
CHANNEL_OPTIONS: Final = (
    ("grpc.max_receive_message_length", REPLY_BYTES_MAX),
    ("grpc.max_send_message_length", -1),
    # A connection of its own for each stream: with a shared one, a peer that reads slowly would stop others.
    ("grpc.use_local_subchannel_pool", 1),
    # The line has its own backoff; the channel's would go on top of it.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.enable_retries", 0),
    # What the environment calls a proxy would be given the way to every institution, in plaintext too.
    ("grpc.enable_http_proxy", 0),
)

# A write that takes longer than this is to a peer that does not read. Its bytes no longer count as being
# written then: others would wait for them until its reply is given up.
DEAF_S: Final = 1.0
# What a call raises when it is over, however it ended.
CALL_ERRORS: Final = (grpc.RpcError, grpc.aio.BaseError, asyncio.InvalidStateError)


@dataclass(slots=True)
class Flight:
    """A batch on its way. `sent_ns` 0: not a byte of it has left."""

    batch_id: int
    size_bytes: int
    stream: "Stream"
    sent_ns: int = 0
    has_ended: bool = False


class Stream:
    """Made with an open channel, which it closes. `open`, then `serve`; `end` may come at any time."""

    def __init__(
        self,
        channel: grpc.aio.Channel,
        endpoint_key: str,
        *,
        pause_ns: Callable[[], int],
        writing: Callable[[int], None],
        received: Callable[["Stream", bytes], None],
    ) -> None:
        """`pause_ns` says how long to wait before asking it again, and 0 when the next batch may go;
        `writing(bytes_more)` tells of what gRPC holds, less when it was written; `received` is called for
        each message that came."""
        self._channel = channel
        self._metadata = ((ENDPOINT_KEY, endpoint_key),)
        self._pause_ns = pause_ns
        self._writing = writing
        self._received = received
        self._posted: deque[tuple[bytes, Flight | None]] = deque()
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[int] = self._loop.create_future()
        self._written_bytes = 0
        self._call: grpc.aio.StreamStreamCall[bytes, bytes] | None = None
        self.flight_count = 0
        self.hello = b""
        self.opened_ns = 0
        # Whether a reply was taken that came on it.
        self.has_answered = False
        # Whether a batch was written, in whole or in part.
        self.has_sent = False
        # The gRPC status that the call ended with by itself, and its detail; empty while it has not.
        self.status = ""
        self.detail = ""

    async def describe(self, question: bytes, timeout_s: float) -> bytes:
        """Ask what the institutions can do. One of CALL_ERRORS when that failed."""
        ask: Any = self._channel.unary_unary(f"{SERVICE}/Describe", None, None)
        call = ask(question, timeout=timeout_s, metadata=self._metadata)
        try:
            described: bytes = await call
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # The channel was closed under the call, which gRPC reports as if the caller were cancelled.
            raise asyncio.InvalidStateError("describe: the stream ended meanwhile") from None
        return described

    async def open(self, hello: bytes, timeout_s: float) -> None:
        """Begin the call and send its first message. One of CALL_ERRORS or TimeoutError when that failed."""
        method: Any = self._channel.stream_stream(f"{SERVICE}/Inquire", None, None)
        async with asyncio.timeout(timeout_s):
            self._call = method(metadata=self._metadata)
            await self._call.wait_for_connection()
            await self._call.write(hello)
        self.hello = hello
        self.opened_ns = now_ns()

    def post(self, message: bytes, flight: Flight | None = None) -> None:
        """Write this when what was posted before is written. As many flights as the line has in flight at
        most."""
        self._posted.append((message, flight))
        if flight is not None:
            self.flight_count += 1
        self._wake.set()

    def end(self, cause: int) -> None:
        """End the call; the first cause counts."""
        if not self._ended.done():
            self._ended.set_result(cause)

    async def serve(self) -> int:
        """Write and read until the call ends; the cause. All is closed then, also when this is cancelled."""
        call = self._call
        if call is None:
            raise RuntimeError("serve: open comes first")
        try:
            async with asyncio.TaskGroup() as tasks:
                both = (tasks.create_task(self._write(call)), tasks.create_task(self._read(call)))
                try:
                    cause = await self._ended
                    await self._note_status(call)
                    return cause
                finally:
                    for one in both:
                        one.cancel()
        finally:
            await self.close()

    async def close(self) -> None:
        """Close the channel, and with it the call. What was never written is given up."""
        self._posted.clear()
        await self._channel.close(None)

    async def _write(self, call: "grpc.aio.StreamStreamCall[bytes, bytes]") -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._posted:
                    message, flight = self._posted.popleft()
                    if not await self._write_one(call, message, flight):
                        return
        finally:
            self.end(CAUSE_BROKEN)

    async def _write_one(
        self, call: "grpc.aio.StreamStreamCall[bytes, bytes]", message: bytes, flight: Flight | None
    ) -> bool:
        """False when the call is over."""
        if flight is None:
            return await _is_written(call, message)
        while pause_ns := self._pause_ns():  # noqa: ASYNC110 - it is the time that is waited for
            await asyncio.sleep(pause_ns / 1e9)
        if flight.has_ended:
            return True
        flight.sent_ns = now_ns()
        self.has_sent = True
        self._written_bytes = flight.size_bytes
        self._writing(flight.size_bytes)
        timer = self._loop.call_later(DEAF_S, self._give_room)
        try:
            return await _is_written(call, message)
        finally:
            timer.cancel()
            self._give_room()

    def _give_room(self) -> None:
        """What is being written counts no longer."""
        if self._written_bytes:
            self._writing(-self._written_bytes)
            self._written_bytes = 0

    async def _note_status(self, call: "grpc.aio.StreamStreamCall[bytes, bytes]") -> None:
        if call.done():
            self.status = (await call.code()).name
            self.detail = await call.details() or ""

    async def _read(self, call: "grpc.aio.StreamStreamCall[bytes, bytes]") -> None:
        try:
            while True:
                try:
                    received = await call.read()
                except CALL_ERRORS:
                    return
                if not isinstance(received, bytes):
                    return
                self._received(self, received)
        finally:
            self.end(CAUSE_BROKEN)


async def _is_written(call: "grpc.aio.StreamStreamCall[bytes, bytes]", message: bytes) -> bool:
    try:
        await call.write(message)
    except CALL_ERRORS:
        return False  # why, is the same for the reader, and nothing here depends on it
    return True
