"""gRPC: screening over one bulk stream, client and server each a process, on the same cores.

Plaintext on loopback. A few messages are on their way at a time; every answer is read and compared after the
clock stopped.
"""

import asyncio
import sys
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Any, Final

from grpc import aio

from benchmarks.bench.result import Result, expect
from benchmarks.bench.scratch import scratch_folder
from benchmarks.bench.stage import run
from benchmarks.bench.timing import uncollected
from benchmarks.floor.process import LOOPBACK, OPTIONS
from benchmarks.service import Service
from benchmarks.services.blacklist_server import BULK
from benchmarks.services.blacklist_stage import (
    ENTRY_COUNT,
    MESSAGE_COUNT,
    QUICK_ENTRY_COUNT,
    Asked,
    asked,
)
from benchmarks.stack import free_port
from runtime.identity import PLAINTEXT_METADATA_KEY, Identity, Role

Call = aio.StreamStreamCall[bytes, bytes]
NAME: Final = "blacklist.screen_grpc_per_second"
UNIT: Final = "subjects/s"
IN_FLIGHT: Final = 4
READY_S_MAX: Final = 180.0
RUN_S_MAX: Final = 120.0
STOP_S_MAX: Final = 10.0


def measure(quick: bool) -> Iterable[Result]:
    """A minute; quick, some seconds."""
    if quick:
        yield run(over_stream(QUICK_ENTRY_COUNT, 20, 2))
    else:
        yield run(over_stream(ENTRY_COUNT, 100, 7))


async def over_stream(entry_count: int, message_count: int, run_count: int) -> Result:
    """Runs of so many messages over one stream; the first warms up and does not count."""
    messages = asked(entry_count, message_count)
    port = free_port()
    command = (sys.executable, "-m", "benchmarks.services.blacklist_server", str(port), str(entry_count))
    identity = Identity(Role.UNIT, "", "railway")
    runs = []
    with scratch_folder() as folder:
        async with (
            Service("screening", command, folder / "screening.log", STOP_S_MAX) as service,
            aio.insecure_channel(f"{LOOPBACK}:{port}", options=OPTIONS) as channel,
        ):
            await service.ready(READY_S_MAX)
            metadata = ((PLAINTEXT_METADATA_KEY, identity.uri),)
            bulk: Any = channel.stream_stream(BULK, None, None)
            stream: Call = bulk(metadata=metadata)
            for _ in range(run_count + 1):
                with uncollected():
                    answers, seconds = await _sent(stream, [one.encoded for one in messages])
                _check(messages, answers)
                runs.append(message_count * MESSAGE_COUNT / seconds)
            await stream.done_writing()
    extra = {"entries": entry_count, "subjects_a_message": MESSAGE_COUNT, "in_flight": IN_FLIGHT}
    return Result(NAME, UNIT, tuple(runs[1:]), extra=extra)


async def _sent(stream: Call, messages: Sequence[bytes]) -> tuple[list[bytes], float]:
    """Answers in order, and the seconds. TimeoutError."""
    room = asyncio.Semaphore(IN_FLIGHT)
    answers: list[bytes] = []

    async def write() -> None:
        for message in messages:
            await room.acquire()
            await stream.write(message)

    started = perf_counter()
    async with asyncio.timeout(RUN_S_MAX), asyncio.TaskGroup() as tasks:
        tasks.create_task(write())
        for _ in messages:
            answer = await stream.read()
            if not isinstance(answer, bytes):
                break
            answers.append(answer)
            room.release()
    return answers, perf_counter() - started


def _check(messages: Sequence[Asked], answers: Sequence[bytes]) -> None:
    expect("answers", len(answers), len(messages))
    for one, answer in zip(messages, answers, strict=True):
        one.expect_answer(answer)
