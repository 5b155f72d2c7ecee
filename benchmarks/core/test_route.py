"""Route: inquiries that become entries of a log, entries of lanes, or join what was asked before."""

from collections.abc import Callable

import pytest

from benchmarks.core import stage
from benchmarks.core._inside import Frame
from benchmarks.core.conftest import Measure
from benchmarks.engine.world import COURT, World
from gateway.directory import Directory

INQUIRY_COUNT = 4_000


@pytest.mark.parametrize("made", [stage.broadcast, stage.targeted], ids=["log", "lanes"])
def test_fresh_inquiries_routed(measure: Measure, directory: Directory, made: Callable[[int], bytes]) -> None:
    count = measure.size(INQUIRY_COUNT)
    message = made(count)
    worlds: list[World] = []

    def ready() -> Frame:
        worlds[:] = [World.new(directory)]
        return Frame(worlds[0].engine, stage.checked(worlds[0].engine, message).frame, COURT)

    assert measure(Frame.route, ready, count) == {count}
    stats = worlds[0].engine.stats()
    assert stats["queries_joined"] == 0
    assert stats["queries_total"] == count * (len(directory.institutions) if made is stage.broadcast else 1)


def test_inquiries_that_join(measure: Measure, directory: Directory) -> None:
    count = measure.size(INQUIRY_COUNT)
    message = stage.again(count, 0)
    worlds: list[World] = []

    def ready() -> Frame:
        worlds[:] = [stage.admitted(directory, stage.broadcast(count))]
        return Frame(worlds[0].engine, stage.checked(worlds[0].engine, message).frame, COURT)

    assert measure(Frame.route, ready, count) == {2 * count}
    capable = sum(map(len, worlds[0].answered))
    assert worlds[0].engine.stats()["queries_joined"] == count * capable
