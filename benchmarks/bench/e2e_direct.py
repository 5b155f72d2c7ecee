"""End to end, direct: waves of everybody at 3,916 endpoints, beside the transport's ceiling, in turn.

The ceiling's shape is what one of our own waves came to on the wire: so many messages of so many bytes over
as many streams between as many processes, through handlers that do nothing. Its queries a second are those of
the wave it stands for.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.bench.direct import DirectStack, keys
from benchmarks.bench.result import Result, expect
from benchmarks.bench.scratch import scratch_folder
from benchmarks.bench.stage import config, connected, run
from benchmarks.bench.streams import Streams
from benchmarks.bench.waves import BATCHES, SENT, Lap, Waves, busy, cuts
from benchmarks.floor.ceiling import Ceiling
from benchmarks.floor.shape import Shape
from benchmarks.scrape import Scrape

T = TypeVar("T")

NAME = "e2e.direct_vs_ceiling"
UNIT = "queries/s"
STARTS_MAX = 3
TELL_S_MAX = 10.0
TELL_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Plan:
    """A run is one message of `wave_size` inquiries."""

    wave_size: int
    run_count: int
    warm_up_count: int = 3


QUICK = Plan(200, 2, 1)
FULL = Plan(4_000, 5)


def measure(quick: bool) -> Iterable[Result]:
    """Half a minute when quick, most of it to open twice 3,916 streams; else two."""
    yield run(over_plan(QUICK if quick else FULL))


async def over_plan(plan: Plan) -> Result:
    """Runs of both in turn, all streams of both open all the while."""
    with scratch_folder() as folder:
        async with started(lambda: DirectStack(config(folder))) as stack:
            await connected(stack, len(keys()))
            waves = Waves(stack)
            async with Streams(stack) as streams:
                for _ in range(plan.warm_up_count - 1):
                    await waves.lap(streams, 1, 1, plan.wave_size)
                seen = Seen(await waves.rest(), await told(stack.pids["simulator"], folder))
                # The last that warms up is the one that is looked at.
                lap = await waves.lap(streams, 1, 1, plan.wave_size)
                before = await waves.rest()
                shape = shape_of(lap, seen, Seen(before, await told(stack.pids["simulator"], folder)))
                async with started(lambda: Ceiling(shape, folder)) as ceiling:
                    for _ in range(plan.warm_up_count):
                        await ceiling.round()
                    laps: list[Lap] = []
                    references: list[float] = []
                    for place in range(plan.run_count):
                        # Who goes first changes.
                        if place % 2:
                            references.append(await ceiling.round())
                        laps.append(await waves.lap(streams, 1, 1, plan.wave_size))
                        if not place % 2:
                            references.append(await ceiling.round())
                after = await waves.rest()
    return Result(
        NAME,
        UNIT,
        tuple(lap.queries_per_second for lap in laps),
        tuple(lap.query_count / seconds for lap, seconds in zip(laps, references, strict=True)),
        "handlers that do nothing, same bytes",
        extra={"processes": busy(laps), "cuts": cuts(before, after), "ceiling_shape": shape.to_json()},
    )


@asynccontextmanager
async def started(make: Callable[[], AbstractAsyncContextManager[T]]) -> AsyncIterator[T]:
    """Enter what is made; when one of its processes has ended on the way up, make it anew, so many times.

    With thousands of servers starting in a process, gRPC's own threads crash now and then (1.85; a general
    protection fault within its event engine). What crashes later is no figure.
    """
    async with AsyncExitStack() as exits:
        for number in range(1, STARTS_MAX):
            try:
                entered = await exits.enter_async_context(make())
                break
            except RuntimeError as error:
                print(f"start {number} of {STARTS_MAX} failed: {error}", file=sys.stderr, flush=True)
        else:
            entered = await exits.enter_async_context(make())
        yield entered


@dataclass(frozen=True, slots=True)
class Seen:
    """What gateway and simulator had counted at one moment; `replies`: how many, and their bytes."""

    figures: Scrape
    replies: tuple[int, int]


def shape_of(lap: Lap, before: Seen, after: Seen) -> Shape:
    """What this one lap came to on the wire. WrongAnswerError when batches and replies differ."""
    batch_count = round(after.figures.total(BATCHES) - before.figures.total(BATCHES))
    reply_count = after.replies[0] - before.replies[0]
    expect("replies", reply_count, batch_count)
    # Those that cannot be inquired of get no batch.
    endpoint_count = min(batch_count, len(keys()))
    while batch_count % endpoint_count:
        endpoint_count -= 1
    came = lap.round
    return Shape(
        message_count=len(came.sent_bytes),
        message_bytes=sum(came.sent_bytes) // len(came.sent_bytes),
        endpoint_count=endpoint_count,
        batch_count=batch_count // endpoint_count,
        batch_bytes=round((after.figures.total(SENT) - before.figures.total(SENT)) / batch_count),
        reply_bytes=(after.replies[1] - before.replies[1]) // reply_count,
        answers_count=len(came.answers),
        answers_bytes=sum(map(len, came.answers)) // len(came.answers),
        ack_bytes=sum(map(len, came.acknowledgements)) // len(came.acknowledgements),
    )


async def told(pid: int, folder: Path) -> tuple[int, int]:
    """How many replies the simulator has given, and their bytes. TimeoutError."""
    log = folder / "simulator.log"
    line_count = len(_answers(log))
    os.kill(pid, signal.SIGUSR1)
    async with asyncio.timeout(TELL_S_MAX):
        while len(lines := _answers(log)) <= line_count:  # noqa: ASYNC110 - it is a file that is waited for
            await asyncio.sleep(TELL_EVERY_S)
    words = dict(word.split("=") for word in lines[-1].split()[1:])
    return int(words["replies"]), int(words["bytes"])


def _answers(log: Path) -> list[str]:
    """Whole lines only: another process writes it."""
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    return [line for line in lines if line.startswith("answered ") and line.endswith("\n")]
