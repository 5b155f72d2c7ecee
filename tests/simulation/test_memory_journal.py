"""The journal in memory keeps what it committed, and of the rest what the seed says."""

import asyncio
from random import Random

import pytest

from gateway.edge.errors import JournalError
from gateway.edge.journal_schema import ADMISSION, ANSWER, KEY_BYTES, LEDGER, Frame, StoredFrame
from tests.simulation.memory_journal import Disk, MemoryJournal
from tests.simulation.virtual_loop import VirtualLoop, VirtualTime


def frame(number: int, kind: int = LEDGER) -> Frame:
    return Frame(kind, bytes([number]), number)


def admission(first_id: int) -> Frame:
    row = bytes([first_id]) * (KEY_BYTES + 16) + first_id.to_bytes(8, "little")
    return Frame(ADMISSION, b"", 0, "court", first_id, 1, orders=row)


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
            await asyncio.sleep(0)  # its commit has begun
            await asyncio.sleep(0)
            journal.crash()
            await asyncio.sleep(10)
            return any(one.done() for one in waiting)

        assert not loop.run_until_complete(append())
        kept.add(tuple(one.body for one in store.frames))
        loop.close()
    assert kept == {(), (b"\1",), (b"\1", b"\2")}


def test_frames_become_durable_in_their_order_and_share_commits() -> None:
    loop = VirtualLoop(VirtualTime(0))
    store, told = disk()

    async def append() -> None:
        journal = MemoryJournal(store)
        waiting = [journal.append(frame(number)) for number in range(9)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        later = [journal.append(frame(number)) for number in range(9, 12)]
        mark = journal.durable()
        assert [await one for one in (*waiting, *later)] == list(range(1, 13))
        assert await mark == await journal.durable() == 12

    loop.run_until_complete(append())
    assert [one.body[0] for one in told] == list(range(12))
    assert [one.commit_seq for one in told] == [1] * 9 + [10] * 3
    loop.close()


def test_a_start_replays_what_is_unfinished() -> None:
    loop = VirtualLoop(VirtualTime(0))
    store, _ = disk()

    async def live() -> None:
        journal = MemoryJournal(store)
        await journal.append(admission(1))
        await journal.append(admission(2))
        await journal.append(Frame(ANSWER, b"", 0, "court", finals=(1).to_bytes(8, "little")))

    loop.run_until_complete(live())
    loop.close()
    journal = MemoryJournal(store)
    assert [one.seq for one in journal.replay()] == [2]
    assert (journal.starts, journal.next_inquiry_id, journal.last_seq) == (1, 3, 3)
    assert [journal.court_of(number) for number in (1, 2, 3)] == ["court", "court", None]
    rows = b"".join(journal.order_rows(10))
    assert journal.find_orders(rows[40:] + bytes(40)) == rows[40:]
    assert b"".join(journal.order_rows(1)) == rows[40:]
