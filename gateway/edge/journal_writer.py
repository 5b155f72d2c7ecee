"""Writer: the one thread that writes the journal; frames that wait share a commit.

It takes all that waits, commits, and takes the next: no timer, so an idle journal commits at once and a busy
one in large groups. A commit that fails fails every frame in it, and the next one is tried afresh. It knows
no event loop; it calls `done` from its own thread.
"""

import contextlib
import queue
import sqlite3
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.edge.errors import JournalError
from gateway.edge.journal_checkpoint import Checkpoint
from gateway.edge.journal_indexer import Indexer
from gateway.edge.journal_schema import ADMISSION, COLUMNS, Frame, row_of
from gateway.edge.journal_unfinished import Unfinished

# One statement per group of rows: each statement is a hand-over of the interpreter's lock, which costs more
# than the row.
ROWS_AT_ONCE: Final = (64, 8, 1)
COMMIT_BYTES_MAX: Final = 64 << 20
COMMIT_FRAMES_MAX: Final = 16_384
# The mark costs a commit a page of its own; a start reads so many frames more without it.
MARK_FRAMES: Final = 64
RETRY_MS: Final = 1_000
_ROW_MARKS: Final = "(" + ", ".join("?" * 11) + ")"
_INSERT: Final = f"INSERT INTO frames ({COLUMNS}) VALUES "  # noqa: S608 - constants
_INSERTS: Final = {count: _INSERT + ", ".join([_ROW_MARKS] * count) for count in ROWS_AT_ONCE}
Done = Callable[[Sequence["Waiting"], int, JournalError | None], None]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the writer. None: a mark, reached when everything before it was tried."""

    work: Frame | None
    ticket: int


class Writer:
    """Owns the writing connection. `done(waiting, first_seq, error)` is called for each commit, in order."""

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        unfinished: Unfinished,
        next_seq: int,
        next_inquiry_id: int,
        done: Done,
        indexer: Indexer,
    ) -> None:
        self._path = path
        self._connection = connection
        self._unfinished = unfinished
        self._next_seq = next_seq
        self._next_inquiry_id = next_inquiry_id
        self._mark_seq = -1
        self._done = done
        self._indexer = indexer
        self._checkpoint = Checkpoint(path)
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    def start(self) -> None:
        """Begin to write what is put."""
        self._checkpoint.start()
        self._thread.start()

    def put(self, waiting: Waiting) -> None:
        """Hand over; bounded by the caller, who knows how much it has handed over."""
        self._queue.put(waiting)

    def stop(self) -> None:
        """Write what was put, then end the thread and close the connection."""
        self._queue.put(None)
        self._thread.join()
        self._checkpoint.stop()
        self._connection.close()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            group, stopping = self._take()
            if group:
                self._checkpoint.make_room()
                first_seq = self._next_seq
                self._done(
                    group, first_seq, self._commit([one.work for one in group if one.work is not None])
                )
        # Without this mark the next start scans from an older frame, and finds the same.
        self._guarded(lambda: self._update_mark(0))

    def _take(self) -> tuple[list[Waiting], bool]:
        group: list[Waiting] = []
        size_bytes = 0
        taken = self._queue.get()
        while taken is not None:
            group.append(taken)
            size_bytes += len(taken.work.body) if taken.work else 0
            if size_bytes >= COMMIT_BYTES_MAX or len(group) >= COMMIT_FRAMES_MAX:
                return group, False
            try:
                taken = self._queue.get_nowait()
            except queue.Empty:
                return group, False
        return group, True

    def _commit(self, frames: list[Frame]) -> JournalError | None:
        """Make frames durable as seqs from `self._next_seq` on, all or none."""
        error = self._guarded(lambda: self._insert(frames)) if frames else None
        if error is not None or not frames:
            return error
        for seq, frame in enumerate(frames, self._next_seq):
            if frame.kind == ADMISSION:
                self._unfinished.admitted(seq, frame.first_inquiry_id, frame.inquiry_count)
                self._next_inquiry_id = frame.first_inquiry_id + frame.inquiry_count
            elif frame.finals:
                self._unfinished.finished(frame.finals)
            if frame.orders:
                self._indexer.add(seq, frame.at_ns, frame.orders)
        self._next_seq += len(frames)
        self._checkpoint.grown(
            sum(len(frame.body) + len(frame.orders) + len(frame.finals) for frame in frames)
        )
        return None

    def _guarded(self, write: Callable[[], None]) -> JournalError | None:
        """Run in a transaction of its own. The error is a value: those who wait must hear of it, and the
        thread lives on."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            write()
            self._connection.execute("COMMIT")
        except (sqlite3.Error, MemoryError, ValueError, OverflowError, struct.error) as error:
            self._mark_seq = -1
            # When this fails too, the next BEGIN says so to those who wait for it.
            with contextlib.suppress(sqlite3.Error, MemoryError):
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            reason = getattr(error, "sqlite_errorname", type(error).__name__)
            return JournalError(f"{self._path}: not written: {error} ({reason})", retry_ms=RETRY_MS)
        return None

    def _insert(self, frames: list[Frame]) -> None:
        self._check_ids(frames)
        rows = [row_of(seq, frame) for seq, frame in enumerate(frames, self._next_seq)]
        at = 0
        for count in ROWS_AT_ONCE:
            while len(rows) - at >= count:
                values = [value for row in rows[at : at + count] for value in row]
                self._connection.execute(_INSERTS[count], values)
                at += count
        # As it was before these frames: a mark that is too old costs a longer scan, one that is too new loses
        # inquiries.
        self._update_mark(MARK_FRAMES)

    def _check_ids(self, frames: list[Frame]) -> None:
        next_id = self._next_inquiry_id
        for frame in frames:
            if frame.kind == ADMISSION:
                if frame.first_inquiry_id < next_id or not frame.inquiry_count:
                    ids = f"{frame.inquiry_count} from {frame.first_inquiry_id} on"
                    raise ValueError(f"inquiry ids: {ids} given, at least 1 from {next_id} on")
                next_id = frame.first_inquiry_id + frame.inquiry_count

    def _update_mark(self, frame_count: int) -> None:
        """Write the mark when it has moved on by more than so many frames."""
        mark_seq = self._unfinished.oldest_seq(self._next_seq)
        if mark_seq > self._mark_seq + frame_count:
            self._connection.execute(
                "UPDATE meta SET value = ? WHERE key = 'oldest_unfinished_seq'", (b"%d" % mark_seq,)
            )
            self._mark_seq = mark_seq
