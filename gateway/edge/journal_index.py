"""Index: the order ids of a journal's admissions, in a SQLite file in its folder.

Derived: what it lacks is in the journal's frames, and it says up to which frame it goes. Order rows stand in
runs, each sorted by key; small runs are merged into larger ones a step at a time, and old ones go away whole.
A run is never changed. It has no thread; journal_indexer drives it.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from gateway.edge.errors import DamagedError, JournalError
from gateway.edge.journal_runs import CHUNK_ROWS, Probe, Rows, Wanted, chunked, filter_of, merged, rows_of
from gateway.edge.journal_schema import ORDER_BYTES

FORMAT: Final = 1
PAGE_BYTES: Final = 32_768
CACHE_KIB: Final = 16_384
CHECKPOINT_PAGES: Final = (64 << 20) // PAGE_BYTES
# Its log is kept at this size when it begins again: writing over it is cheaper than making it longer.
LOG_BYTES_KEPT: Final = 256 << 20
BUSY_TIMEOUT_S: Final = 30.0
# Of so many days at most are the orders of one run: it can go away when the youngest of them is old.
PERIOD_DAYS: Final = 16
# So many runs of about one size become one: each row is written again at each eightfold of its run's size.
FAN_IN: Final = 8
RUN_ROWS: Final = 1 << 17
READ_CHUNKS: Final = 16
DROP_CHUNKS: Final = 1_024
_RUN_BITS: Final = 32  # a chunk's id is its run's number, and its own in the lower bits
_NEWEST_RUN: Final = (
    "SELECT max(coalesce((SELECT max(id) FROM chunks), 0) >> ?, coalesce(max(run), 0)) FROM runs"
)
_NEXT_ID: Final = "SELECT id FROM chunks WHERE id >= ? ORDER BY id LIMIT 1"

TABLES: Final = """
CREATE TABLE runs (
    run INTEGER PRIMARY KEY,
    first_seq INTEGER NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    fences BLOB NOT NULL
) STRICT;
CREATE TABLE chunks (id INTEGER PRIMARY KEY, rows BLOB NOT NULL) STRICT;
CREATE TABLE filters (id INTEGER PRIMARY KEY, words BLOB NOT NULL) STRICT;
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One sorted run: the first frame and the days its rows are from."""

    run: int
    first_seq: int
    first_day: int
    last_day: int
    row_count: int

    @property
    def period(self) -> int:
        """Runs of one period may be merged."""
        return self.last_day // PERIOD_DAYS

    @property
    def size_class(self) -> int:
        """Runs of one size class become one when there are FAN_IN."""
        return ((self.row_count // RUN_ROWS).bit_length() - 1) // 3 if self.row_count >= RUN_ROWS else 0


def index_path(journal: Path) -> Path:
    """Where the index of a journal is."""
    return journal / "orders"


class Index:
    """Open for writing. One thread calls what writes; `find` and `newest` any thread."""

    def __init__(self, path: Path) -> None:
        """Open or make; mode 0600. DamagedError when the file is no index; the index can be made anew."""
        self.path = path
        self._lock = threading.Lock()
        self._probes: dict[int, Probe] = {}
        self._looking: sqlite3.Connection | None = None
        self._connection = _connect(path, writing=True)
        try:
            self._create()
            meta = _read_meta(self._connection, path)
            self._next_run = count(self._connection.execute(_NEWEST_RUN, (_RUN_BITS,)).fetchone()[0] + 1)
            self.upto_seq, self.upto_ns = meta["upto_seq"], meta["upto_ns"]
        except BaseException as error:
            self._connection.close()
            if isinstance(error, sqlite3.Error | KeyError):
                raise _damaged(path, error) from error
            raise

    @classmethod
    def remove(cls, path: Path) -> None:
        """Remove the file and what SQLite keeps beside it; nothing when there is none."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Close both connections."""
        with self._lock:
            if self._looking is not None:
                self._looking.close()
                self._looking = None
        self._connection.close()

    # -- writing

    def add_run(self, rows: Rows, first_seq: int, days: tuple[int, int], upto: tuple[int, int]) -> None:
        """Add sorted rows as one run; the index then goes up to this frame: its seq and its time."""
        with self._transaction() as connection:
            number = next(self._next_run)
            fences = self._put(number, 0, rows)
            run = Run(number, first_seq, *days, len(rows))
            self._publish(run, fences)
            connection.execute(
                "UPDATE meta SET value = CASE key WHEN 'upto_seq' THEN ? ELSE ? END WHERE key <> 'format'",
                upto,
            )
        self.upto_seq, self.upto_ns = upto

    def runs(self) -> list[Run]:
        """All runs, those of the oldest frames first."""
        return _runs(self._connection)

    def merge(self, inputs: Sequence[Run]) -> Iterator[None]:
        """Make one run of several, a transaction each step. Cut short, what it wrote is garbage."""
        number, at = next(self._next_run), 0
        fences: list[bytes] = []
        for rows in chunked(merged([self._pieces(run) for run in inputs])):
            with self._transaction():
                fences.append(self._put(number, at, rows))
            at += -(-len(rows) // CHUNK_ROWS)
            yield
        first_seq = min(run.first_seq for run in inputs)
        days = min(run.first_day for run in inputs), max(run.last_day for run in inputs)
        with self._transaction():
            self._withdraw(inputs)
            self._publish(
                Run(number, first_seq, *days, sum(run.row_count for run in inputs)), b"".join(fences)
            )

    def forget(self, before_day: int) -> bool:
        """Withdraw the runs whose rows are all of days before this one; False: there is none."""
        old = [run for run in self.runs() if run.last_day < before_day]
        if old:
            with self._transaction():
                self._withdraw(old)
        return bool(old)

    def drop_garbage(self) -> bool:
        """Delete some chunks that belong to no run; False: there are none. Not while a merge is under way."""
        known = {run.run for run in self.runs()}
        at = 0
        while (row := self._connection.execute(_NEXT_ID, (at,)).fetchone()) is not None:
            first_id: int = row[0]
            run = first_id >> _RUN_BITS
            if run not in known:
                self._drop(run << _RUN_BITS, min(first_id + DROP_CHUNKS, (run + 1) << _RUN_BITS))
                return True
            at = (run + 1) << _RUN_BITS
        return False

    # -- reading

    def find(self, wanted: Wanted) -> None:
        """Look into every run, the oldest first. DamagedError when the index cannot be read."""
        with self._lock, self._snapshot() as connection:
            runs = _runs(connection)
            self._probes = {run.run: self._probe(connection, run.run) for run in runs}
            for run in runs:
                found = self._probes[run.run].chunks(wanted.rows)
                for number, pairs in groupby(found, itemgetter(0)):
                    rows = _chunk(connection, (run.run << _RUN_BITS) + number)
                    for _, place in pairs:
                        wanted.look_sorted(rows, place)

    def newest(self, limit: int) -> Iterator[bytes]:
        """The rows of the newest runs, the oldest of them first: `limit` in all, or all there are."""
        connection = _connect(self.path)
        try:
            connection.execute("BEGIN")
            runs = _runs(connection)
            skip_rows = max(0, sum(run.row_count for run in runs) - limit)
            for run in runs:
                if skip_rows >= run.row_count:
                    skip_rows -= run.row_count
                    continue
                ids = (run.run << _RUN_BITS, (run.run + 1) << _RUN_BITS)
                for (rows,) in connection.execute(
                    "SELECT rows FROM chunks WHERE id >= ? AND id < ? ORDER BY id", ids
                ):
                    skipped = min(skip_rows, len(rows) // ORDER_BYTES)
                    skip_rows -= skipped
                    yield rows[skipped * ORDER_BYTES :]
        except (sqlite3.Error, ValueError, TypeError) as error:
            raise _damaged(self.path, error) from error
        finally:
            connection.close()

    # -- helpers

    def _create(self) -> None:
        with self._transaction() as connection:
            if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                return
            for statement in filter(str.strip, TABLES.split(";")):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO meta VALUES ('format', ?), ('upto_seq', 0), ('upto_ns', 0)", (FORMAT,)
            )

    def _put(self, run: int, at: int, rows: Rows) -> bytes:
        """Write sorted rows as the chunks of a run from number `at` on; their fences."""
        first_id = (run << _RUN_BITS) + at
        starts = range(0, len(rows), CHUNK_ROWS)
        self._connection.executemany(
            "INSERT INTO chunks VALUES (?, ?)",
            [
                (first_id + place, rows[start : start + CHUNK_ROWS].tobytes())
                for place, start in enumerate(starts)
            ],
        )
        self._connection.execute("INSERT INTO filters VALUES (?, ?)", (first_id, filter_of(rows).tobytes()))
        return rows[::CHUNK_ROWS, 0].tobytes()

    def _publish(self, run: Run, fences: bytes) -> None:
        values = (run.run, run.first_seq, run.first_day, run.last_day, run.row_count, fences)
        self._connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)", values)

    def _withdraw(self, runs: Sequence[Run]) -> None:
        self._connection.executemany("DELETE FROM runs WHERE run = ?", [(run.run,) for run in runs])

    def _drop(self, first_id: int, until_id: int) -> None:
        with self._transaction() as connection:
            connection.execute("DELETE FROM chunks WHERE id >= ? AND id < ?", (first_id, until_id))
            connection.execute("DELETE FROM filters WHERE id >= ? AND id < ?", (first_id, until_id))

    def _pieces(self, run: Run) -> Iterator[Rows]:
        chunk_count = -(-run.row_count // CHUNK_ROWS)
        for at in range(0, chunk_count, READ_CHUNKS):
            first_id = (run.run << _RUN_BITS) + at
            found = self._connection.execute(
                "SELECT rows FROM chunks WHERE id >= ? AND id < ? ORDER BY id",
                (first_id, first_id + READ_CHUNKS),
            ).fetchall()
            yield rows_of(b"".join([rows for (rows,) in found]))

    def _probe(self, connection: sqlite3.Connection, run: int) -> Probe:
        if (known := self._probes.get(run)) is not None:
            return known
        (fences,) = connection.execute("SELECT fences FROM runs WHERE run = ?", (run,)).fetchone()
        ids = (run << _RUN_BITS, (run + 1) << _RUN_BITS)
        words = connection.execute("SELECT words FROM filters WHERE id >= ? AND id < ? ORDER BY id", ids)
        return Probe(fences, b"".join([piece for (piece,) in words]))

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """A transaction that goes on seeing what there was when it began."""
        if self._looking is None:
            self._looking = _connect(self.path)
        try:
            self._looking.execute("BEGIN")
            try:
                yield self._looking
            finally:
                self._looking.execute("ROLLBACK")
        except (sqlite3.Error, ValueError, TypeError) as error:
            raise _damaged(self.path, error) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written in it, or nothing. JournalError when it cannot be written."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        except (sqlite3.Error, MemoryError) as error:
            reason = getattr(error, "sqlite_errorname", type(error).__name__)
            raise JournalError(f"{self.path}: not written: {error} ({reason})") from error


def _connect(path: Path, *, writing: bool = False) -> sqlite3.Connection:
    """A connection that any one thread at a time may use; transactions are begun by hand."""
    try:
        if writing:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
    except (OSError, sqlite3.Error) as error:
        raise JournalError(f"{path}: cannot be made: {error}") from error
    # Derived, and made again from the journal: a power failure may take back its newest runs.
    settings: tuple[str, ...] = ("query_only = 1",)
    if writing:
        settings = (
            f"page_size = {PAGE_BYTES}",
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "secure_delete = 0",
            f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
            f"journal_size_limit = {LOG_BYTES_KEPT}",
            f"cache_size = -{CACHE_KIB}",
        )
    try:
        for setting in settings:
            connection.execute(f"PRAGMA {setting}")
    except sqlite3.Error as error:
        connection.close()
        raise _damaged(path, error) from error
    return connection


def _read_meta(connection: sqlite3.Connection, path: Path) -> dict[str, int]:
    meta: dict[str, int] = dict(connection.execute("SELECT key, value FROM meta"))
    if meta["format"] != FORMAT:
        raise DamagedError(f"{path}: format {meta['format']} given, this gateway reads {FORMAT}")
    return meta


def _damaged(path: Path, error: Exception) -> DamagedError:
    return DamagedError(f"{path}: not readable: {error}; once removed, it is made anew from the journal")


def _runs(connection: sqlite3.Connection) -> list[Run]:
    statement = "SELECT run, first_seq, first_day, last_day, row_count FROM runs ORDER BY first_seq, run"
    return [Run(*row) for row in connection.execute(statement)]


def _chunk(connection: sqlite3.Connection, chunk_id: int) -> bytes:
    rows: bytes = connection.execute("SELECT rows FROM chunks WHERE id = ?", (chunk_id,)).fetchone()[0]
    return rows
