"""A fault of our own behind acknowledgements that the caller does not read: the status waits behind them, and
nothing else does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest

from runtime.bulk import acknowledge_each
from runtime.guard import CallCounts, Context, Guard
from runtime.identity import CONTROLS, Identity
from tests.gateway.edge.banking import called_as
from tests.patience import DEADLINE_S

# More than the windows of a connection and the system's buffers take.
UNREAD_BYTES = 16 << 20
SERVICE = "chakong.gateway.v1.Controls"
UNLIMITED = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))


class Broken:
    """A server whose OrderBulk breaks at its third message, and a call that has sent three and reads
    nothing."""

    def __init__(self) -> None:
        self.counts = CallCounts()
        self.refusing = asyncio.Event()
        self.waiting = 0
        self.call: Any = None
        self.server: Any = None

    async def acknowledge(self, message: bytes) -> bytes:
        if message == b"break":
            raise KeyError("ours")
        self.waiting += 1
        try:
            await asyncio.sleep(0)
        finally:
            self.waiting -= 1
        return bytes(UNREAD_BYTES)

    async def bulk(self, _caller: Identity, context: Context) -> None:
        try:
            await acknowledge_each(context, asyncio.Event(), self.acknowledge)
        except ExceptionGroup:
            self.refusing.set()
            raise

    async def read_all(self) -> None:
        while isinstance(await self.call.read(), bytes):
            pass

    async def until_ended(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while self.counts.open_calls:  # noqa: ASYNC110 - the server's own turns are waited for
                await asyncio.sleep(0.005)


@asynccontextmanager
async def broken() -> AsyncIterator[Broken]:
    made = Broken()
    guard = Guard(CONTROLS, made.counts, plaintext=True)
    server = made.server = grpc.aio.server(options=UNLIMITED)
    handlers = {"OrderBulk": guard.streaming("OrderBulk", made.bulk)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=UNLIMITED) as channel:
            method: Any = channel.stream_stream(f"/{SERVICE}/OrderBulk", None, None)
            made.call = method(metadata=called_as(), timeout=DEADLINE_S)
            for message in (b"large", b"large", b"break"):
                await made.call.write(message)
            async with asyncio.timeout(DEADLINE_S):
                await made.refusing.wait()
            # Everything that the call did has ended but its status.
            assert made.waiting == 0
            assert made.counts.open_calls == 1
            yield made
    finally:
        await server.stop(None)


async def test_a_caller_that_reads_in_the_end_gets_what_was_written_and_the_status() -> None:
    async with broken() as made:
        assert len(await made.call.read()) == UNREAD_BYTES
        with pytest.raises(grpc.aio.AioRpcError) as told:
            await made.read_all()
        assert told.value.code() is grpc.StatusCode.INTERNAL
        await made.until_ended()
        assert made.counts.refused == {("OrderBulk", "INTERNAL"): 1}


async def test_a_caller_that_leaves_leaves_nothing_behind() -> None:
    async with broken() as made:
        made.call.cancel()
        await made.until_ended()


async def test_a_caller_that_never_reads_does_not_keep_the_gateway_from_stopping() -> None:
    async with broken() as made:
        async with asyncio.timeout(DEADLINE_S):
            await made.server.stop(0.05)
        await made.until_ended()
