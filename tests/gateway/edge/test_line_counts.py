"""LineCounts: each line has its own."""

from gateway._core import CAUSE_GARBAGE
from gateway.edge.line_counts import LineCounts


def test_every_cause_has_its_place_and_lines_share_nothing() -> None:
    one, other = LineCounts(), LineCounts()
    one.failures[CAUSE_GARBAGE] += 1
    assert one.failures == [0, 0, 0, 0, 0, 1]
    assert other.failures == [0] * 6
