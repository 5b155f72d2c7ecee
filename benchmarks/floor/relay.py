"""Relay of the transport ceiling: stands where the gateway stands, and passes on prepared bytes.

The streams are the gateway's: a bulk stream in, a watch stream out, one stream on a channel of its own to
each endpoint, with the gateway's channel options, at most as many batches in flight and bytes unwritten. It
keeps the order of cause and effect (a batch leaves when its share of the messages came, an answer when its
share of the replies came) and looks at sizes alone. A process of its own:
`python -m benchmarks.floor.relay PORT INSTITUTIONS_PORT SHAPE`.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
from grpc import aio

from benchmarks.floor.process import COURT_SERVICE, Context, failed, listening, run, serve
from benchmarks.floor.shape import Shape
from gateway.edge.stream import CHANNEL_OPTIONS, SERVICE
from simulator.address import address_of

# More new streams at once end in random CANCELLED or INTERNAL.
OPENING_MAX = 64
OPEN_S_MAX = 30.0

Call = aio.StreamStreamCall[bytes, bytes]


class Line:
    """One endpoint."""

    def __init__(self, relay: "Relay", call: Call) -> None:
        self._relay = relay
        self._call = call
        self._sent_count = 0
        self._replied_count = 0
        self.wake = asyncio.Event()

    async def write(self) -> None:
        relay, shape = self._relay, self._relay.shape
        while True:
            await self.wake.wait()
            self.wake.clear()
            while (
                self._sent_count < relay.released_count
                and self._sent_count - self._replied_count < shape.in_flight_max
            ):
                self._sent_count += 1
                async with relay.room:
                    await self._call.write(relay.batch)

    async def read(self) -> None:
        relay, shape = self._relay, self._relay.shape
        while True:
            reply = await self._call.read()
            if not isinstance(reply, bytes) or len(reply) != shape.reply_bytes:
                raise RuntimeError(f"reply: {shape.reply_bytes} bytes expected")
            self._replied_count += 1
            self.wake.set()
            relay.replied()


class Relay:
    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.batch = bytes(shape.batch_bytes)
        self.room = asyncio.Semaphore(max(1, shape.unwritten_bytes_max // shape.batch_bytes))
        self.lines: list[Line] = []
        self._message_count = 0
        self._reply_count = 0
        self._answer = bytes(shape.answers_bytes)
        self._answered = asyncio.Event()

    @property
    def released_count(self) -> int:
        """Batches that each endpoint may have had by now."""
        return self.shape.released(self._message_count)

    def replied(self) -> None:
        self._reply_count += 1
        self._answered.set()

    async def bulk(self, _: object, context: Context) -> None:
        ack = bytes(self.shape.ack_bytes)
        while True:
            message = await context.read()
            if not isinstance(message, bytes):
                return
            if len(message) != self.shape.message_bytes:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"message: {len(message)} bytes given")
            await context.write(ack)
            before = self.released_count
            self._message_count += 1
            if self.released_count > before:
                for line in self.lines:
                    line.wake.set()

    async def watch(self, _: bytes, context: Context) -> None:
        written_count = self.shape.due(self._reply_count)
        # A watcher's call counts as connected only then.
        await context.send_initial_metadata(())
        while True:
            await self._answered.wait()
            self._answered.clear()
            while written_count < self.shape.due(self._reply_count):
                written_count += 1
                await context.write(self._answer)


async def opened(endpoint: int, port: int, opening: asyncio.Semaphore, channels: list[aio.Channel]) -> Call:
    """The stream to an endpoint, on a channel that goes into `channels`."""
    channel = aio.insecure_channel(address_of(endpoint, port), options=CHANNEL_OPTIONS)
    channels.append(channel)
    method: Any = channel.stream_stream(f"{SERVICE}/Inquire", None, None)
    async with opening, asyncio.timeout(OPEN_S_MAX):
        # On a busy machine the channel's first attempts to connect run out of time.
        call: Call = method(wait_for_ready=True)
        await call.wait_for_connection()
    return call


@asynccontextmanager
async def relaying(port: int, institutions_port: int, shape: Shape) -> AsyncIterator[str]:
    """All lines are open, and the court's port is."""
    relay = Relay(shape)
    channels: list[aio.Channel] = []
    handlers = {
        "SubmitBulk": grpc.stream_stream_rpc_method_handler(relay.bulk),
        "Watch": grpc.unary_stream_rpc_method_handler(relay.watch),
    }
    tasks: list[asyncio.Task[None]] = []
    try:
        opening = asyncio.Semaphore(OPENING_MAX)
        endpoints = range(shape.endpoint_count)
        calls = await asyncio.gather(*(opened(at, institutions_port, opening, channels) for at in endpoints))
        relay.lines += [Line(relay, call) for call in calls]
        for line in relay.lines:
            tasks += [asyncio.create_task(line.write()), asyncio.create_task(line.read())]
        for task in tasks:
            task.add_done_callback(failed)
        async with listening(port, COURT_SERVICE, handlers):
            yield f"lines={len(calls)}"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*(channel.close(None) for channel in channels))


if __name__ == "__main__":
    run(serve(relaying(int(sys.argv[1]), int(sys.argv[2]), Shape.from_json(sys.argv[3]))))
