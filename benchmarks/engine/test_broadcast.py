"""A wave of 4,000 broadcast inquiries: admit, cut, settle, answer. 15.6 million queries at 372 endpoints."""

from typing import Any

import pytest

from benchmarks.engine.world import COURT, NOW_NS, SEND_BYTES_MAX, World, inquiries
from chakong.gateway.v1 import gateway_pb2
from chakong.journal.v1 import journal_pb2

WAVE_COUNT = 4_000
ROUND_COUNT = 7
QUERIES = WAVE_COUNT * 3_916


@pytest.mark.benchmark(group="engine")
def test_broadcast_wave(benchmark: Any) -> None:
    world = World.new()
    scope = gateway_pb2.Scope(reach=gateway_pb2.REACH_ALL)
    rounds = iter(range(ROUND_COUNT + 1))
    nones: list[int] = []

    def wave() -> tuple[tuple[bytes], dict[str, object]]:
        first = next(rounds) * WAVE_COUNT
        checked = world.engine.check(inquiries(first, [scope] * WAVE_COUNT), COURT, NOW_NS)
        assert checked.accepted == WAVE_COUNT
        return (checked.frame,), {}

    def work(frame: bytes) -> None:
        world.engine.admit(frame, 1, NOW_NS)
        while batches := world.engine.take_batches(NOW_NS, SEND_BYTES_MAX):
            for batch in batches:
                settled = world.engine.settle(batch.endpoint, world.reply(batch), NOW_NS)
                assert settled.fault == 0
        for answers in world.engine.take_answers(NOW_NS):
            nones.append(answers.count)
            last = answers.message
        assert journal_pb2.Answers.FromString(last).answers[-1].coverage.none == 3_904

    benchmark.pedantic(work, setup=wave, rounds=ROUND_COUNT)
    assert sum(nones) == WAVE_COUNT * ROUND_COUNT
    benchmark.extra_info["ns_per_query"] = round(benchmark.stats.stats.median / QUERIES * 1e9, 3)
