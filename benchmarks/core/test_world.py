"""World: made for the real directory, and unmade."""

from benchmarks.core._inside import make_world
from benchmarks.core.conftest import Measure
from gateway.directory import Directory

# The Engine's default.
ORDERS_MAX = 32_000_000


def test_world_made_and_unmade(measure: Measure, directory: Directory) -> None:
    snapshot = directory.snapshot()
    lines = measure(lambda given: make_world(given, ORDERS_MAX), lambda: snapshot, 1)
    assert lines == {len(directory.endpoints)}
