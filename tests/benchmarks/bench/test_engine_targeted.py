"""Targeted inquiries beside the C floor, at a small size."""

import pytest

from benchmarks.bench.engine_targeted import beside_floor, live_counts
from gateway.directory import Directory


def test_result_has_both_sides_and_the_curve() -> None:
    result = beside_floor(Directory.load(), [500, 2_000], 2)
    assert (result.name, result.unit) == ("engine.targeted_vs_floor", "ns")
    assert len(result.ours) == 2
    assert result.reference is not None
    assert len(result.reference) == 2
    assert "2,000" in result.reference_name
    curve = result.extra["curves"]["engine.ns_per_targeted_inquiry_over_live_entries"]
    assert [x for x, _ in curve["points"]] == [500, 2_000]
    assert result.extra["live_entries"] == 2_000


@pytest.mark.parametrize(
    ("quick", "gib", "most"),
    [(True, 22, 1_000_000), (False, 22, 10_000_000), (False, 8, 1_000_000), (False, 0, 10_000)],
)
def test_no_more_are_live_than_there_is_memory_for(quick: bool, gib: int, most: int) -> None:
    counts = live_counts(quick, gib << 30)
    assert counts[0] == 10_000
    assert counts[-1] == most
