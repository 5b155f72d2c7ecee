"""Waves through a whole gateway, small: every query is counted, a later context sees no earlier answer."""

import asyncio
from pathlib import Path

from benchmarks.bench.stage import config, connected
from benchmarks.bench.streams import Streams
from benchmarks.bench.waves import ENDPOINT_COUNT, Waves, busy, cuts
from benchmarks.stack import Stack

INSTITUTIONS = 3_916
S_MAX = 120


async def test_waves_of_one_and_of_several_courts_are_answered(tmp_path: Path) -> None:
    async with asyncio.timeout(S_MAX), Stack(config(tmp_path)) as stack:
        await connected(stack, ENDPOINT_COUNT)
        waves = Waves(stack)
        before = await waves.rest()
        async with Streams(stack) as streams:
            first = await waves.lap(streams, 1, 2, 10)
        # Nine streams of eight courts: two share a watch.
        async with Streams(stack, 9) as streams:
            second = await waves.lap(streams, 9, 1, 3)
            # Ten messages a second: the round takes the schedule's time.
            third = await waves.lap(streams, 9, 3, 1, 0.1)
        cut = cuts(before, await waves.rest())
    laps = [first, second, third]
    assert [lap.query_count for lap in laps] == [count * INSTITUTIONS for count in (20, 27, 27)]
    assert waves.sent_count == 74
    assert third.seconds > 0.2
    assert all(lap.queries_per_second > 0 and lap.record_count for lap in laps)
    assert cut["batches"] == sum(cut["batches_of_up_to_entries"].values()) == sum(cut["by_reason"].values())
    assert set(busy(laps)["cores_busy"]) == {"client", "gateway", "projector", "simulator"}
