"""The indexer's thread: every durable order id is known at every instant, whatever the index does."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from gateway.edge.errors import DamagedError, JournalBusyError, JournalError
from gateway.edge.journal import Journal
from gateway.edge.journal_index import FAN_IN, PERIOD_DAYS, Index, Run, index_path
from gateway.edge.journal_indexer import INPUTS_MAX, Indexer, next_merge
from gateway.edge.journal_schema import ADMISSION, DAY_NS, Frame
from gateway.edge.journal_volume import volume_path
from tests.gateway.edge.frames import AT_NS, COURT, admission, order_rows
from tests.patience import DEADLINE_S

ROWS_MAX = 1_000_000


def until(reached: Callable[[], bool]) -> None:
    deadline_s = monotonic() + DEADLINE_S
    while not reached():
        assert monotonic() < deadline_s
        sleep(0.001)


@pytest.fixture
def indexer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Indexer]:
    """Writes a run for every 1,000 rows."""
    monkeypatch.setattr("gateway.edge.journal_indexer.RUN_ROWS", 1_000)
    monkeypatch.setattr("gateway.edge.journal_indexer.RETRY_S", 0.01)
    made = Indexer(Index(tmp_path / "journal.orders"), ROWS_MAX)
    yield made
    made.stop()


def known(indexer: Indexer, packed: bytes) -> int:
    return len(indexer.find(packed)) // 40


def test_rows_are_known_before_and_while_and_after_they_are_written(indexer: Indexer) -> None:
    packed = order_rows(0, 40_000)
    for number in range(50):
        indexer.add(number + 1, AT_NS, packed[number * 4_000 : (number + 1) * 4_000])
    assert (indexer.row_count, known(indexer, packed)) == (5_000, 5_000)
    indexer.start()
    for number in range(50, 400):
        indexer.add(number + 1, AT_NS, packed[number * 4_000 : (number + 1) * 4_000])
        if number % 50 == 0:
            assert known(indexer, packed[: (number + 1) * 4_000]) == 100 * (number + 1)
    while indexer.row_count >= 1_000 or indexer._merge is not None:
        assert known(indexer, packed) == 40_000
    until(lambda: len(indexer._index.runs()) < FAN_IN)
    assert known(indexer, packed) == 40_000
    assert known(indexer, order_rows(40_000, 1_000)) == 0


def test_all_that_waits_is_written_at_the_stop(tmp_path: Path) -> None:
    indexer = Indexer(Index(tmp_path / "journal.orders"), ROWS_MAX)
    indexer.start()
    indexer.add(7, AT_NS, order_rows(0, 10))
    indexer.add(9, AT_NS + PERIOD_DAYS * DAY_NS, order_rows(10, 10))
    indexer.stop()
    index = Index(tmp_path / "journal.orders")
    assert (index.upto_seq, index.upto_ns) == (9, AT_NS + PERIOD_DAYS * DAY_NS)
    assert [run.row_count for run in index.runs()] == [10, 10]
    index.close()


def test_the_rows_of_a_period_that_is_over_are_written_and_its_runs_become_one(indexer: Indexer) -> None:
    indexer.start()
    for period in range(4):
        for _ in range(3):
            at_ns = AT_NS + period * PERIOD_DAYS * DAY_NS
            indexer.add(1, at_ns, order_rows(period * 10, 10))
    until(lambda: indexer.row_count == 30 and len(indexer._index.runs()) == 3)
    assert [run.row_count for run in indexer._index.runs()] == [30, 30, 30]


def test_old_order_ids_are_forgotten_and_young_ones_are_not(indexer: Indexer) -> None:
    indexer.start()
    indexer.add(1, AT_NS, order_rows(0, 1_000))
    indexer.add(2, AT_NS + PERIOD_DAYS * DAY_NS, order_rows(1_000, 1_000))
    until(lambda: indexer.row_count == 0)
    indexer.forget(AT_NS // DAY_NS)
    until(lambda: indexer._forget_before == 0)
    assert known(indexer, order_rows(0, 2_000)) == 2_000
    indexer.forget(AT_NS // DAY_NS + 1)
    until(lambda: known(indexer, order_rows(0, 2_000)) == 1_000)
    assert known(indexer, order_rows(1_000, 1_000)) == 1_000


def test_an_index_without_room_forgets_nothing_and_goes_on_when_there_is_some(indexer: Indexer) -> None:
    (page_count,) = indexer._index._connection.execute("PRAGMA page_count").fetchone()
    limit_pages(indexer._index, page_count + 3)
    indexer.start()
    packed = order_rows(0, 5_000)
    for number in range(5):
        indexer.add(number + 1, AT_NS, packed[number * 40_000 : (number + 1) * 40_000])
    until(lambda: "SQLITE_FULL" in indexer.error)
    assert known(indexer, packed) == 5_000
    assert indexer.row_count > 0
    limit_pages(indexer._index, 1_000_000)
    until(lambda: indexer.row_count == 0)
    assert (known(indexer, packed), indexer.error) == (5_000, "")


def test_orders_that_come_one_by_one_wait_together_and_none_is_lost_while_they_are_written(
    indexer: Indexer,
) -> None:
    packed = order_rows(0, 4_000)
    for number in range(500):
        indexer.add(number + 1, AT_NS, packed[number * 40 : (number + 1) * 40])
    assert len(indexer._pending) == 2
    indexer.start()
    for number in range(500, 4_000):
        indexer.add(number + 1, AT_NS, packed[number * 40 : (number + 1) * 40])
        if number % 100 == 0:
            assert known(indexer, packed[: (number + 1) * 40]) == number + 1
    until(lambda: indexer.row_count < 1_000)
    assert known(indexer, packed) == 4_000
    assert indexer.row_count + sum(run.row_count for run in indexer._index.runs()) == 4_000


@pytest.mark.parametrize(
    "error", [sqlite3.OperationalError("disk I/O error"), MemoryError(), ValueError("odd")]
)
def test_an_index_that_cannot_be_read_is_tried_again(
    indexer: Indexer, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    right, reasons = indexer._index.runs, []

    def runs() -> list[Run]:
        reasons.append(indexer.error)
        if len(reasons) < 4:
            raise error
        return right()

    monkeypatch.setattr(indexer._index, "runs", runs)
    indexer.start()
    indexer.add(1, AT_NS, order_rows(0, 1_000))
    until(lambda: len(reasons) > 4 and indexer.row_count == 0)
    assert any("journal.orders" in reason for reason in reasons)
    assert known(indexer, order_rows(0, 1_000)) == 1_000


def test_waiting_for_room_ends_with_the_reason_when_there_is_none(
    indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.edge.journal_indexer.CATCH_UP_S_MAX", 0.05)
    indexer._rows_max = 5
    limit_pages(indexer._index, 1)
    indexer.start()
    indexer.add(1, AT_NS, order_rows(0, 1_000))
    until(lambda: bool(indexer.error))
    with pytest.raises(JournalError, match="SQLITE_FULL"):
        indexer.wait_for_room()
    limit_pages(indexer._index, 1_000_000)
    monkeypatch.setattr("gateway.edge.journal_indexer.CATCH_UP_S_MAX", DEADLINE_S)
    indexer.wait_for_room()


def test_runs_are_merged_by_size_and_when_their_period_is_over() -> None:
    small = [Run(number, number, 100, 100, 5) for number in range(1, FAN_IN)]
    old = [Run(number + 50, number, 1, 1, 10**7) for number in range(40)]
    assert next_merge([]) == []
    assert next_merge(small) == []
    assert next_merge([*small, Run(9, 9, 100, 100, 10**7)]) == []
    eight = [*small, Run(9, 9, 100, 100, 1)]
    assert next_merge(eight) == eight
    assert next_merge([*old, *small]) == old[:INPUTS_MAX]
    assert next_merge([old[0], *small]) == []


async def journal_with_orders(path: Path, frame_count: int, row_count: int) -> bytes:
    journal = Journal.open(path)
    packed = order_rows(0, frame_count * row_count)
    size = row_count * 40
    frames = [
        admission(number + 1, orders=packed[number * size : (number + 1) * size])
        for number in range(frame_count)
    ]
    await asyncio.gather(*map(journal.append, frames))
    journal.close()
    return packed


async def test_a_lost_index_is_made_anew_though_not_all_of_it_may_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal"
    packed = await journal_with_orders(path, 40, 10)
    Index.remove(index_path(path))
    monkeypatch.setattr("gateway.edge.journal_indexer.RUN_ROWS", 10)
    monkeypatch.setattr("gateway.edge.journal.UNINDEXED_MAX", 30)
    journal = Journal.open(path)
    assert journal._indexer.row_count <= 30
    assert sorted(rows(journal.find_orders(packed))) == sorted(rows(packed))
    assert sorted(rows(journal.orders(1_000))) == sorted(rows(packed))
    journal.close()


async def test_an_index_of_another_journal_is_made_anew(tmp_path: Path) -> None:
    packed = await journal_with_orders(tmp_path / "journal", 3, 5)
    other = Journal.open(tmp_path / "other")
    frame = Frame(ADMISSION, b"x", AT_NS + 1, COURT, 1, 1, b"", order_rows(900, 1))
    await other.append(frame)
    other.close()
    index_path(tmp_path / "other").replace(index_path(tmp_path / "journal"))
    journal = Journal.open(tmp_path / "journal")
    assert journal.find_orders(order_rows(900, 1)) == b""
    assert sorted(rows(journal.find_orders(packed))) == sorted(rows(packed))
    journal.close()


async def test_a_journal_that_was_put_back_knows_no_order_it_does_not_hold(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    packed = await journal_with_orders(path, 3, 5)
    volume = volume_path(path, 1)
    copy = volume.read_bytes()
    journal = Journal.open(path)
    later = order_rows(500, 1)
    await journal.append(admission(4, orders=later))
    journal.close()
    volume.write_bytes(copy)
    (path / "head").unlink()
    again = Journal.open(path)
    assert sorted(rows(again.find_orders(packed + later))) == sorted(rows(packed))
    again.close()


async def test_a_damaged_index_stops_the_start_and_the_lock_is_free_again(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    await journal_with_orders(path, 1, 5)
    index_path(path).write_bytes(b"no index" * 1_000)
    threads = threading.active_count()
    for _ in range(2):
        with pytest.raises(DamagedError, match="journal/orders: not readable"):
            Journal.open(path)
    assert threading.active_count() == threads


def rows(packed: bytes) -> list[bytes]:
    return [packed[at : at + 40] for at in range(0, len(packed), 40)]


async def test_admissions_are_refused_while_too_many_order_ids_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.edge.journal.UNINDEXED_MAX", 1_500)
    monkeypatch.setattr("gateway.edge.journal_indexer.RUN_ROWS", 1_000)
    monkeypatch.setattr("gateway.edge.journal_indexer.RETRY_S", 0.01)
    journal = Journal.open(tmp_path / "journal")
    limit_pages(journal._indexer._index, 1)
    assert await journal.append(admission(1, orders=order_rows(0, 1_600))) == 1
    until(lambda: bool(journal._indexer.error))
    with pytest.raises(JournalBusyError, match=r"1600 order ids wait .* at most 1500 .*SQLITE_FULL"):
        await journal.append(admission(2, orders=order_rows(1_600, 1)))
    limit_pages(journal._indexer._index, 1_000_000)
    until(lambda: journal._indexer.row_count == 0)
    assert await journal.append(admission(2, orders=order_rows(1_600, 1))) == 2
    assert len(journal.find_orders(order_rows(0, 2_000))) == 1_601 * 40
    journal.close()


def limit_pages(index: Index, page_count: int) -> None:
    """Only so many pages may the file have: the disk is full beyond."""
    index._connection.execute(f"PRAGMA max_page_count = {page_count}")
