"""Works of many callers in one transaction: each has its outcome, and the database may go and come back."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from runtime.errors import CallError, FullError, UnavailableError
from tests.patience import DEADLINE_S
from tests.tracker.world import (
    OTHERS,
    OURS,
    Store,
    case_number,
    event,
    opened,
    recorded,
    registration,
    sqlite_url,
)
from tracker.errors import UnknownCaseError
from tracker.store.desk import Desk
from tracker.store.work import Batch, Register, Written


class SlowWriter:
    """The real writer behind a gate, and failures when they are asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.gate = threading.Event()
        self.gate.set()
        self.fails_with: Exception | None = None
        self.sizes: list[int] = []

    def write(self, batches: Sequence[Batch], now_ns: int) -> Written:
        self.gate.wait(DEADLINE_S)
        self.sizes.append(len(batches))
        if self.fails_with is not None:
            raise self.fails_with
        return self._store.writer.write(batches, now_ns)


@asynccontextmanager
async def desk_of(
    folder: Path, waiting_max: int = 8_192
) -> AsyncIterator[tuple[Desk, SlowWriter, list[Any]]]:
    published: list[Any] = []
    with opened(sqlite_url(folder)) as store:
        writer = SlowWriter(store)
        desk = Desk(writer, waiting_max, lambda courts, seq: published.append((courts, seq)))  # type: ignore[arg-type]
        running = asyncio.create_task(desk.run())
        await asyncio.sleep(0)
        try:
            async with asyncio.timeout(DEADLINE_S):
                yield desk, writer, published
        finally:
            writer.gate.set()
            running.cancel()
            await asyncio.wait([running])


async def until_taken(desk: Desk) -> None:
    """Return when what waited is on its way to the database."""
    await asyncio.sleep(0)
    while desk.waiting_count:  # noqa: ASYNC110 - it is the loop's own turns that are waited for
        await asyncio.sleep(0)


def case(number: int, court: str = OURS) -> Batch:
    return Batch((Register(court, registration(number, court=court)),))


async def test_what_waits_meanwhile_is_written_together(tmp_path: Path) -> None:
    async with desk_of(tmp_path) as (desk, writer, published):
        writer.gate.clear()
        first = asyncio.create_task(desk.do(case(0)))
        await until_taken(desk)
        others = [asyncio.create_task(desk.do(case(number))) for number in range(1, 20)]
        theirs = asyncio.create_task(desk.do(case(1, OTHERS)))
        await asyncio.sleep(0)
        writer.gate.set()
        outcomes = await asyncio.gather(first, *others, theirs)
        assert writer.sizes == [1, 20]
        assert [one[0].case_no for one in outcomes] == list(range(1, 22))
        assert published[-1] == (frozenset({OURS, OTHERS}), 42)
        await desk.drain()
        assert desk.counts.works == 21


async def test_a_database_that_is_away_is_told_and_comes_back(tmp_path: Path) -> None:
    async with desk_of(tmp_path) as (desk, writer, _):
        writer.fails_with = OperationalError("INSERT 秘密", {}, Exception("host secret"))
        with pytest.raises(UnavailableError) as caught:
            await desk.do(case(1))
        assert "secret" not in caught.value.message
        assert caught.value.retry_ms
        assert not desk.is_available
        writer.fails_with = None
        assert (await desk.do(case(1)))[0].error is None
        assert desk.is_available
        assert desk.counts.rounds_failed == 1


async def test_a_fault_of_ours_ends_one_transaction_and_no_other(tmp_path: Path) -> None:
    async with desk_of(tmp_path) as (desk, writer, _):
        writer.fails_with = ZeroDivisionError("秘密")
        with pytest.raises(CallError, match="failed at this transaction"):
            await desk.do(case(1))
        writer.fails_with = None
        assert (await desk.do(case(1)))[0].case_no == 1


async def test_what_waits_is_bounded(tmp_path: Path) -> None:
    async with desk_of(tmp_path, waiting_max=2) as (desk, writer, _):
        writer.gate.clear()
        tasks = [asyncio.create_task(desk.do(case(0)))]
        await until_taken(desk)
        tasks += [asyncio.create_task(desk.do(case(number))) for number in (1, 2)]
        await asyncio.sleep(0)
        with pytest.raises(FullError):
            await desk.do(case(3))
        writer.gate.set()
        assert len(await asyncio.gather(*tasks)) == 3


async def test_a_caller_that_goes_away_takes_nothing_back(tmp_path: Path) -> None:
    async with desk_of(tmp_path) as (desk, writer, _):
        writer.gate.clear()
        going = asyncio.create_task(desk.do(case(1)))
        staying = asyncio.create_task(desk.do(case(2)))
        await asyncio.sleep(0)
        going.cancel()
        writer.gate.set()
        assert (await staying)[0].error is None
        assert (await desk.do(case(1)))[0].is_repeated


async def test_each_work_has_its_own_outcome(tmp_path: Path) -> None:
    async with desk_of(tmp_path) as (desk, _, _):
        works = (Register(OURS, registration(1)), recorded(7, event("distribution", 20261105)))
        good, bad = await desk.do(Batch(works))
        assert good.error is None
        assert isinstance(bad.error, UnknownCaseError)
        assert desk.counts.refused == 1


async def test_before_the_database_is_open_nothing_is_taken(tmp_path: Path) -> None:
    with opened(sqlite_url(tmp_path)) as store:
        desk = Desk(store.writer, 10, lambda _courts, _seq: None)
        with pytest.raises(UnavailableError):
            await desk.do(case(1))


async def test_a_fault_in_one_caller_s_works_harms_no_other(tmp_path: Path) -> None:
    async with desk_of(tmp_path) as (desk, writer, _):
        kept = writer.write

        def write(batches: Sequence[Batch], now_ns: int) -> Written:
            works = [work for batch in batches for work in batch.works]
            if any(isinstance(work, Register) and work.case_number == case_number(2) for work in works):
                writer.sizes.append(len(batches))
                raise IntegrityError("INSERT 秘密", {}, Exception("host secret"))
            return kept(batches, now_ns)

        writer.write = write  # type: ignore[method-assign]
        writer.gate.clear()
        first = asyncio.create_task(desk.do(case(0)))
        await until_taken(desk)
        others = [asyncio.create_task(desk.do(case(number))) for number in (1, 2, 3)]
        await asyncio.sleep(0)
        writer.gate.set()
        found = await asyncio.gather(first, *others, return_exceptions=True)
        assert writer.sizes == [1, 3, 1, 1, 1]
        bad = found.pop(2)
        assert isinstance(bad, CallError)
        assert not isinstance(bad, UnavailableError)
        assert "secret" not in bad.message
        assert [one[0].error for one in found if isinstance(one, list)] == [None] * 3
        assert desk.is_available
        await desk.drain()


async def test_after_a_fault_each_caller_is_told_when_its_own_works_are_written(tmp_path: Path) -> None:
    async with desk_of(tmp_path) as (desk, writer, published):
        kept, last = writer.write, threading.Event()

        def write(batches: Sequence[Batch], now_ns: int) -> Written:
            numbers = [
                work.case_number for batch in batches for work in batch.works if isinstance(work, Register)
            ]
            if case_number(2) in numbers:
                raise IntegrityError("INSERT", {}, Exception())
            if case_number(3) in numbers:
                last.wait(DEADLINE_S)
            return kept(batches, now_ns)

        writer.write = write  # type: ignore[method-assign]
        writer.gate.clear()
        first = asyncio.create_task(desk.do(case(0)))
        await until_taken(desk)
        second, wrong, slow = [asyncio.create_task(desk.do(case(number))) for number in (1, 2, 3)]
        await asyncio.sleep(0)
        later = asyncio.create_task(desk.do(case(4)))
        await asyncio.sleep(0)
        writer.gate.set()
        assert (await first)[0].error is None
        assert (await second)[0].case_no == 2
        assert published[-1] == (frozenset({OURS}), 4)
        with pytest.raises(CallError):
            await wrong
        assert not slow.done()
        last.set()
        assert [(await one)[0].case_no for one in (slow, later)] == [3, 4]
        await desk.drain()
