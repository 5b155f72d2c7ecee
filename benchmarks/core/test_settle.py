"""Settle: replies checked against what was asked, and taken; batches that fail and wait for another try."""

from benchmarks.core import stage
from benchmarks.core._inside import Replies
from benchmarks.core.conftest import Measure
from benchmarks.engine.world import NOW_NS, World
from gateway.directory import Directory

INQUIRY_COUNT = 4_000


def in_flight(directory: Directory, count: int) -> tuple[World, stage.Said, int]:
    """Inquiries at everybody, all cut; what their institutions will say, and how much they have found."""
    world = stage.admitted(directory, stage.broadcast(count))
    replies, finding_count = stage.five_found(directory, stage.batches(world))
    return world, replies, finding_count


def test_replies_checked(measure: Measure, directory: Directory) -> None:
    world, said, finding_count = in_flight(directory, measure.size(INQUIRY_COUNT))
    replies = Replies(world.engine, said)
    assert measure(Replies.check, lambda: replies, finding_count) == {len(said)}


def test_replies_taken(measure: Measure, directory: Directory) -> None:
    count = measure.size(INQUIRY_COUNT)
    last: list[tuple[World, int]] = []

    def ready() -> Replies:
        world, said, finding_count = in_flight(directory, count)
        last[:] = [(world, finding_count)]
        return Replies(world.engine, said)

    assert measure(lambda replies: replies.settle(NOW_NS), ready, count * 5, rounds=7) == {0}
    world, finding_count = last[0]
    stats = world.engine.stats()
    assert (stats["records"], stats["in_flight"]) == (finding_count, 0)


def test_batches_failed(measure: Measure, directory: Directory) -> None:
    count = measure.size(INQUIRY_COUNT)
    worlds: list[World] = []

    def ready() -> Replies:
        world = stage.admitted(directory, stage.broadcast(count))
        worlds[:] = [world]
        return Replies(world.engine, stage.nothing_found(world, stage.batches(world)))

    batch_count = sum(1 for behind in World.new(directory).answered if behind)
    assert measure(lambda replies: replies.fail(NOW_NS), ready, batch_count, rounds=7) == {0}
    # All of them go again, whole.
    assert len(stage.batches(worlds[0])) == batch_count
