"""Latency of unary calls beside bulk, tiny: all that was offered was done."""

from benchmarks.bench.unary_latency import NAME, Plan, Run, over_plan

TINY = Plan(20, 2, 1, seconds=0.5, run_count=1, curve_seconds=0.2, shares=(0.2, 0.4))


async def test_every_call_that_was_due_is_answered() -> None:
    result = await over_plan(TINY)
    assert (result.name, result.unit, len(result.ours)) == (NAME, "ms", 1)
    (run,) = result.extra["runs"]
    assert run["calls_offered"] == run["calls_done"] > 100
    assert run["p50"] <= run["p99"] <= run["p99.9"] <= run["max"]
    assert round(result.ours[0], 2) == run["p99"]
    names = {f"latency_ms_over_offered.{percentile}" for percentile in ("p50", "p99", "p99.9")}
    assert set(result.extra["curves"]) == names
    for one in result.extra["curves"].values():
        assert [x for x, _ in one["points"]] == [20.0, 40.0]


def test_percentile_is_what_that_share_did_not_exceed() -> None:
    run = Run(tuple(float(one) for one in range(1, 1_001)), 1_000, 0.0, 1.0, 1.0)
    assert [run.at(share) for share in (0.5, 0.99, 0.999)] == [501.0, 991.0, 1_000.0]
    assert Run((3.0,), 1, 0.0, 1.0, 1.0).at(0.99) == 3.0
