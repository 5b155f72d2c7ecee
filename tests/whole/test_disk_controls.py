"""Disk, controls: the real gateway on a disk that fills up while it freezes, renews, releases and deducts.

Nothing is promised that is not durable; with room again everything that was promised is carried out, once.
"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

from tests.whole.enforcer import Enforcer
from tests.whole.killing import Town, found_debts, promised
from tests.whole.settlement import books_of, judge, settled
from tests.whole.test_disk import small_disk

# Found and registered on it, a few hundred orders fit; then it is full.
DISK_BYTES = 3 << 20
FULL_S_MAX = 120.0


async def test_a_full_disk_promises_nothing_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    async with AsyncExitStack() as exits:
        town = Town(tmp_path, exits)
        await town.simulate()
        gateway, controls = await exits.enter_async_context(town.called())
        process = await town.serve(small_disk(DISK_BYTES))
        enforcer = Enforcer(await found_debts(gateway), Random(3))
        await enforcer.put_claims(controls)
        # It ends with orders that the gateway does not take.
        await asyncio.wait_for(enforcer.work(controls, gives_up=True), FULL_S_MAX)
        before = len(enforcer.promised)
        assert before > 100
        process.require_alive()
        process.kill()
        await town.serve()
        await enforcer.put_claims(controls)
        working = asyncio.create_task(enforcer.work(controls))
        await promised(enforcer, before + 20)
        working.cancel()
        await asyncio.wait((working,))
        settlement = await settled(controls)
        books = await books_of(
            town.institutions, {hold.property.institution for hold in settlement.holds.values()}
        )
    judge(enforcer, settlement, books)
