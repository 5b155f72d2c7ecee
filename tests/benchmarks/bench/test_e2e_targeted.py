"""Targeted inquiries through a whole gateway, tiny."""

from benchmarks.bench.e2e_targeted import NAME, Plan, over_plan


async def test_each_inquiry_is_one_query_at_one_endpoint() -> None:
    result = await over_plan(Plan(size=400, message_count=2, run_count=2, warm_up_count=1, sizes=(100,)))
    assert (result.name, result.unit, len(result.ours)) == (NAME, "inquiries/s", 2)
    # 800 inquiries a run, over 372 endpoints in turn: all of them get a batch.
    assert result.extra["cuts"]["batches"] >= 2 * 360
    (points,) = [one["points"] for one in result.extra["curves"].values()]
    assert [x for x, _ in points] == [100.0]
