"""Controls through a whole gateway, tiny: every outcome is right, and the books agree."""

from benchmarks.bench.control import NAME, Plan, over_plan


async def test_every_account_is_frozen_renewed_deducted_from_and_released() -> None:
    result = await over_plan(Plan(claims=4, size=16, run_count=1))
    assert (result.name, result.unit, len(result.ours)) == (NAME, "controls/s", 1)
    # 2 courts, 4 claims of each, 8 accounts of each, 4 controls of each.
    assert result.extra["orders_in_a_run"] == 256
    assert sorted(result.extra["per_second_by_kind"]) == ["DEDUCT", "FREEZE", "RELEASE", "RENEW"]
    assert result.extra["latency_ms_at_half_the_rate"]["p99"] > 0
