"""A gateway's side of a line, for tests over real gRPC."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc

from chakong.institution.v1 import institution_pb2
from simulator.server import METADATA_KEY, SERVICE

WAIT_S = 120.0


class Line:
    """One Inquire stream; every wait ends after WAIT_S."""

    def __init__(self, call: "grpc.aio.StreamStreamCall[Any, Any]") -> None:
        self.call = call

    async def send(self, message: bytes) -> None:
        await asyncio.wait_for(self.call.write(message), WAIT_S)

    async def receive(self) -> institution_pb2.Reply:
        return institution_pb2.Reply.FromString(await self.receive_bytes())

    async def receive_bytes(self) -> bytes:
        message = await asyncio.wait_for(self.call.read(), WAIT_S)
        assert isinstance(message, bytes), "the stream has ended"
        return message

    async def is_spoken_to(self) -> None:
        """Returns when the first reply is on its way; nothing of it is read."""
        await asyncio.wait_for(self.call.initial_metadata(), WAIT_S)

    async def status(self) -> grpc.StatusCode:
        return await asyncio.wait_for(self.call.code(), WAIT_S)


@asynccontextmanager
async def channel_to(address: str) -> AsyncIterator[grpc.aio.Channel]:
    options = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        yield channel


def open_line(channel: grpc.aio.Channel, endpoint_key: str = "") -> Line:
    metadata = ((METADATA_KEY, endpoint_key),) if endpoint_key else ()
    return Line(channel.stream_stream(f"/{SERVICE}/Inquire", bytes, bytes)(None, metadata=metadata))


@asynccontextmanager
async def line_to(address: str, endpoint_key: str = "") -> AsyncIterator[Line]:
    async with channel_to(address) as channel:
        line = open_line(channel, endpoint_key)
        yield line
        line.call.cancel()


async def describe(address: str, endpoint_key: str = "") -> institution_pb2.DescribeResponse:
    metadata = ((METADATA_KEY, endpoint_key),) if endpoint_key else ()
    async with channel_to(address) as channel:
        call = channel.unary_unary(f"/{SERVICE}/Describe", bytes, bytes)
        answer = await call(b"", metadata=metadata, timeout=WAIT_S)
        return institution_pb2.DescribeResponse.FromString(answer)
