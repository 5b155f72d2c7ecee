"""The index's file: what is in it is found, at every instant of a merge, and after every failure in one."""

import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.edge.errors import DamagedError, JournalError
from gateway.edge.journal_index import FAN_IN, PERIOD_DAYS, RUN_ROWS, Index, Run
from gateway.edge.journal_runs import CHUNK_ROWS, Wanted, ordered, rows_of
from tests.gateway.edge.frames import order_rows

COUNT = 20 * CHUNK_ROWS + 7


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = Index(tmp_path / "journal.orders")
    yield opened
    opened.close()


def add(index: Index, number: int, packed: bytes, day: int = 1) -> None:
    index.add_run(ordered(rows_of(packed)), number, (day, day), (number, number * 10))


def known(index: Index, packed: bytes) -> int:
    wanted = Wanted(packed)
    index.find(wanted)
    return len(wanted.found()) // 40


def chunk_count(index: Index) -> int:
    count: int = index._connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
    return count


def test_what_was_added_is_found_and_nothing_else(index: Index) -> None:
    assert known(index, order_rows(1, 10)) == 0
    for number in range(3):
        add(index, number + 1, order_rows(1_000 * number, 1_000))
    assert known(index, order_rows(0, 3_000)) == 3_000
    assert known(index, order_rows(3_000, 1_000)) == 0
    assert (index.upto_seq, index.upto_ns) == (3, 30)
    wanted = Wanted(order_rows(1_234, 1))
    index.find(wanted)
    assert wanted.found() == order_rows(1_234, 1)


def test_the_first_row_of_an_order_id_stands(index: Index) -> None:
    first = order_rows(5, 1)
    add(index, 1, first)
    add(index, 2, first[:16] + bytes(24))
    for _ in index.merge(index.runs()):
        pass
    wanted = Wanted(first[:16] + b"x" * 24)
    index.find(wanted)
    assert wanted.found() == first


def test_everything_is_known_after_each_step_of_a_merge_and_of_what_follows(index: Index) -> None:
    packed = order_rows(0, COUNT)
    third = COUNT // 3 * 40
    for number, at in enumerate(range(0, len(packed), third)):
        add(index, number + 1, packed[at : at + third])
    step_count = 0
    for _ in index.merge(index.runs()):
        step_count += 1
        assert known(index, packed) == COUNT
    assert step_count > 1
    (run,) = index.runs()
    assert run.row_count == COUNT
    while index.drop_garbage():
        assert known(index, packed) == COUNT
    assert chunk_count(index) == -(-COUNT // CHUNK_ROWS)


def test_a_lookup_goes_on_seeing_runs_that_a_merge_has_replaced(index: Index) -> None:
    add(index, 1, order_rows(0, 2_000))
    add(index, 2, order_rows(2_000, 2_000))
    pieces = index.newest(10_000)
    first = next(pieces)
    for _ in index.merge(index.runs()):
        pass
    while index.drop_garbage():
        pass
    assert len(first + b"".join(pieces)) == 4_000 * 40


class Failing:
    """A connection whose n-th statement fails."""

    def __init__(self, connection: sqlite3.Connection, fail_at: int) -> None:
        self._connection = connection
        self._left = fail_at

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise sqlite3.OperationalError("database or disk is full")

    def execute(self, *given: object) -> sqlite3.Cursor:
        self._count()
        return self._connection.execute(*given)  # type: ignore[arg-type]

    def executemany(self, *given: object) -> sqlite3.Cursor:
        self._count()
        return self._connection.executemany(*given)  # type: ignore[arg-type]

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction


def test_a_failure_at_any_statement_of_a_merge_costs_nothing_but_the_merge(index: Index) -> None:
    """Fail the 1st, 2nd, ... statement until none is hit, then merge what is there."""
    packed = order_rows(0, COUNT)
    add(index, 1, packed[: 40 * 7_000])
    add(index, 2, packed[40 * 7_000 :])
    right = index._connection
    fail_at, has_failed = 0, True
    while has_failed:
        fail_at += 1
        inputs = index.runs()
        index._connection = Failing(right, fail_at)  # type: ignore[assignment]
        has_failed = False
        try:
            for _ in index.merge(inputs):
                pass
        except (JournalError, sqlite3.OperationalError):
            has_failed = True
        index._connection = right
        assert known(index, packed) == COUNT
        while index.drop_garbage():
            pass
        assert chunk_count(index) == sum(-(-run.row_count // CHUNK_ROWS) for run in index.runs())
        assert known(index, packed) == COUNT
    assert len(index.runs()) == 1
    assert fail_at > 10


def test_what_a_cut_off_merge_wrote_is_dropped_after_the_next_start(tmp_path: Path) -> None:
    index = Index(tmp_path / "journal.orders")
    packed = order_rows(0, COUNT)
    add(index, 1, packed[: 40 * 7_000])
    add(index, 2, packed[40 * 7_000 :])
    next(index.merge(index.runs()))
    index.close()
    again = Index(tmp_path / "journal.orders")
    assert (again.upto_seq, again.upto_ns) == (2, 20)
    assert known(again, packed) == COUNT
    before = chunk_count(again)
    # A run that is written before the garbage is gone takes no number of it.
    add(again, 3, order_rows(COUNT, 5))
    while again.drop_garbage():
        pass
    assert chunk_count(again) < before
    assert known(again, order_rows(0, COUNT + 5)) == COUNT + 5
    again.close()


def test_runs_go_away_when_all_their_days_are_old(index: Index) -> None:
    add(index, 1, order_rows(0, 10), day=1)
    add(index, 2, order_rows(10, 10), day=2)
    assert not index.forget(1)
    assert index.forget(2)
    assert known(index, order_rows(0, 20)) == 10
    assert index.drop_garbage()
    assert not index.drop_garbage()
    assert known(index, order_rows(0, 20)) == 10


def test_the_newest_rows_come_the_oldest_of_them_first(index: Index) -> None:
    for number in range(3):
        add(index, number + 1, order_rows(1_000 * number, 1_000))
    ids = [int.from_bytes(row[32:], "little") for row in rows(b"".join(index.newest(1_500)))]
    assert len(ids) == len(set(ids)) == 1_500
    assert set(ids[-1_000:]) == set(range(2_000, 3_000))
    assert set(ids[:500]) < set(range(1_000, 2_000))
    assert len(b"".join(index.newest(10**9))) == 3_000 * 40
    assert b"".join(index.newest(0)) == b""


def rows(packed: bytes) -> list[bytes]:
    return [packed[at : at + 40] for at in range(0, len(packed), 40)]


@pytest.mark.parametrize(
    ("row_count", "size_class"),
    [(1, 0), (RUN_ROWS, 0), (FAN_IN * RUN_ROWS - 1, 0), (FAN_IN * RUN_ROWS, 1), (FAN_IN**2 * RUN_ROWS, 2)],
)
def test_a_size_class_is_eight_times_the_one_before(row_count: int, size_class: int) -> None:
    run = Run(1, 1, 0, PERIOD_DAYS, row_count)
    assert (run.size_class, run.period) == (size_class, 1)


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    Index(tmp_path / "journal.orders").close()
    assert stat.S_IMODE((tmp_path / "journal.orders").stat().st_mode) == 0o600


@pytest.mark.parametrize("kept", [b"no database at all" * 100, b""])
def test_a_file_that_is_no_index_is_named_with_what_helps(tmp_path: Path, kept: bytes) -> None:
    path = tmp_path / "journal.orders"
    path.write_bytes(kept)
    if not kept:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE other (x)")
        connection.close()
    with pytest.raises(DamagedError, match=r"journal\.orders: not readable: .* made anew from the journal"):
        Index(path)
    Index.remove(path)
    Index.remove(path)
    Index(path).close()


def test_an_index_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.orders"
    Index(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = 9 WHERE key = 'format'")
    connection.close()
    with pytest.raises(DamagedError, match="format 9 given, this gateway reads 1"):
        Index(path)


def test_an_index_that_becomes_unreadable_is_an_error_of_the_world(index: Index) -> None:
    add(index, 1, order_rows(0, 10))
    index._connection.execute("UPDATE runs SET fences = x'00'")
    with pytest.raises(DamagedError, match="not readable"):
        known(index, order_rows(0, 1))
