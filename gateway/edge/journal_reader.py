"""Reader: everything that is read from a journal, by the gateway, the projector and `chakong audit`.

Each call takes a connection of its own from a small pool, so it may be made from any thread while the writer
writes. Every frame that is handed out had the right CRC. It writes nothing.
"""

import sqlite3
import struct
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from gateway.edge.errors import DamagedError, JournalError
from gateway.edge.journal_schema import (
    ADMISSION,
    CANCELLATION,
    COLUMNS,
    KIND_NAMES,
    Replay,
    StoredFrame,
    connect,
    read_meta,
    stored,
)
from gateway.edge.journal_unfinished import Unfinished

CONNECTIONS_KEPT: Final = 4
READ_BYTES_MAX: Final = 16 << 20
READ_FRAMES_MAX: Final = 4_096
# Read again at each start, on top of what is replayed: damage is then found while a copy of the file may
# still exist.
VERIFY_BYTES: Final = 1 << 30


class Reader:
    """Reads one journal. The file must be there: a reader makes none."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise JournalError(f"{path}: there is no such journal")
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        with self._connection() as connection:
            self.meta = read_meta(connection, path)

    def close(self) -> None:
        """Close the idle connections. Calls still running close theirs when they end."""
        while self._idle:
            self._idle.pop().close()

    def read(
        self,
        after_seq: int,
        *,
        kinds: Collection[int] = tuple(KIND_NAMES),
        court: str | None = None,
        limit: int = READ_FRAMES_MAX,
        bytes_max: int = READ_BYTES_MAX,
    ) -> list[StoredFrame]:
        """The next frames after `after_seq`, seqs ascending: at most `limit`, and about `bytes_max` of
        bodies."""
        frames: list[StoredFrame] = []
        size_bytes = 0
        for frame in self.frames(after_seq, kinds=kinds, court=court, limit=limit):
            frames.append(frame)
            size_bytes += len(frame.body)
            if size_bytes >= bytes_max:
                break
        return frames

    def frames(
        self,
        after_seq: int,
        *,
        kinds: Collection[int] = tuple(KIND_NAMES),
        court: str | None = None,
        limit: int = -1,
    ) -> Iterator[StoredFrame]:
        """All frames after `after_seq`, seqs ascending, as they stand at the first. -1: no limit."""
        # Written out, not bound: SQLite uses the index of a kind only when the statement says `kind = 2`.
        names = ", ".join(str(int(kind)) for kind in kinds)
        where = f"kind = {names}" if len(kinds) == 1 else f"kind IN ({names})"
        where += "" if court is None else " AND court = :court"
        # kinds are whole numbers, the rest is bound.
        statement = f"SELECT {COLUMNS} FROM frames WHERE seq > :after AND {where} ORDER BY seq LIMIT :limit"  # noqa: S608
        with self._connection() as connection:
            for row in connection.execute(statement, {"after": after_seq, "court": court, "limit": limit}):
                yield stored(row, self._path)

    def last_seq(self) -> int:
        """Number of the newest durable frame; 0: none."""
        return int(self._one("SELECT coalesce(max(seq), 0) FROM frames")[0])

    def last_inquiry_id(self) -> int:
        """The highest inquiry id ever admitted; 0: none."""
        statement = (
            "SELECT first_inquiry_id + inquiry_count - 1 FROM frames WHERE kind = 1 "
            "ORDER BY first_inquiry_id DESC LIMIT 1"
        )
        row = self._one(statement)
        return int(row[0]) if row else 0

    def court_of(self, inquiry_id: int) -> str | None:
        """The court whose inquiry this is; None when there is no such inquiry."""
        row = self._one(
            "SELECT court, first_inquiry_id + inquiry_count FROM frames "
            "WHERE kind = 1 AND first_inquiry_id <= ? ORDER BY first_inquiry_id DESC LIMIT 1",
            min(inquiry_id, 2**63 - 1),
        )
        return str(row[0]) if row and inquiry_id < row[1] else None

    def time_of(self, seq: int) -> int:
        """When this frame was written; 0: there is none."""
        row = self._one("SELECT at_ns FROM frames WHERE seq = ?", seq)
        return int(row[0]) if row else 0

    def verified(self, from_seq: int) -> Unfinished:
        """Check the frames from `from_seq` on and VERIFY_BYTES before it; what of them is unfinished.

        DamagedError names the first frame that is missing or not as it was written.
        """
        unfinished = Unfinished()
        for frame in self.whole(self._verify_from(from_seq)):
            if frame.seq < from_seq:
                continue
            if frame.kind == ADMISSION:
                unfinished.admitted(frame.seq, frame.first_inquiry_id, frame.inquiry_count)
            elif frame.finals:
                unfinished.finished(frame.finals)
        return unfinished

    def whole(self, first_seq: int) -> Iterator[StoredFrame]:
        """Every frame from `first_seq` on. DamagedError for one that is missing or not as it was written."""
        statement = f"SELECT {COLUMNS} FROM frames WHERE seq >= ? ORDER BY seq"  # noqa: S608 - a constant
        expected_seq = first_seq
        with self._connection() as connection:
            for row in connection.execute(statement, (first_seq,)):
                if row[0] != expected_seq:
                    raise DamagedError(f"{self._path}: frame {expected_seq} is missing, {row[0]} follows")
                expected_seq += 1
                yield stored(row, self._path)

    def check_tables(self) -> None:
        """SQLite's own check of tables and indexes. DamagedError with what it finds first."""
        with self._connection() as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise DamagedError(f"{self._path}: {found}")

    def replay(self, from_seq: int, unfinished: Unfinished) -> Iterator[Replay]:
        """Admissions with an unfinished inquiry, and cancellations, in their order."""
        for frame in self.frames(from_seq - 1, kinds=(ADMISSION, CANCELLATION)):
            ids = (frame.first_inquiry_id, frame.inquiry_count)
            if frame.kind == ADMISSION and unfinished.is_finished(*ids):
                continue
            answered = unfinished.answered(*ids) if frame.kind == ADMISSION else b""
            yield Replay(frame.seq, frame.kind, frame.at_ns, frame.court, frame.body, answered)

    def _verify_from(self, from_seq: int) -> int:
        first_seq, size_bytes = from_seq, 0
        statement = "SELECT seq, length(body) FROM frames WHERE seq < ? ORDER BY seq DESC"
        with self._connection() as connection:
            for seq, body_bytes in connection.execute(statement, (from_seq,)):
                size_bytes += body_bytes
                if size_bytes > VERIFY_BYTES:
                    break
                first_seq = seq
        return first_seq

    def _one(self, statement: str, *values: int) -> tuple[int, ...]:
        with self._connection() as connection:
            row: tuple[int, ...] = connection.execute(statement, values).fetchone() or ()
            return row

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = self._idle.pop() if self._idle else connect(self._path, writing=False)
        try:
            yield connection
        except (sqlite3.Error, struct.error) as error:
            raise DamagedError(f"{self._path}: not readable: {error}") from error
        finally:
            if len(self._idle) < CONNECTIONS_KEPT:
                self._idle.append(connection)
            else:
                connection.close()
