"""The report's published shape, and its percentiles."""

from benchmarks.demo.report import STATES, Spread, spread
from tests.benchmarks.demo import made


def test_json_has_exactly_the_published_keys() -> None:
    shape = made.report().as_json()
    assert list(shape) == [
        "scenario", "institutions", "endpoints", "inquiries", "verdicts", "queries", "queries_on_wire",
        "records", "batches", "batch_size", "seconds", "queries_per_second", "answer_latency_ms",
        "rss_peak_bytes", "holds", "tracker", "blacklist",
    ]  # fmt: skip
    assert list(shape["inquiries"]) == ["sent", "accepted", "repeated", "refused", "final"]
    assert list(shape["verdicts"]) == ["expected", "mismatched"]
    assert list(shape["queries"]) == ["total", *STATES]
    assert list(shape["batch_size"]) == list(shape["answer_latency_ms"]) == ["p50", "p99", "max"]
    assert list(shape["rss_peak_bytes"]) == ["gateway", "simulator"]
    assert list(shape["holds"]) == [
        "claims", "met", "short", "over", "cover_fen", "due_fen", "exposed_fen", "worst_over_fen", "by_state",
        "reconcile_differences",
    ]  # fmt: skip
    assert list(shape["blacklist"]) == ["entries", "screened", "hits", "removed", "acknowledged_units"]
    assert list(shape["tracker"]) == ["cases", "events", "nodes_done", "due_soon", "overdue"]


def test_json_carries_the_figures() -> None:
    shape = made.report(seconds=10.0, query_count=50).as_json()
    assert shape["queries_per_second"] == 5.0
    assert shape["queries"]["INCAPABLE"] == made.INCAPABLE_COUNT
    assert made.report(seconds=0.0).as_json()["queries_per_second"] == 0.0


def test_spread_takes_the_nearest_rank() -> None:
    assert spread([float(value) for value in range(200, 0, -1)]) == Spread(100.0, 198.0, 200.0)
    assert spread([3.0]) == Spread(3.0, 3.0, 3.0)
    assert spread([]) == Spread(0.0, 0.0, 0.0)
