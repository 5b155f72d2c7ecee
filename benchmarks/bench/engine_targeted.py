"""Engine, targeted: check and admit of inquiries at one institution each, beside the C floor.

Live entries are open inquiries (benchmarks.bench.live); the floor has as many entries in its one table, where
it looks for order ids and questions. Every run sends the same messages to both, in turn; all of them must be
accepted, and known afterwards. Neither side grows while it is timed: before each run the Engine answers as
many of its oldest inquiries as the run brings, and the floor forgets what the last one brought. What an
inquiry costs while the Engine grows is measured too, beside the figure; and at every level waves beside what
is live (benchmarks.bench.engine_live).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from time import perf_counter_ns
from typing import Any

import psutil

from benchmarks.bench.answering import ENGINE_KEY
from benchmarks.bench.engine_live import LiveWaves
from benchmarks.bench.live import MESSAGE_COUNT, LiveEngine, Targets
from benchmarks.bench.result import Result, curve, expect, growth
from benchmarks.bench.timing import alternate, uncollected
from benchmarks.floor._floor import Floor
from gateway.directory import Directory

NAME = "engine.targeted_vs_floor"
LIVE_COUNTS = (10_000, 100_000, 1_000_000, 10_000_000)
# An open inquiry, its order id and the floor's entry, with the tables in the midst of doubling.
LIVE_BYTES = 1_500
# Joining needs earlier questions; so many of ten inquiries ask one.
JOINED_SHARE = 0.3
GROWTH_NAME = "time per targeted inquiry over live entries"
# Of tables, for each inquiry: order ids, subjects, inquiries; the floor has two.
OUR_PROBES = 3
FLOOR_PROBES = 2


@dataclass(frozen=True, slots=True)
class Level:
    """At so many live entries: nanoseconds a targeted inquiry, run by run, and of the median with 30 % that
    join; nanoseconds a query of the median wave of either kind."""

    live_count: int
    ours: tuple[float, ...]
    floor: tuple[float, ...]
    joining_ns: float
    broadcast_ns: float
    mixed_ns: float


def measure(quick: bool) -> Iterable[Result]:
    """To a million live entries when quick, else to ten; a minute or two."""
    directory = Directory.load()
    with uncollected():
        yield beside_floor(
            directory, live_counts(quick, psutil.virtual_memory().available), 5 if quick else 9
        )


def live_counts(quick: bool, available_bytes: int) -> list[int]:
    """Those for which there is memory; at least the smallest."""
    most = min(LIVE_COUNTS[-2] if quick else LIVE_COUNTS[-1], available_bytes // LIVE_BYTES)
    return [count for count in LIVE_COUNTS if count <= max(most, LIVE_COUNTS[0])]


def beside_floor(directory: Directory, counts: list[int], run_count: int) -> Result:
    """The last of `counts` is the result, the others are the curve."""
    targets = Targets(directory)
    live = LiveEngine(directory, counts[-1])
    waves = LiveWaves(live, directory)
    levels: list[Level] = []
    for count in counts:
        levels.append(_level(live, waves, targets, count, run_count))
        # The first level's were about subjects of their own; later loads have repeated some.
        live.expect_known(targets, 0, min(MESSAGE_COUNT, counts[0]))
    last = levels[-1]
    ours = [(float(level.live_count), median(level.ours)) for level in levels]
    floor = [(float(level.live_count), median(level.floor)) for level in levels]
    return Result(
        NAME,
        "ns",
        last.ours,
        last.floor,
        f"the C floor, {last.live_count:,} live entries",
        extra={
            "live_entries": last.live_count,
            "curves": {
                "engine.ns_per_targeted_inquiry_over_live_entries": curve(
                    "live entries", "ns per inquiry", ours
                ),
                "floor.ns_per_inquiry_over_live_entries": curve("live entries", "ns per inquiry", floor),
                "engine.queries_per_second_over_live_entries": _rates(ours),
                "engine.joining_queries_per_second_over_live_entries": _rates(
                    [(level.live_count, level.joining_ns) for level in levels]
                ),
                "engine.broadcast_queries_per_second_over_live_entries": _rates(
                    [(level.live_count, level.broadcast_ns) for level in levels]
                ),
                "engine.mixed_queries_per_second_over_live_entries": _rates(
                    [(level.live_count, level.mixed_ns) for level in levels]
                ),
                "floor.queries_per_second_over_live_entries": _rates(floor),
            },
            "growth": [growth(GROWTH_NAME, ours, _growth_max(ours, floor))],
            "ns_per_inquiry_30_percent_joined": last.joining_ns,
            "ns_per_inquiry_while_growing": _growing(live, targets, run_count),
        },
    )


def _growth_max(ours: list[tuple[float, float]], floor: list[tuple[float, float]]) -> float:
    """Half as much again, and what cache misses add: the floor's, by our number of probes over its own."""
    misses_ns = (floor[-1][1] - floor[0][1]) * OUR_PROBES / FLOOR_PROBES
    return 1.5 + max(0.0, misses_ns) / ours[0][1]


def _rates(points: list[tuple[float, float]]) -> dict[str, Any]:
    """Of nanoseconds a query; an inquiry at one institution is one."""
    return curve("live entries", "queries/s", [(count, 1e9 / ns) for count, ns in points])


def _level(live: LiveEngine, waves: LiveWaves, targets: Targets, live_count: int, run_count: int) -> Level:
    live.fill(targets, live_count)
    floor = Floor(live_count, ENGINE_KEY)
    loads = targets.loads(live_count, run_count + 2)

    def of_engine(run: int) -> float:
        live.serve(loads[run].count)
        return live.timed_ns(loads[run])

    def of_floor(run: int) -> float:
        load = loads[run]
        start_ns = perf_counter_ns()
        counted = sum([floor.run(message) for message in load.messages])
        ns = perf_counter_ns() - start_ns
        expect("inquiries counted by the floor", counted, load.count)
        expect("entries that the floor put in", floor.forget(), 2 * load.count)
        return ns / load.count

    ours, reference = alternate(run_count + 2, of_engine, of_floor)
    joining_ns = _joining(live, targets, run_count)
    # Each of both after the other, the first of each warms up.
    pairs = [(waves.broadcast_ns(), waves.mixed_ns()) for _ in range(run_count + 1)][1:]
    broadcast_ns, mixed_ns = (median(kind) for kind in zip(*pairs, strict=True))
    return Level(live_count, ours[2:], reference[2:], joining_ns, broadcast_ns, mixed_ns)


def _joining(live: LiveEngine, targets: Targets, run_count: int) -> float:
    """The same when 30 % ask what is open already, or was answered just now."""
    loads = targets.loads(live.open_count, run_count, JOINED_SHARE)
    before = live.engine.stats()["queries_joined"]
    runs: list[float] = []
    for load in loads:
        live.serve(load.count)
        runs.append(live.timed_ns(load))
        live.collect()
    ns = median(runs)
    joined = live.engine.stats()["queries_joined"] - before
    expect("queries joined", joined, sum(load.joined_count for load in loads))
    return ns


def _growing(live: LiveEngine, targets: Targets, run_count: int) -> float:
    """The same when nothing is answered between the runs: the pages that are new are part of it."""
    loads = targets.loads(live.open_count, run_count)
    return median([live.timed_ns(load) for load in loads])
