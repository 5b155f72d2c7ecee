"""Due: all endpoints that can be sent something, oldest due first."""

from benchmarks.core import stage
from benchmarks.core._inside import Dues
from benchmarks.core.conftest import Measure
from benchmarks.engine.world import NOW_NS
from gateway.directory import Directory

INQUIRY_COUNT = 1_000
LATER_NS = NOW_NS + 10**9


def test_endpoints_gathered(measure: Measure, directory: Directory) -> None:
    count = measure.size(INQUIRY_COUNT)
    world = stage.admitted(directory, stage.targeted(count))
    older = {batch.endpoint for batch in stage.batches(stage.admitted(directory, stage.targeted(count)))}
    frame = stage.checked(world.engine, stage.broadcast(count, first=count), LATER_NS).frame
    world.engine.admit(frame, 2, LATER_NS)
    dues = Dues(world.engine)
    asked = [endpoint for endpoint, behind in enumerate(world.answered) if behind]
    assert measure(lambda made: made.gather(LATER_NS), lambda: dues, len(asked)) == {len(asked)}
    # Endpoints whose lanes waited before come first.
    expected = sorted(older) + [endpoint for endpoint in asked if endpoint not in older]
    assert [endpoint for _, endpoint in dues.rows] == expected
    assert dues.rows == sorted(dues.rows)
