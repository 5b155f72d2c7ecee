"""Line: batches cut for all endpoints, of a log that all share, and of a lane for each."""

from collections.abc import Callable

import pytest

from benchmarks.core import stage
from benchmarks.core._inside import Dues
from benchmarks.core.conftest import Measure
from benchmarks.engine.world import NOW_NS
from gateway.directory import Directory

INQUIRY_COUNT = 4_000


@pytest.mark.parametrize("made", [stage.broadcast, stage.targeted], ids=["shared_log", "lanes"])
def test_batches_cut(measure: Measure, directory: Directory, made: Callable[[int], bytes]) -> None:
    message = made(measure.size(INQUIRY_COUNT))
    # What the Engine itself cuts.
    cut = stage.batches(stage.admitted(directory, message))

    def ready() -> Dues:
        dues = Dues(stage.admitted(directory, message).engine)
        assert dues.gather(NOW_NS) == len(cut)
        return dues

    expected = (len(cut), len({batch.id for batch in cut}))
    assert measure(lambda dues: dues.cut(NOW_NS), ready, len(cut)) == {expected}
