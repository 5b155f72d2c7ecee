"""Kill, snapshots: kill -9 while a snapshot is written loses nothing, and the next start does without it."""

import asyncio
import signal
import sys
from pathlib import Path
from random import Random
from unittest.mock import patch

from chakong.journal.v1 import snapshot_pb2
from gateway.edge import desk
from gateway.edge.journal_schema import LEDGER, SNAPSHOT
from tests.gateway.holds.sheets import replayed, written
from tests.gateway.holds.world import COURT
from tests.whole.snapshotting import opened

ROUNDS = 4
ORDERS_PER_ROUND = 40
READY_S_MAX = 120.0
ALIVE_S_MAX = 0.2


async def killed_at_work(folder: Path, alive_s: float) -> list[str]:
    """The orders that a process was told are durable before it was killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.whole.snapshotting", str(folder), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_S_MAX):
            assert await process.stdout.readline() == b"ready\n"
            lines = [await process.stdout.readline() for _ in range(ORDERS_PER_ROUND)]
            await asyncio.sleep(alive_s)
    finally:
        process.send_signal(signal.SIGKILL)
        rest = await process.stdout.read()
        await process.wait()
    # The last line may be cut short.
    lines += [line for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]
    return [line.decode().strip() for line in lines]


async def test_kill_9_while_a_snapshot_is_written_loses_nothing(tmp_path: Path) -> None:
    chance = Random(3)
    folder = tmp_path / "journal"
    promised: list[str] = []
    unfinished = from_snapshot = 0
    for _ in range(ROUNDS):
        promised += await killed_at_work(folder, chance.uniform(0, ALIVE_S_MAX))
        # Ids of this life are not compared.
        with patch.object(desk, "now_ns", lambda: 0):
            journal, study, _, step_count = opened(folder)
        steps = journal.read(0, kinds=(LEDGER,), limit=1 << 20)
        whole = replayed([frame.body for frame in steps], study.ledger._book.limits)
        assert written(study.ledger) == written(whole)
        assert all(study.ledger.hold_of_order(COURT, order_id) for order_id in promised)
        newest = journal.newest(SNAPSHOT, journal.last_seq + 1)
        assert newest is not None
        unfinished += not snapshot_pb2.Sheet.FromString(newest.body).HasField("closing")
        from_snapshot += step_count < len(steps)
        journal.close()
    assert len(promised) == len(set(promised)) >= ROUNDS * ORDERS_PER_ROUND
    assert from_snapshot == ROUNDS
    assert unfinished > 0
