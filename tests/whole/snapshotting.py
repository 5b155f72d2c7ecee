"""Snapshotting: a process that orders freezes and releases without end, and writes snapshots all the time.

    python -m tests.whole.snapshotting FOLDER

It prints "ready", then the id of each order once it is durable. The desk and the journal are the real ones;
institutions are the bank of the holds' own tests. Made to be killed.
"""

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, cast

from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from gateway.edge.journal import Journal
from gateway.edge.snapshots import Snapshots
from gateway.holds import snapshot
from gateway.holds.model import TakenOrder
from tests.gateway.edge.study import Study
from tests.gateway.holds.world import as_receipt

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.holds import Fault, Ledger
    from tests.gateway.edge.study import MemoryJournal

EVERY_STEPS = 3
SHEET_BYTES = 1_500
PRINCIPAL_FEN = 1 << 40


def opened(folder: Path) -> tuple[Journal, Study, Snapshots, int]:
    """The ledger as a start finds it, and how many steps came after the snapshot."""
    journal = Journal.open(folder)
    study = Study(cast("MemoryJournal", journal))
    made = Snapshots(study.desk, journal, EVERY_STEPS)
    study.desk._publish = lambda seq, _hold_ids, _ordered: made.kept(seq)
    count = study.desk.replay(made.restore())
    made.replayed(count)
    return journal, study, made, count


async def _work(folder: Path) -> None:
    snapshot.SHEET_BYTES = SHEET_BYTES  # type: ignore[misc]
    _, study, made, _ = opened(folder)
    life = study.ledger.stats().holds
    async with AsyncExitStack() as exits:
        tasks = await exits.enter_async_context(asyncio.TaskGroup())
        tasks.create_task(study.desk.run())
        tasks.create_task(made.run())
        await study.claim(PRINCIPAL_FEN)
        print("ready", flush=True)
        number = 0
        while True:
            number += 1
            order = study.order(study.account(f"{life}-{number}", 10), 10, order_id=f"{life}-{number}")
            receipt = await study.post(order)
            print(order.order_id, flush=True)
            for leaving in study.desk.take(study.bank.endpoint, 10):
                batch = institution_pb2.ControlBatch.FromString(leaving.message)
                await study.desk.hear(_say(study, *batch.controls))
            if number % 3 == 0:
                release = study.order(
                    study.account("", 0),
                    0,
                    order_id=f"{life}-{number}r",
                    kind=hold_pb2.CONTROL_KIND_RELEASE,
                    hold_id=receipt.hold_id,
                    whole=True,
                )
                release.ClearField("available_fen")
                assert isinstance(await study.post(release), TakenOrder)
                print(release.order_id, flush=True)


def _say(study: Study, control: institution_pb2.Control) -> "Callable[[Ledger], Fault | None]":
    receipt = study.bank.control(control)
    return lambda ledger: ledger.receipt(study.bank.endpoint, as_receipt(receipt))


if __name__ == "__main__":
    asyncio.run(_work(Path(sys.argv[1])))
