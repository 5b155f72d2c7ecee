"""Ahead: what it is for, taking replies about more asks, parts and tickets than the cache holds."""

from benchmarks.core import stage
from benchmarks.core._inside import Replies
from benchmarks.core.conftest import Measure
from benchmarks.engine.world import NOW_NS, World
from gateway.directory import Directory

WAVE_COUNT = 4_000
WAVES = 8


def test_lane_replies_taken(measure: Measure, directory: Directory) -> None:
    count = measure.size(WAVE_COUNT)
    worlds: list[World] = []

    def ready() -> Replies:
        world = stage.admitted(directory, *(stage.targeted(count, wave * count) for wave in range(WAVES)))
        worlds[:] = [world]
        return Replies(world.engine, stage.nothing_found(world, stage.batches(world)))

    assert measure(lambda replies: replies.settle(NOW_NS), ready, WAVES * count, rounds=7) == {0}
    assert worlds[0].engine.stats()["in_flight"] == 0


def test_findings_of_two_segments_taken(measure: Measure, directory: Directory) -> None:
    count = measure.size(WAVE_COUNT)
    worlds: list[tuple[World, int]] = []

    def ready() -> Replies:
        world = stage.admitted(directory, stage.broadcast(count), stage.broadcast(count, count))
        said, finding_count = stage.five_found(directory, stage.batches(world))
        worlds[:] = [(world, finding_count)]
        return Replies(world.engine, said)

    assert measure(lambda replies: replies.settle(NOW_NS), ready, 2 * count * 5, rounds=7) == {0}
    world, finding_count = worlds[0]
    assert world.engine.stats()["records"] == finding_count
