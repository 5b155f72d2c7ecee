"""Tally: what tickets have come to while queries are open, and asks ended when all have answered."""

from benchmarks.core import stage
from benchmarks.core._inside import cover, finished, settle_sums
from benchmarks.core.conftest import Measure
from benchmarks.engine.world import NOW_NS, World
from gateway._core import Engine
from gateway.directory import Directory

COVERED_COUNT = 500
ENDED_COUNT = 4_000


def test_tickets_covered(measure: Measure, directory: Directory) -> None:
    count = measure.size(COVERED_COUNT)
    world = stage.admitted(directory, stage.broadcast(count))
    replies = stage.nothing_found(world, stage.batches(world))
    silent = sum(len(world.answered[endpoint]) for endpoint, _ in replies[1::2])
    capable = sum(map(len, world.answered))
    for endpoint, reply in replies[::2]:
        assert world.engine.settle(endpoint, reply, NOW_NS).fault == 0
    settle_sums(world.engine)
    expected = {(count * silent, count * (capable - silent))}
    assert measure(cover, lambda: world.engine, count) == expected


def test_asks_ended(measure: Measure, directory: Directory) -> None:
    count = measure.size(ENDED_COUNT)
    worlds: list[World] = []

    def answered() -> Engine:
        worlds[:] = [stage.answered(directory, stage.broadcast(count))]
        assert finished(worlds[0].engine) == 0
        return worlds[0].engine

    measure(settle_sums, answered, count, rounds=7)
    assert finished(worlds[0].engine) == count
