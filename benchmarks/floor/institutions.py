"""Institutions of the transport ceiling: a server for each endpoint, one prepared reply to each batch.

It looks at nothing but a batch's size: another one than agreed ends the stream. A process of its own:
`python -m benchmarks.floor.institutions PORT SHAPE`.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import grpc
from grpc import aio

from benchmarks.floor.process import STOP_GRACE_S, Context, listen, run, serve
from benchmarks.floor.shape import Shape
from simulator.address import address_of

SERVICE = "chakong.institution.v1.Institution"


def inquire(shape: Shape) -> Callable[[object, Context], object]:
    """The handler of one stream."""
    reply = bytes(shape.reply_bytes)

    async def answer(_: object, context: Context) -> None:
        while True:
            batch = await context.read()
            if not isinstance(batch, bytes):
                return
            if len(batch) != shape.batch_bytes:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"batch: {len(batch)} bytes given")
            await context.write(reply)

    return answer


@asynccontextmanager
async def listening(port: int, shape: Shape) -> AsyncIterator[str]:
    """All endpoints listen; RuntimeError where an address is taken."""
    servers: list[aio.Server] = []
    handlers = {"Inquire": grpc.stream_stream_rpc_method_handler(inquire(shape))}
    try:
        for endpoint in range(shape.endpoint_count):
            server = await listen(address_of(endpoint, port), SERVICE, handlers)
            servers.append(server)
        yield f"endpoints={len(servers)}"
    finally:
        await asyncio.gather(*(server.stop(STOP_GRACE_S) for server in servers))


if __name__ == "__main__":
    run(serve(listening(int(sys.argv[1]), Shape.from_json(sys.argv[2]))))
