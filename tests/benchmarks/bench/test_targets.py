"""Targets: every name there is, and which side of a limit is met."""

import pytest

from benchmarks.bench.targets import TARGETS, Target

NAMES = [
    "engine.broadcast_ns_per_query",
    "engine.mixed_ns_per_query",
    "engine.targeted_vs_floor",
    "engine.targeted_vs_python",
    "engine.dedup_vs_redis",
    "e2e.direct_vs_ceiling",
    "e2e.hubs_queries_per_second",
    "e2e.vs_rpc_per_query",
    "e2e.vs_python_batching",
    "e2e.storm_queries_per_second",
    "e2e.targeted_inquiries_per_second",
    "control.per_second",
    "projector.rows_per_second",
    "unary.vs_echo",
    "unary.p99_ms",
    "journal.vs_raw",
    "memory.bytes_per_open_inquiry",
    "tracker.register_per_second",
    "tracker.due_list_ms",
    "tracker.statistics_seconds",
    "tracker.recompute_seconds",
    "blacklist.screen_core_per_second",
    "blacklist.screen_grpc_per_second",
    "blacklist.screen_vs_redis",
    "blacklist.screen_vs_sqlite",
    "blacklist.bytes_per_entry",
    "blacklist.filter_bytes",
    "blacklist.snapshot_bytes",
    "blacklist.delta_bytes",
    "blacklist.load_seconds",
    "blacklist.false_hits",
    "day.seconds",
]


def test_every_named_benchmark_has_its_target() -> None:
    assert list(TARGETS) == NAMES


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("engine.broadcast_ns_per_query", "<= 1 ns"),
        ("engine.targeted_vs_floor", "<= 2 x"),
        ("e2e.direct_vs_ceiling", ">= 0.6 x"),
        ("e2e.hubs_queries_per_second", ">= 25,000,000 queries/s"),
        ("day.seconds", "<= 15 s"),
    ],
)
def test_text_says_direction_and_unit(name: str, text: str) -> None:
    assert TARGETS[name].text == text


def test_without_limit_nothing_is_judged() -> None:
    target = Target("", "s")
    assert (target.text, target.is_met(1.0)) == (None, None)


def test_limit_itself_is_met() -> None:
    at_most, at_least = Target("", "s", 15, is_at_most=True), Target("", "x", 0.6)
    assert [at_most.is_met(figure) for figure in (14.9, 15, 15.1)] == [True, True, False]
    assert [at_least.is_met(figure) for figure in (0.59, 0.6, 0.61)] == [False, True, True]
