"""Unary, latency: 500 calls a second by schedule, while bulk runs at 40 % of its own capacity.

Open model: a call is due when chance said so before the run began, and its latency counts from then, however
late it left. What bulk can do alone is measured first, with the same messages. Afterwards every answer of
both is read.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter_ns
from typing import Any

from benchmarks.bench.answered import Checker
from benchmarks.bench.caller import Caller, connections
from benchmarks.bench.readback import last_frame, watched
from benchmarks.bench.result import Result, WrongAnswerError, curve
from benchmarks.bench.scratch import scratch_folder
from benchmarks.bench.stage import config, connected, run, settled
from benchmarks.bench.streams import COURTS, Streams
from benchmarks.bench.timing import uncollected
from benchmarks.bench.unary import SUBMIT, Inquiries
from benchmarks.bench.waves import ENDPOINT_COUNT, Waves
from benchmarks.load.schedule import NS_PER_S, arrivals_ns
from benchmarks.stack import Stack
from runtime.chance import Chance

NAME = "unary.p99_ms"
UNIT = "ms"
RATE_PER_S = 500.0
BULK_SHARE = 0.4
NS_PER_MS = 1e6
CONNECTION_COUNT = 4
CALLS_S_MAX = 120.0
# A court of its own: its answers are not those of the bulk.
UNARY_COURT = COURTS[1]
# Numbers that the bulk never gets to.
FIRST_ORDER = 50_000_000
PERCENTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}


@dataclass(frozen=True, slots=True)
class Plan:
    """`size`: inquiries in a message of the bulk. `shares`: those of the curve."""

    size: int
    capacity_messages: int
    capacity_runs: int
    seconds: float
    run_count: int
    curve_seconds: float
    shares: tuple[float, ...]


QUICK = Plan(500, 10, 1, 2.0, 1, 1.5, (0.1, 0.4, 0.8))
FULL = Plan(500, 40, 3, 10.0, 3, 3.0, (0.1, 0.2, 0.4, 0.6, 0.8, 0.95))


@dataclass(frozen=True, slots=True)
class Run:
    """Latencies in milliseconds, ascending, and how late calls left; the bulk's rates in inquiries a second,
    as meant and as it came."""

    latencies_ms: tuple[float, ...]
    offered_count: int
    late_ms_max: float
    bulk_offered: float
    bulk_done: float

    def at(self, share: float) -> float:
        """The latency that this share of the calls did not exceed."""
        return self.latencies_ms[min(int(len(self.latencies_ms) * share), len(self.latencies_ms) - 1)]

    def told(self) -> dict[str, Any]:
        """For bench.json."""
        return {
            **{name: round(self.at(share), 2) for name, share in PERCENTILES.items()},
            "max": round(self.latencies_ms[-1], 2),
            "calls_offered": self.offered_count,
            "calls_done": len(self.latencies_ms),
            "left_late_ms_max": round(self.late_ms_max, 2),
            "bulk_inquiries_per_second_offered": round(self.bulk_offered),
            "bulk_inquiries_per_second_done": round(self.bulk_done),
        }


def measure(quick: bool) -> Iterable[Result]:
    """Some 10 seconds when quick, else two or three minutes: the projection is waited for."""
    yield run(over_plan(QUICK if quick else FULL))


async def over_plan(plan: Plan) -> Result:
    """The bulk's capacity, the runs at BULK_SHARE of it, and the curve over other shares."""
    with scratch_folder() as folder:
        async with Stack(config(folder)) as stack, Streams(stack) as streams:
            await connected(stack, ENDPOINT_COUNT)
            unary = connections(
                stack.gateway_address, stack.credentials(UNARY_COURT), SUBMIT, CONNECTION_COUNT
            )
            async with unary as callers:
                beside = Beside(stack, streams, callers, plan.size)
                capacity = await beside.capacity(plan.capacity_messages, plan.capacity_runs)
                runs = [
                    await beside.run(plan.seconds, BULK_SHARE * capacity, seed)
                    for seed in range(plan.run_count)
                ]
                others = [
                    await beside.run(plan.curve_seconds, share * capacity, plan.run_count + seed)
                    for seed, share in enumerate(plan.shares)
                ]
    extra: dict[str, Any] = {
        "bulk_capacity_inquiries_per_second": round(capacity),
        "bulk_message_inquiries": plan.size,
        "runs": [one.told() for one in runs],
    }
    if others:
        extra["offered"] = [one.told() for one in others]
        extra["curves"] = {
            f"latency_ms_over_offered.{name}": curve(
                "bulk offered, % of its capacity, beside 500 calls a second",
                "ms",
                [(100 * share, one.at(part)) for share, one in zip(plan.shares, others, strict=True)],
            )
            for name, part in PERCENTILES.items()
        }
    return Result(NAME, UNIT, tuple(one.at(0.99) for one in runs), extra=extra)


class Beside:
    """Unary calls beside bulk, on one stack."""

    def __init__(self, stack: Stack, streams: Streams, callers: Sequence[Caller], size: int) -> None:
        self._stack = stack
        self._streams = streams
        self._callers = callers
        self._size = size
        self._waves = Waves(stack)
        self._waves.is_resting = False
        self._inquiries = Inquiries(UNARY_COURT, FIRST_ORDER)
        self._checker = Checker()

    async def capacity(self, message_count: int, run_count: int) -> float:
        """Inquiries a second of the bulk alone; the first run warms up."""
        rates: list[float] = []
        for _ in range(run_count + 1):
            lap = await self._waves.lap(self._streams, 1, message_count, self._size)
            rates.append(message_count * self._size / lap.seconds)
            await self._rest()
        return median(rates[1:])

    async def run(self, seconds: float, bulk_rate: float, seed: int) -> Run:
        """So long, with calls that are due by this seed; WrongAnswerError for a wrong answer."""
        due_ns = list(arrivals_ns(RATE_PER_S, seconds, Chance(seed)))
        first, bulk_first = self._inquiries.sent_count, self._waves.sent_count
        cursor = await last_frame(self._stack)
        messages = self._inquiries.take(len(due_ns))
        every_s = self._size / bulk_rate
        bulk_count = max(1, int(seconds / every_s))
        loads = self._waves.loads(self._streams, 1, bulk_count, self._size, every_s)
        with uncollected():
            async with asyncio.TaskGroup() as tasks:
                bulk = tasks.create_task(self._streams.round(loads))
                calls = tasks.create_task(_called(self._callers, messages, due_ns))
        replies, latencies_ns, late_ns_max = calls.result()
        self._inquiries.expect_receipts(first, replies)
        # Not before: reading the bulk's answers would keep calls waiting that are due.
        self._waves.read(bulk.result(), bulk_first)
        await self._rest()
        answers = await watched(self._stack, UNARY_COURT, cursor, len(messages))
        self._checker.check_answers(answers, self._inquiries.wanted(first))
        return Run(
            tuple(sorted(one / NS_PER_MS for one in latencies_ns)),
            len(due_ns),
            late_ns_max / NS_PER_MS,
            bulk_rate,
            bulk_count * self._size / max(bulk.result().seconds, bulk_count * every_s),
        )

    async def _rest(self) -> None:
        await settled(self._stack, self._waves.sent_count + self._inquiries.sent_count)


async def _called(
    callers: Sequence[Caller], messages: Sequence[bytes], due_ns: Sequence[int]
) -> tuple[list[bytes], list[int], int]:
    """Replies and latencies in order, and the longest time that a call left late. WrongAnswerError when one
    failed; TimeoutError."""
    replies: list[bytes] = [b""] * len(messages)
    latencies_ns = [0] * len(messages)
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    left = len(messages)
    late_ns_max = 0
    start_ns = perf_counter_ns()

    def send(place: int, caller: Caller) -> None:
        def done(reply: bytes | None) -> None:
            nonlocal left
            if reply is None:
                if not ended.done():
                    ended.set_exception(WrongAnswerError(f"unary call {place}: {caller.error}"))
                return
            latencies_ns[place] = perf_counter_ns() - start_ns - due_ns[place]
            replies[place] = reply
            left -= 1
            if not left:
                ended.set_result(None)

        caller.call(messages[place], done)

    for place, at_ns in enumerate(due_ns):
        early_ns = start_ns + at_ns - perf_counter_ns()
        if early_ns > 0:
            await asyncio.sleep(early_ns / NS_PER_S)
        late_ns_max = max(late_ns_max, perf_counter_ns() - start_ns - at_ns)
        send(place, callers[place % len(callers)])
    async with asyncio.timeout(CALLS_S_MAX):
        await ended
    return replies, latencies_ns, late_ns_max
