"""Streams: courts' bulk and watch streams as bytes, and rounds of messages through them.

The client does little while the clock runs: messages are made before, answers are kept as they came, and
counted by a mark in their bytes. What is in them is read afterwards (benchmarks.bench.answered).
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from time import perf_counter
from types import TracebackType
from typing import Any, Final, Self

from benchmarks.bench.messages import COURT
from benchmarks.bench.result import WrongAnswerError
from benchmarks.bench.stage import figures
from benchmarks.stack import Stack
from chakong.gateway.v1.gateway_pb2 import STAGE_FINAL, WatchRequest
from gateway.edge.server import SERVICE
from runtime.data import courts

ROUND_S_MAX = 300.0
CONNECT_S_MAX = 30.0
LAST_FRAME = "chakong_journal_last_frame"
# The end of a case number, as benchmarks.bench.messages makes them, and the stage behind it. That it counts
# final answers and nothing else is made sure of when they are read.
FINAL_MARK: Final = "号".encode() + bytes((4 << 3, STAGE_FINAL))
# COURT first: templates are its.
COURTS: Final = tuple(sorted((row["code"] for row in courts()), key=lambda code: code != COURT))


@dataclass(frozen=True, slots=True)
class Load:
    """What one stream sends in a round: a message every `every_s`, whatever comes back; 0: as soon as the
    last one has left."""

    messages: tuple[bytes, ...]
    inquiry_count: int
    every_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Round:
    """What came of it, by message. `seconds`: from the first message's writing to the last final answer's
    reading; `arrived_s`: of each message of answers, since the same moment."""

    seconds: float
    sent_bytes: tuple[int, ...]
    acknowledgements: tuple[bytes, ...]
    answers: tuple[bytes, ...]
    arrived_s: tuple[float, ...] = ()


class Streams:
    """Use as an async context: `count` bulk streams, each on a connection of its own, of the eight courts in
    turn; and for every court that has one of them a watch, of what comes from now on."""

    def __init__(self, stack: Stack, count: int = 1) -> None:
        self._stack = stack
        self._count = count
        self._exits = AsyncExitStack()
        self._bulks: list[Any] = []
        self._watches: list[Any] = []

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(CONNECT_S_MAX):
                await self._open()
        except BaseException:
            await self._exits.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    def court_of(self, stream: int) -> str:
        """Whose stream it is."""
        return COURTS[stream % len(COURTS)]

    async def round(self, loads: Sequence[Load]) -> Round:
        """Send a load on each stream, and wait for all final answers. TimeoutError, grpc.RpcError or
        WrongAnswerError in a group; RuntimeError when a process has ended."""
        wanted = [0] * len(self._watches)
        for stream, load in enumerate(loads):
            wanted[stream % len(COURTS)] += load.inquiry_count
        answers: list[tuple[bytes, float]] = []
        started = perf_counter()
        try:
            async with asyncio.timeout(ROUND_S_MAX), asyncio.TaskGroup() as tasks:
                acknowledged = []
                for bulk, load in zip(self._bulks, loads, strict=True):
                    tasks.create_task(_write(bulk, load))
                    acknowledged.append(tasks.create_task(_read(bulk, len(load.messages))))
                watched = [
                    tasks.create_task(count_finals(watch, count, answers))
                    for watch, count in zip(self._watches, wanted, strict=True)
                ]
        except BaseException:
            self._stack.require_alive()
            raise
        ended = max(one.result() for one in watched)
        came = tuple(message for one in acknowledged for message in one.result())
        sent_bytes = tuple(len(message) for load in loads for message in load.messages)
        return Round(
            ended - started,
            sent_bytes,
            came,
            tuple(message for message, _ in answers),
            tuple(arrived - started for _, arrived in answers),
        )

    async def _open(self) -> None:
        # What was answered before is nobody's of this context.
        cursor = int((await figures(self._stack)).total(LAST_FRAME))
        request = WatchRequest(cursor=cursor).SerializeToString()
        for stream in range(self._count):
            court = self.court_of(stream)
            connection = await self._exits.enter_async_context(self._stack.court(court))
            bulk: Any = connection.channel.stream_stream(f"/{SERVICE}/SubmitBulk", None, None)
            self._bulks.append(bulk())
            if stream < len(COURTS):
                watch: Any = connection.channel.unary_stream(f"/{SERVICE}/Watch", None, None)
                self._watches.append(watch(request))
        for bulk in self._bulks:
            await bulk.wait_for_connection()


async def _write(bulk: Any, load: Load) -> None:
    started = perf_counter()
    for place, message in enumerate(load.messages):
        if (early_s := started + place * load.every_s - perf_counter()) > 0:
            await asyncio.sleep(early_s)
        await bulk.write(message)


async def _read(bulk: Any, count: int) -> list[bytes]:
    came: list[bytes] = []
    while len(came) < count:
        message = await bulk.read()
        if not isinstance(message, bytes):
            raise WrongAnswerError(f"bulk stream: ended after {len(came)} of {count} acknowledgements")
        came.append(message)
    return came


async def count_finals(watch: Any, count: int, answers: list[tuple[bytes, float]]) -> float:
    """Read a watch into `answers`, with when each message came, until so many final answers; when the last
    was there. WrongAnswerError when the watch ends before."""
    final_count = 0
    while final_count < count:
        message = await watch.read()
        if not isinstance(message, bytes):
            raise WrongAnswerError(f"watch stream: ended after {final_count} of {count} final answers")
        answers.append((message, perf_counter()))
        final_count += message.count(FINAL_MARK)
    return perf_counter()
