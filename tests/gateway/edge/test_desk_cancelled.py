"""A desk that is cancelled ends, also in the very turn in which something comes."""

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from gateway.edge.desk import Desk
from runtime.clock import now_ns
from tests.patience import DEADLINE_S

if TYPE_CHECKING:
    from gateway.edge.journal import Journal
    from gateway.holds.ledger import Ledger


class Waiting:
    """A ledger with something due in an hour, for which nothing is worth keeping."""

    def next_due_ns(self) -> int:
        return now_ns() + 3_600 * 1_000_000_000

    def begin(self, at_ns: int) -> None: ...

    def accidents(self) -> list[Exception]:
        return []

    def finish(self) -> bytes:
        return b""

    def endpoints_due(self) -> frozenset[int]:
        return frozenset()


@pytest.mark.parametrize("turns", range(5))
async def test_cancelling_is_not_lost(turns: int) -> None:
    desk = Desk(cast("Ledger", Waiting()), cast("Journal", None), lambda _seq, _holds, _ordered: None)
    running = asyncio.create_task(desk.run())
    for _ in range(5):
        await asyncio.sleep(0)
    desk.post(lambda _ledger: None)
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait({running}, timeout=DEADLINE_S)
    assert running.cancelled()
