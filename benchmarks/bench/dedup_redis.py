"""Dedup, Redis: new order ids a second, beside a Redis that is asked nothing but whether it knows them.

Ours is check and admit of whole inquiries at one institution each: parsed, judged, known by order id and by
question, and stored. Redis gets a pipelined SET NX of a digest for each order id
(benchmarks.peers.redis_dedup). Both hold as many before, and each runs alone: ours on one core, Redis and its
client on two. Where redis-server is not installed there is no peer, and the result says so.
"""

import asyncio
from collections.abc import Iterable

from benchmarks.bench.live import MESSAGE_COUNT, LiveEngine, Targets
from benchmarks.bench.result import Result
from benchmarks.bench.scratch import scratch_folder
from benchmarks.bench.timing import uncollected
from benchmarks.peers.redis_dedup import redis_dedup
from gateway.directory import Directory

NAME = "engine.dedup_vs_redis"
UNIT = "inquiries/s"
KEY_COUNT = 60_000


def measure(quick: bool) -> Iterable[Result]:
    """Seconds when quick, else half a minute: Redis is filled anew for each run."""
    with uncollected():
        yield beside_redis(Directory.load(), 100_000 if quick else 1_000_000, 2 if quick else 5)


def beside_redis(directory: Directory, live_count: int, run_count: int) -> Result:
    """A run of each in turn, so many known before."""
    targets = Targets(directory)
    live = LiveEngine(directory, live_count)
    live.fill(targets, live_count)
    ours: list[float] = []
    redis: list[float] = []
    is_installed = True
    with scratch_folder() as folder:
        for load in targets.loads(live_count, run_count):
            live.serve(load.count)
            ours.append(1e9 / live.timed_ns(load))
            if is_installed:
                rate = asyncio.run(redis_dedup(KEY_COUNT, folder, live_entries=live_count))
                is_installed = rate is not None
                redis += [] if rate is None else [rate]
    live.expect_known(targets, 0, min(MESSAGE_COUNT, live_count))
    extra = {"known_before": live_count}
    if not is_installed:
        return Result(NAME, UNIT, tuple(ours), note="redis-server is not installed", extra=extra)
    return Result(NAME, UNIT, tuple(ours), tuple(redis), "Redis, pipelined SET NX", extra=extra)
