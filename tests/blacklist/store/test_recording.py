"""What units were told of waits in bounds, is written in batches, and is counted where it is lost."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from blacklist.store import recording as module
from blacklist.store.hits import Hit
from blacklist.store.recording import Recording


class Table:
    """What was written; it fails as often as it is told."""

    def __init__(self, failing: int = 0) -> None:
        self.batches: list[list[Hit]] = []
        self.failing = failing
        self.threads: set[int] = set()

    def write(self, hits: list[Hit]) -> None:
        self.threads.add(threading.get_ident())
        if self.failing:
            self.failing -= 1
            raise OperationalError("INSERT", {}, Exception("gone"))
        self.batches.append(hits)


def recording(table: Table, waiting_max: int = 100) -> Recording:
    return Recording(table, waiting_max, lambda: 7)


async def test_answers_become_hits_with_unit_version_and_time() -> None:
    table = Table()
    ours = recording(table)
    ours.record("railway", 3, [(1, 2), (2, 4)])
    assert (ours.waiting_count, ours.written_count) == (2, 0)
    assert await ours.write()
    assert table.batches == [[Hit(1, "railway", 3, 2, 7), Hit(2, "railway", 3, 4, 7)]]
    assert (ours.waiting_count, ours.written_count, ours.named) == (0, 2, {2: 1, 4: 1})
    assert await ours.write()
    assert len(table.batches) == 1
    assert threading.get_ident() not in table.threads


async def test_what_there_is_no_room_for_is_lost_and_counted() -> None:
    table = Table()
    ours = recording(table, 3)
    ours.record("railway", 1, [(1, 2), (2, 2)])
    ours.record("railway", 1, [(3, 2), (4, 2)])
    ours.record("railway", 1, [(5, 2)])
    assert (ours.waiting_count, ours.lost_count) == (3, 2)
    assert await ours.write()
    assert [one.listing_id for one in table.batches[0]] == [1, 2, 5]
    assert ours.named == {2: 5}


async def test_batch_that_fails_waits_on_and_is_written_once() -> None:
    table = Table(failing=2)
    ours = recording(table)
    ours.record("railway", 1, [(1, 2)])
    assert [await ours.write() for _ in range(3)] == [False, False, True]
    assert (ours.failed_count, ours.waiting_count, ours.lost_count) == (2, 0, 0)
    assert table.batches == [[Hit(1, "railway", 1, 2, 7)]]


async def test_batch_whose_caller_goes_away_is_written_once() -> None:
    begun, may_end = threading.Event(), threading.Event()

    class Slow(Table):
        def write(self, hits: list[Hit]) -> None:
            begun.set()
            assert may_end.wait(10)
            super().write(hits)

    table = Slow()
    ours = recording(table)
    ours.record("railway", 1, [(1, 2)])
    writing = asyncio.create_task(ours.write())
    assert await asyncio.to_thread(begun.wait, 10)
    writing.cancel()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await ours.write()
    assert (len(table.batches), ours.waiting_count, ours.written_count) == (1, 0, 1)


@given(st.lists(st.integers(1, 9), max_size=30), st.integers(1, 12), st.integers(1, 60))
async def test_every_hit_is_written_in_its_order_or_lost(
    sizes: list[int], batch: int, waiting_max: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BATCH_HITS", batch)
        table = Table()
        ours = recording(table, waiting_max)
        number = 0
        for at, size in enumerate(sizes):
            ours.record("u", at, [(number + one, 2) for one in range(size)])
            number += size
        assert ours.waiting_count <= waiting_max
        assert await ours.write()
    written = [one.listing_id for hits in table.batches for one in hits]
    assert written == sorted(written)
    assert len(written) + ours.lost_count == sum(sizes) == sum(ours.named.values())
    assert all(len(hits) <= max(batch, 9) for hits in table.batches)
