"""Ending: a message of inquiries whose deadline comes before any answer."""

from benchmarks.core import stage
from benchmarks.core._inside import end_at_deadlines
from benchmarks.core.conftest import Measure
from benchmarks.engine.world import NOW_NS
from gateway._core import Engine
from gateway.directory import Directory

INQUIRY_COUNT = 2_000


def test_ends_at_a_shared_deadline(measure: Measure, directory: Directory) -> None:
    count = measure.size(INQUIRY_COUNT)

    def ready() -> Engine:
        return stage.admitted(directory, stage.targeted(count)).engine

    assert measure(lambda engine: end_at_deadlines(engine, NOW_NS), ready, count, rounds=7) == {count}
