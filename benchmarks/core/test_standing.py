"""Standing: who has not answered an entry that everybody is asked, half of them having read it."""

from benchmarks.core import stage
from benchmarks.core._inside import stand
from benchmarks.core.conftest import Measure
from benchmarks.engine.world import NOW_NS
from gateway.directory import Directory

INQUIRY_COUNT = 500


def test_entries_looked_at(measure: Measure, directory: Directory) -> None:
    count = measure.size(INQUIRY_COUNT)
    world = stage.admitted(directory, stage.broadcast(count))
    replies = stage.nothing_found(world, stage.batches(world))
    silent = sum(len(world.answered[endpoint]) for endpoint, _ in replies[1::2])
    for endpoint, reply in replies[::2]:
        assert world.engine.settle(endpoint, reply, NOW_NS).fault == 0
    expected = {count * silent}
    assert (
        measure(lambda engine: stand(engine, stage.LOG_ALL_NORMAL), lambda: world.engine, count) == expected
    )
