"""The journal in memory keeps what it committed, and of the rest what the seed says."""

import asyncio
from random import Random

import pytest

from gateway.edge.errors import JournalError
from gateway.edge.journal_schema import ANSWER, LEDGER, Frame, StoredFrame
from tests.simulation.memory_journal import Disk, MemoryJournal
from tests.simulation.virtual_loop import VirtualLoop, VirtualTime


def frame(number: int, kind: int = LEDGER) -> Frame:
    return Frame(kind, bytes([number]), number)


def disk(seed: int = 1) -> tuple[Disk, list[StoredFrame]]:
    told: list[StoredFrame] = []
    return Disk(Random(seed), told.append), told


def test_a_frame_has_its_seq_once_it_is_durable() -> None:
    loop = VirtualLoop(VirtualTime(0))
    store, told = disk()

    async def append() -> None:
        journal = MemoryJournal(store)
        assert await journal.append(frame(1)) == 1
        assert [one.body for one in told] == [b"\1"]
        assert await journal.append(frame(2, ANSWER)) == journal.last_seq == 2
        assert [one.seq for one in journal.read(0, kinds=(LEDGER,))] == [1]
        assert [one.seq for one in journal.read(1, kinds=(LEDGER, ANSWER))] == [2]

    loop.run_until_complete(append())
    loop.close()


def test_a_commit_that_fails_leaves_nothing() -> None:
    loop = VirtualLoop(VirtualTime(0))
    store, told = disk()
    store.weather.failing = 1.0

    async def append() -> None:
        with pytest.raises(JournalError):
            await MemoryJournal(store).append(frame(1))

    loop.run_until_complete(append())
    assert not told
    assert store.commits_failed == 1
    loop.close()


def test_a_crash_keeps_or_loses_what_is_on_its_way_and_tells_nobody() -> None:
    kept = set()
    for seed in range(20):
        loop = VirtualLoop(VirtualTime(0))
        store, _ = disk(seed)

        async def append(store: Disk = store) -> bool:
            journal = MemoryJournal(store)
            waiting = [journal.append(frame(number)) for number in (1, 2)]
            journal.crash()
            await asyncio.sleep(10)
            return any(one.done() for one in waiting)

        assert not loop.run_until_complete(append())
        kept.add(tuple(one.body for one in store.frames))
        loop.close()
    assert kept == {(), (b"\1",), (b"\1", b"\2")}
