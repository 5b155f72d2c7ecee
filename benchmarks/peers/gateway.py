"""Gateway of the peers: bulk stream in, watch stream out, and between them one of the ways.

Fair: it keeps nothing durable, checks no certificate, number or mandate, and knows no deadline: all of that
is left out in the peer's favour. A message's inquiries are taken up together. A process of its own:
`python -m benchmarks.peers.gateway WAY PORT DESK_PORT CHANNELS IN_FLIGHT_MAX`.
"""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc

from benchmarks.floor.process import COURT_SERVICE, Context, failed, listening, run, serve
from benchmarks.peers.inquest import Inquest
from benchmarks.peers.reach import Reach
from benchmarks.peers.ways import Way, opened
from chakong.gateway.v1.gateway_pb2 import Answer, SubmitBulkRequest, SubmitBulkResponse, WatchResponse
from gateway.directory import Directory

# An answer of the whole country has 30 bytes for its findings and 30 for who is missing, seldom more.
ANSWERS_MAX = 4_096
YOUNG_OBJECTS_MAX = 100_000


class PeerGateway:
    def __init__(self, way: Way, directory: Directory) -> None:
        self._way = way
        self._reach = Reach(directory)
        self._next_inquiry_id = 1
        self._answers: list[Answer] = []
        self._answered = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def bulk(self, _: object, context: Context) -> None:
        """Acknowledges each message, and takes its inquiries up."""
        while True:
            message = await context.read()
            if not isinstance(message, bytes):
                return
            request = SubmitBulkRequest.FromString(message)
            first_id = self._next_inquiry_id
            inquests = [
                Inquest(self._reach, inquiry, number)
                for number, inquiry in enumerate(request.inquiries, first_id)
            ]
            self._next_inquiry_id += len(inquests)
            task = asyncio.create_task(self._way.ask(inquests, self._done))
            task.add_done_callback(failed)
            task.add_done_callback(self._tasks.discard)
            self._tasks.add(task)
            ack = SubmitBulkResponse(tag=request.tag, accepted=len(inquests), first_inquiry_id=first_id)
            await context.write(ack.SerializeToString())

    async def watch(self, _: bytes, context: Context) -> None:
        """All answers, as they come."""
        await context.send_initial_metadata(())
        while True:
            await self._answered.wait()
            self._answered.clear()
            while self._answers:
                answers, self._answers = self._answers[:ANSWERS_MAX], self._answers[ANSWERS_MAX:]
                await context.write(WatchResponse(answers=answers).SerializeToString())

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _done(self, inquest: Inquest) -> None:
        self._answers.append(inquest.answer())
        self._answered.set()


@asynccontextmanager
async def relaying(
    name: str, port: int, desk_port: int, channel_count: int, in_flight_max: int
) -> AsyncIterator[str]:
    """RuntimeError where the port is taken; ValueError for an unknown way."""
    directory = Directory.load()
    async with opened(name, desk_port, channel_count, in_flight_max, directory) as way:
        gateway = PeerGateway(way, directory)
        handlers = {
            "SubmitBulk": grpc.stream_stream_rpc_method_handler(gateway.bulk),
            "Watch": grpc.unary_stream_rpc_method_handler(gateway.watch),
        }
        try:
            async with listening(port, COURT_SERVICE, handlers):
                yield f"way={name}"
        finally:
            await gateway.close()


if __name__ == "__main__":
    # Futures by the million: the collector would go through all of them again and again.
    gc.set_threshold(YOUNG_OBJECTS_MAX, 10, 100)
    run(serve(relaying(sys.argv[1], *map(int, sys.argv[2:6]))))
