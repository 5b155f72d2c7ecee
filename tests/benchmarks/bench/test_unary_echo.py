"""Unary calls beside the echo, tiny."""

from benchmarks.bench.unary_echo import NAME, Plan, over_plan


async def test_calls_and_echoes_are_measured_in_pairs() -> None:
    result = await over_plan(Plan(call_count=200, run_count=2, warm_up_count=1, concurrencies=(2,)))
    assert (result.name, result.unit, len(result.ours)) == (NAME, "calls/s", 2)
    assert result.reference is not None
    assert min(*result.ours, *result.reference) > 0
    (point,) = result.extra["calls_per_second_over_concurrency"]
    assert point[0] == 2
    assert result.extra["processor_us_per_call"]["gateway"]["gateway"] > 0
