"""Transport ceiling: how long the same bytes take over the same streams between handlers that do nothing.

Fair: client, relay and institutions are processes of their own as court, gateway and simulator are; the same
gRPC library on the same event loop, the same kinds of streams, addresses, channel options and limits on what
is in flight; one message object for all endpoints. Sizes and counts are checked at every stage.

It leaves out TLS between court and relay, the court's waiting for acknowledgements, contents, and everything
a gateway is for: parsing, the journal, deduplication, routing, tallies. The time is that of the transport,
and no gateway in Python can be faster.
"""

import asyncio
import statistics
import time
from pathlib import Path

from benchmarks.floor.played import Played
from benchmarks.floor.relay import Call
from benchmarks.floor.shape import Shape
from benchmarks.stack import free_port

ROUND_S_MAX = 300.0


class Ceiling(Played):
    """Use as an async context: entered, all streams are open. Logs go to `out`."""

    def __init__(self, shape: Shape, out: Path) -> None:
        super().__init__(out)
        self.shape = shape

    async def round(self) -> float:
        """Seconds from the first message's writing to the last answer's reading.

        RuntimeError when a size or a count is wrong, or a process has ended; TimeoutError.
        """
        shape = self.shape
        started = time.perf_counter()
        try:
            async with asyncio.timeout(ROUND_S_MAX), asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write())
                tasks.create_task(_read(self.bulk, shape.message_count, shape.ack_bytes))
                tasks.create_task(_read(self.watch, shape.answers_count, shape.answers_bytes))
        except BaseException:
            self.require_alive()
            raise
        return time.perf_counter() - started

    async def _write(self) -> None:
        message = bytes(self.shape.message_bytes)
        for _ in range(self.shape.message_count):
            await self.bulk.write(message)

    async def start(self) -> None:
        port, institutions_port = free_port(), free_port()
        shape = self.shape.to_json()
        await self.serve("benchmarks.floor.institutions", str(institutions_port), shape)
        await self.serve("benchmarks.floor.relay", str(port), str(institutions_port), shape)
        await self.connect(port)


async def ceiling(shape: Shape, out: Path, *, round_count: int = 5, warm_up_count: int = 3) -> float:
    """Median seconds of a round, after so many that do not count."""
    async with Ceiling(shape, out) as whole:
        seconds = [await whole.round() for _ in range(warm_up_count + round_count)]
    return statistics.median(seconds[warm_up_count:])


async def _read(call: Call, count: int, size_bytes: int) -> None:
    for place in range(count):
        message = await call.read()
        if not isinstance(message, bytes) or len(message) != size_bytes:
            raise RuntimeError(f"message {place} of {count}: {size_bytes} bytes expected")
