"""Choice: what each endpoint would be sent next, while logs and lanes wait, and when nothing does."""

from benchmarks.core import stage
from benchmarks.core._inside import Dues
from benchmarks.core.conftest import Measure
from benchmarks.engine.world import NOW_NS
from gateway.directory import Directory

INQUIRY_COUNT = 1_000
LOOK_COUNT = 100


def test_lines_with_something_to_send(measure: Measure, directory: Directory) -> None:
    count, looks = measure.size(INQUIRY_COUNT), measure.size(LOOK_COUNT)
    world = stage.admitted(directory, stage.broadcast(count), stage.targeted(count, first=count))
    dues = Dues(world.engine)
    asked = sum(1 for behind in world.answered if behind)
    chosen = measure(lambda made: made.choose(NOW_NS, looks), lambda: dues, looks * len(directory.endpoints))
    assert chosen == {looks * asked}


def test_lines_without(measure: Measure, directory: Directory) -> None:
    looks = measure.size(LOOK_COUNT)
    dues = Dues(stage.admitted(directory).engine)
    chosen = measure(lambda made: made.choose(NOW_NS, looks), lambda: dues, looks * len(directory.endpoints))
    assert chosen == {0}
