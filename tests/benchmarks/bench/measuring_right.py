"""Measuring, right: stands for a measuring module whose answers are right."""

from collections.abc import Iterable

from benchmarks.bench.result import Result, curve, growth


def measure(quick: bool) -> Iterable[Result]:
    """Two runs when quick, else three; of a memory benchmark and of one with a reference."""
    runs = (200.0, 240.0) if quick else (200.0, 220.0, 240.0)
    points = [(10.0, 100.0), (20.0, 250.0)]
    extra = {
        "curves": {"memory.resident_bytes_over_open_inquiries": curve("open inquiries", "bytes", points)},
        "growth": [growth("bytes over inquiries", points, 2.0)],
        "batches_out": 3,
    }
    yield Result("memory.bytes_per_open_inquiry", "bytes", runs, extra=extra)
    yield Result("journal.vs_raw", "MB/s", (90.0, 80.0), (100.0, 100.0), "plain append")
