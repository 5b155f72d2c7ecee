"""LineCounts: each line has its own."""

from gateway import _core
from gateway._core import CAUSE_GARBAGE
from gateway.edge.line_counts import CAUSES, LineCounts


def test_every_cause_has_its_place_and_lines_share_nothing() -> None:
    one, other = LineCounts(), LineCounts()
    one.failures[CAUSE_GARBAGE] += 1
    assert one.failures == [0, 0, 0, 0, 0, 1]
    assert other.failures == [0] * 6


def test_every_cause_of_the_engine_has_its_name() -> None:
    numbers = {name: number for name, number in vars(_core).items() if name.startswith("CAUSE_")}
    assert {CAUSES[number] for number in numbers.values()} == set(CAUSES[1:])
    assert all(CAUSES[number] == name.removeprefix("CAUSE_").lower() for name, number in numbers.items())
