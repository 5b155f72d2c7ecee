"""End to end, hubs: waves of inquiries of everybody at 372 endpoints; beside the peers, in turn.

Client, gateway and simulator are processes of their own; courts and gateway speak mutual TLS; every
acknowledgement is durable; nobody asks what another has asked. Queries a second are those of the final
answers, over the time from the first send to the last of these.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.bench.result import Result, curve, growth
from benchmarks.bench.scratch import scratch_folder
from benchmarks.bench.stage import config, connected, run
from benchmarks.bench.streams import Streams
from benchmarks.bench.waves import ENDPOINT_COUNT, Lap, Waves, busy, cuts
from benchmarks.peers.asyncio_batching import CHANNEL_COUNT as BATCHING_CHANNELS
from benchmarks.peers.asyncio_batching import IN_FLIGHT_MAX as BATCHING_IN_FLIGHT
from benchmarks.peers.asyncio_batching import everybody
from benchmarks.peers.rpc_per_query import CHANNEL_COUNT as RPC_CHANNELS
from benchmarks.peers.rpc_per_query import IN_FLIGHT_MAX as RPC_IN_FLIGHT
from benchmarks.peers.rpc_per_query import scopes
from benchmarks.peers.stage import Stage
from benchmarks.stack import Stack

HUBS = "e2e.hubs_queries_per_second"
RPC = "e2e.vs_rpc_per_query"
BATCHING = "e2e.vs_python_batching"
UNIT = "queries/s"
# What throughput must not depend on: from the first point of the curve to the last, time grows by less.
GROWTH_MAX = 1.25
GROWTH_NAME = "time per query over client streams"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. A run is `wave_count` messages of `wave_size`, sent one behind the other;
    `share_size`: a message of one among several clients."""

    wave_size: int
    wave_count: int
    run_count: int
    warm_up_count: int
    sizes: tuple[int, ...]
    stream_counts: tuple[int, ...]
    share_size: int
    rpc_queries: int
    batching_inquiries: int


QUICK = Plan(4_000, 2, 2, 1, (250, 1_000), (1, 16), 250, 1_500, 40)
FULL = Plan(4_000, 5, 5, 3, (64, 250, 1_000, 2_000, 4_000, 8_000), (1, 2, 4, 8, 16), 1_000, 4_000, 2_000)


def measure(quick: bool) -> Iterable[Result]:
    """About 15 seconds when quick, else two minutes."""
    yield from run(over_plan(QUICK if quick else FULL))


async def over_plan(plan: Plan) -> list[Result]:
    """Ours and the peers' runs in turn, then our curves."""
    with scratch_folder() as folder:
        rpc = Stage("rpc", folder / "rpc", channel_count=RPC_CHANNELS, in_flight_max=RPC_IN_FLIGHT)
        batching = Stage(
            "batching",
            folder / "batching",
            channel_count=BATCHING_CHANNELS,
            in_flight_max=BATCHING_IN_FLIGHT,
        )
        async with Stack(config(folder)) as stack, rpc, batching:
            await connected(stack, ENDPOINT_COUNT)
            waves = Waves(stack)
            laps, rpc_runs, batching_runs, cut = await _in_turn(plan, stack, waves, rpc, batching)
            curves, grown = await _curves(plan, stack, waves)
    ours = tuple(lap.queries_per_second for lap in laps)
    extra = {"processes": busy(laps), "cuts": cut, "curves": curves, "growth": grown}
    return [
        Result(HUBS, UNIT, ours, extra=extra),
        Result(RPC, UNIT, ours, tuple(rpc_runs), "one call per query"),
        Result(BATCHING, UNIT, ours, tuple(batching_runs), "asyncio gateway with batching"),
    ]


async def _in_turn(
    plan: Plan, stack: Stack, waves: Waves, rpc: Stage, batching: Stage
) -> tuple[list[Lap], list[float], list[float], dict[str, Any]]:
    laps: list[Lap] = []
    rpc_runs: list[float] = []
    batching_runs: list[float] = []
    async with Streams(stack) as streams:
        for _ in range(plan.warm_up_count):
            await waves.lap(streams, 1, 1, plan.wave_size)
        await rpc.queries_per_second(scopes(plan.rpc_queries // 4))
        await batching.queries_per_second([everybody()] * (plan.batching_inquiries // 4))
        before = await waves.rest()
        for _ in range(plan.run_count):
            laps.append(await waves.lap(streams, 1, plan.wave_count, plan.wave_size))
            rpc_runs.append(await rpc.queries_per_second(scopes(plan.rpc_queries)))
            batching_runs.append(await batching.queries_per_second([everybody()] * plan.batching_inquiries))
        after = await waves.rest()
    return laps, rpc_runs, batching_runs, cuts(before, after)


async def _curves(plan: Plan, stack: Stack, waves: Waves) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Throughput over the size of a single wave, and over how many streams the same load comes on."""
    by_size: list[tuple[float, float]] = []
    async with Streams(stack) as streams:
        for size in plan.sizes:
            laps = [await waves.lap(streams, 1, 1, size) for _ in range(plan.warm_up_count)]
            by_size.append((float(size), median(lap.queries_per_second for lap in laps)))
    by_streams: list[tuple[float, float]] = []
    # Always the same messages: only who brings them differs.
    message_count = max(plan.stream_counts)
    for count in plan.stream_counts:
        async with Streams(stack, count) as streams:
            each = message_count // count
            laps = [await waves.lap(streams, count, each, plan.share_size) for _ in range(plan.warm_up_count)]
        by_streams.append((float(count), median(lap.queries_per_second for lap in laps)))
    seconds = [(count, 1 / rate) for count, rate in by_streams]
    return {
        "e2e.queries_per_second_over_wave_size": curve("inquiries in a wave", UNIT, by_size),
        "e2e.queries_per_second_over_client_streams": curve("client streams", UNIT, by_streams),
    }, [growth(GROWTH_NAME, seconds, GROWTH_MAX)]
