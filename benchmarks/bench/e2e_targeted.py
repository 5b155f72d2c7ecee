"""End to end, targeted: inquiries at one institution each, over the 372 endpoints in turn.

One bulk stream in, every message acknowledged once it is durable, answers out on the court's watch; client,
gateway and simulator are processes of their own, with mutual TLS between court and gateway. Inquiries a
second are those with a final answer, over the time from the first send to the last of these.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from benchmarks.bench.answered import Wanted
from benchmarks.bench.aside import aside
from benchmarks.bench.messages import Template
from benchmarks.bench.result import Result, curve
from benchmarks.bench.scratch import scratch_folder
from benchmarks.bench.stage import config, connected, run
from benchmarks.bench.streams import Load, Streams
from benchmarks.bench.waves import ENDPOINT_COUNT, Lap, Waves, busy, cuts
from benchmarks.stack import Stack
from gateway.directory import Directory
from gateway.directory.model import INQUIRE

NAME = "e2e.targeted_inquiries_per_second"
UNIT = "inquiries/s"


@dataclass(frozen=True, slots=True)
class Plan:
    """A run is so many messages of `size` inquiries, sent one behind the other."""

    size: int
    message_count: int
    run_count: int
    warm_up_count: int
    sizes: tuple[int, ...]


QUICK = Plan(4_000, 5, 2, 1, ())
FULL = Plan(4_000, 25, 5, 3, (100, 1_000, 4_000, 8_000))


def measure(quick: bool) -> Iterable[Result]:
    """Some seconds when quick, else a minute: the projection is waited for."""
    yield run(over_plan(QUICK if quick else FULL))


async def over_plan(plan: Plan) -> Result:
    """The runs, then the same over the size of a message."""
    with scratch_folder() as folder:
        async with Stack(config(folder)) as stack, Streams(stack) as streams:
            await connected(stack, ENDPOINT_COUNT)
            with aside([stack.pids["simulator"]]):
                targeted = Targeted(Waves(stack), streams)
                for _ in range(plan.warm_up_count):
                    await targeted.lap(plan.message_count, plan.size)
                before = await targeted.waves.rest()
                laps = [await targeted.lap(plan.message_count, plan.size) for _ in range(plan.run_count)]
                after = await targeted.waves.rest()
                count = plan.message_count * plan.size
                points = [
                    (float(size), (await targeted.lap(count // size // 2, size)).queries_per_second)
                    for size in plan.sizes
                ]
    curves = {"e2e.inquiries_per_second_over_message_size": curve("inquiries in a message", UNIT, points)}
    extra = {"processes": busy(laps), "cuts": cuts(before, after), "curves": curves if points else {}}
    return Result(NAME, UNIT, tuple(lap.queries_per_second for lap in laps), extra=extra)


class Targeted:
    """Rounds of inquiries at one institution each: the last that can be inquired of, at each endpoint."""

    def __init__(self, waves: Waves, streams: Streams) -> None:
        directory = Directory.load()
        able = [
            [index for index in endpoint.institutions if INQUIRE in directory.institutions[index].can]
            for endpoint in directory.endpoints
        ]
        self.waves = waves
        self._streams = streams
        self._template = Template()
        self._institutions = tuple(members[-1] for members in able if members)

    async def lap(self, message_count: int, size: int) -> Lap:
        """So many messages of `size` inquiries; WrongAnswerError for a wrong answer."""
        first = self.waves.sent_count
        messages = tuple(self._message(size) for _ in range(message_count))
        count = message_count * size
        wanted = Wanted(first, count, self._institutions)
        return await self.waves.checked(self._streams, [Load(messages, count)], wanted)

    def _message(self, size: int) -> bytes:
        orders = np.arange(self.waves.sent_count, self.waves.sent_count + size)
        self.waves.sent_count += size
        institutions = np.array(self._institutions, np.int64)
        return self._template.message(orders, orders, institutions[orders % len(institutions)])
