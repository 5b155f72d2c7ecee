"""Pool: a few channels to the desk, used in turn, with a limit on calls in flight."""

import asyncio
from itertools import cycle
from typing import Any

from grpc import aio

from benchmarks.floor.process import LOOPBACK, OPTIONS
from benchmarks.peers.desk import METHOD

CALL_S_MAX = 60.0
CHANNEL_OPTIONS = (
    *OPTIONS,
    # Without it all channels would share one connection.
    ("grpc.use_local_subchannel_pool", 1),
)


class Pool:
    def __init__(self, port: int, channel_count: int) -> None:
        self._channels = [
            aio.insecure_channel(f"{LOOPBACK}:{port}", options=CHANNEL_OPTIONS) for _ in range(channel_count)
        ]
        methods: list[Any] = [channel.unary_unary(METHOD, None, None) for channel in self._channels]
        self._next = cycle(methods)

    async def ask(self, message: bytes) -> bytes:
        """One call. grpc.RpcError when it failed."""
        reply: bytes = await next(self._next)(message, timeout=CALL_S_MAX)
        return reply

    async def close(self) -> None:
        await asyncio.gather(*(channel.close(None) for channel in self._channels))
