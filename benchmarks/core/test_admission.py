"""Admission: frames scanned as on replay, and taken up whole."""

from collections.abc import Callable

import pytest

from benchmarks.core import stage
from benchmarks.core._inside import scan_frame
from benchmarks.core.conftest import Measure
from benchmarks.engine.world import NOW_NS, World
from gateway.directory import Directory

INQUIRY_COUNT = 4_000
SCAN_COUNT = 10


def test_frames_scanned(measure: Measure, directory: Directory) -> None:
    count = measure.size(INQUIRY_COUNT)
    frame = stage.checked(World.new(directory).engine, stage.broadcast(count)).frame
    scanned = measure(lambda given: scan_frame(given, SCAN_COUNT), lambda: frame, SCAN_COUNT * count)
    assert scanned == {SCAN_COUNT * count}


@pytest.mark.parametrize("made", [stage.broadcast, stage.targeted], ids=["broadcast", "targeted"])
def test_frames_taken_up(measure: Measure, directory: Directory, made: Callable[[int], bytes]) -> None:
    count = measure.size(INQUIRY_COUNT)
    message = made(count)

    def ready() -> tuple[World, bytes]:
        world = World.new(directory)
        return world, stage.checked(world.engine, message).frame

    def take(given: tuple[World, bytes]) -> int:
        world, frame = given
        world.engine.admit(frame, 1, NOW_NS)
        return world.engine.open_inquiries()

    assert measure(take, ready, count) == {count}
