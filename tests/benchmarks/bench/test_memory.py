"""Memory of open inquiries: a figure for each step of the later half, and both curves."""

from benchmarks.bench.memory import over_open_inquiries


def test_every_step_is_looked_at() -> None:
    result = over_open_inquiries(8_000, 2_000)
    assert (result.name, result.unit, len(result.ours)) == ("memory.bytes_per_open_inquiry", "bytes", 2)
    curves = result.extra["curves"]
    encoded = curves["memory.encoded_bytes_over_open_inquiries"]["points"]
    assert [count for count, _ in encoded] == [2_000, 4_000, 6_000, 8_000]
    # A frame's own head is shared by its inquiries.
    assert [round(size / count) for count, size in encoded] == [round(encoded[0][1] / 2_000)] * 4
    assert 100 < result.extra["encoded_bytes_per_inquiry"] < 300
    assert len(curves["memory.resident_bytes_over_open_inquiries"]["points"]) == 4
