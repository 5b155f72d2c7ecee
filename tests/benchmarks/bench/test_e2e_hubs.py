"""The hubs beside both peers, tiny: three results of the same runs, and the curves."""

from benchmarks.bench.e2e_hubs import BATCHING, HUBS, RPC, Plan, over_plan
from benchmarks.bench.targets import TARGETS

TINY = Plan(
    wave_size=12,
    wave_count=2,
    run_count=2,
    warm_up_count=1,
    sizes=(3, 6),
    stream_counts=(1, 2),
    share_size=2,
    rpc_queries=200,
    batching_inquiries=4,
)


async def test_ours_and_the_peers_runs_are_given_in_pairs() -> None:
    hubs, rpc, batching = await over_plan(TINY)
    assert [one.name for one in (hubs, rpc, batching)] == [
        name for name in TARGETS if name.startswith("e2e.") and name in {HUBS, RPC, BATCHING}
    ]
    assert len(hubs.ours) == 2
    for beside in (rpc, batching):
        assert beside.ours == hubs.ours
        assert beside.reference is not None
        assert min(beside.reference) > 0
    curves = hubs.extra["curves"]
    assert [x for x, _ in curves["e2e.queries_per_second_over_wave_size"]["points"]] == [3.0, 6.0]
    assert [x for x, _ in curves["e2e.queries_per_second_over_client_streams"]["points"]] == [1.0, 2.0]
    assert hubs.extra["cuts"]["batches"] > 0
