"""Stream: one Inquire call, from its first message to its end.

It reads, asks the conversation for a word, and says it when the word wants to be said. Batches without
delay are answered in order by the reader itself; the others by tasks of their own, at most DELAYED_MAX at a
time. A stream ends between two replies, never within one: not before the other side has read it. It decides
nothing.
"""

import asyncio
from typing import Any

import grpc
from grpc.aio import EOF  # type: ignore[attr-defined]

from simulator.endpoint import Conversation, EndpointDesk, Word, World
from simulator.scenarios import Gate

# A gateway has a handful of batches in flight; beyond this the stream is read no further until one is
# answered.
DELAYED_MAX = 64

Context = grpc.aio.ServicerContext[Any, Any]
Ending = tuple[grpc.StatusCode, str]

AWAY: Ending = (grpc.StatusCode.UNAVAILABLE, "the endpoint is away")
RESET: Ending = (grpc.StatusCode.UNAVAILABLE, "the line broke")


class InquireStream:
    def __init__(self, world: World, desk: EndpointDesk, context: Context) -> None:
        self._counts = world.counts
        self._desk = desk
        self._context = context
        self._conversation = Conversation(world, desk)
        self._turn = asyncio.Lock()
        self._room = asyncio.Semaphore(DELAYED_MAX)

    async def serve(self) -> None:
        """Until the gateway has ended its side and all is answered; or aborts: UNAVAILABLE when the
        endpoint hangs up, INVALID_ARGUMENT for what is no batch. A silent endpoint reads nothing until the
        gateway gives up."""
        gate = self._desk.gate()
        if gate is Gate.SILENT:
            await asyncio.Event().wait()
        ending = AWAY if gate is Gate.CLOSED else await self._converse()
        if ending is not None:
            await self._context.abort(*ending)

    async def _converse(self) -> Ending | None:
        pending: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(self._read_all(tasks, pending))
            await asyncio.wait((reading,), timeout=self._desk.closes_in_s())
            ending = reading.result() if reading.done() else AWAY
            if ending is not None:
                # Nobody is cancelled in the middle of a write: gRPC would go on with it and take no status,
                # and the stream would never end.
                async with self._turn:
                    for one in (reading, *pending):
                        one.cancel()
        return ending

    async def _read_all(self, tasks: asyncio.TaskGroup, pending: set[asyncio.Task[None]]) -> Ending | None:
        while (message := await self._context.read()) is not EOF:
            try:
                word = self._conversation.hear(message)
            except ValueError as error:
                return grpc.StatusCode.INVALID_ARGUMENT, str(error)
            if word is None:
                continue
            if word.reply is None:
                return RESET
            if word.delay_ms == 0:
                await self._say(word.reply, word.copies)
                continue
            await self._room.acquire()
            waiting = tasks.create_task(self._say_later(word, word.reply))
            pending.add(waiting)
            waiting.add_done_callback(pending.discard)
        return None

    async def _say_later(self, word: Word, reply: bytes) -> None:
        try:
            await asyncio.sleep(word.delay_ms / 1000)
            await self._say(reply, word.copies)
        finally:
            self._room.release()

    async def _say(self, reply: bytes, copies: int) -> None:
        """gRPC allows one write at a time."""
        async with self._turn:
            for _ in range(copies):
                await self._context.write(reply)
                self._counts.replies += 1
                self._counts.reply_bytes += len(reply)
