"""The writer's thread: groups, their order, and failures in any place."""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.edge.errors import JournalError
from gateway.edge.journal_index import Index
from gateway.edge.journal_indexer import Indexer
from gateway.edge.journal_reader import Reader
from gateway.edge.journal_schema import ORDER_BYTES, Frame, connect, create
from gateway.edge.journal_unfinished import Unfinished
from gateway.edge.journal_writer import Waiting, Writer
from tests.gateway.edge.frames import admission


class Desk:
    """A writer that has not begun, and what it said."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal"
        create(self.path, bytes(16))
        self.connection = connect(self.path)
        self.done: list[tuple[list[int], int, JournalError | None]] = []
        self.threads: set[int] = set()
        self.known_count = 0
        self.indexer = Indexer(Index(folder / "journal.orders"), 1)
        self.indexer.start()
        self.writer = Writer(self.path, self.connection, Unfinished(), 1, 1, self._done, self.indexer)

    def _done(self, group: Sequence[Waiting], first_seq: int, error: JournalError | None) -> None:
        self.threads.add(threading.get_ident())
        self.done.append(([one.ticket for one in group], first_seq, error))

    def run(self, works: Sequence[Frame | None]) -> None:
        for ticket, work in enumerate(works):
            self.writer.put(Waiting(work, ticket))
        self.writer.start()
        self.writer.stop()
        self.known_count = sum(len(rows) for rows in self.indexer.newest(10)) // ORDER_BYTES
        self.indexer.stop()


@pytest.mark.parametrize("count", [1, 7, 8, 9, 64, 65, 200])
def test_all_that_waits_is_one_commit_in_its_order(tmp_path: Path, count: int) -> None:
    desk = Desk(tmp_path)
    desk.run([admission(number) for number in range(1, count + 1)])
    assert desk.done == [(list(range(count)), 1, None)]
    reader = Reader(desk.path)
    assert [frame.first_inquiry_id for frame in reader.frames(0)] == list(range(1, count + 1))
    reader.close()
    assert desk.threads != {threading.get_ident()}


def test_a_group_is_bounded_in_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.edge.journal_writer.COMMIT_BYTES_MAX", 1)
    desk = Desk(tmp_path)
    desk.run([admission(1), None, admission(2)])
    assert desk.done == [([0], 1, None), ([1, 2], 2, None)]


class Failing:
    """A connection whose n-th statement fails."""

    def __init__(self, connection: sqlite3.Connection, fail_at: int, error: Exception) -> None:
        self._connection = connection
        self._left = fail_at
        self._error = error
        self.has_failed = False

    def execute(self, *given: object) -> sqlite3.Cursor:
        self._left -= 1
        if self._left == 0:
            self.has_failed = True
            raise self._error
        return self._connection.execute(*given)  # type: ignore[arg-type]

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def close(self) -> None:
        self._connection.close()


# SQLite that runs out of memory is a MemoryError.
@pytest.mark.parametrize("error", [sqlite3.OperationalError("disk I/O error"), MemoryError()])
def test_a_failure_at_any_statement_leaves_all_of_a_group_or_nothing(
    tmp_path: Path, error: Exception
) -> None:
    """Fail the 1st, 2nd, ... statement until none is hit."""
    fail_at, has_failed = 0, True
    while has_failed:
        fail_at += 1
        folder = tmp_path / str(fail_at)
        folder.mkdir()
        desk = Desk(folder)
        failing = Failing(desk.connection, fail_at, error)
        desk.writer._connection = failing  # type: ignore[assignment]
        desk.run([admission(1, 2, orders=bytes(80)), admission(3)])
        has_failed = failing.has_failed
        (_, _, lost) = desk.done[0]
        reader = Reader(desk.path)
        kept = len(list(reader.frames(0)))
        reader.close()
        assert (kept, desk.known_count) == ((0, 0) if lost else (2, 2))
    assert fail_at > 6
