"""Indexer: puts the order ids of durable admissions into the index, in a thread of its own.

Rows that are not in the index yet wait in memory, where `find` sees them; their frames are durable, so a
start after any end finds them there. How many may wait is bounded by the journal, which refuses admissions
beyond. An index that cannot be written is tried again; nothing is forgotten meanwhile.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Final

from gateway.edge.errors import JournalError
from gateway.edge.journal_index import FAN_IN, PERIOD_DAYS, RUN_ROWS, Index, Run, index_path
from gateway.edge.journal_reader import Reader
from gateway.edge.journal_runs import Wanted, ordered, rows_of
from gateway.edge.journal_schema import ADMISSION, DAY_NS, ORDER_BYTES

RETRY_S: Final = 1.0
# What a damaged index, or memory that is used up, can make of a step.
ERRORS: Final = (JournalError, sqlite3.Error, ValueError, TypeError, MemoryError)
# Frames of one order each would make a lookup slow; rows are put together up to this size.
JOIN_BYTES: Final = 16 << 10
# Of a period that is over; each input holds some READ_CHUNKS in memory.
INPUTS_MAX: Final = 32
# A start that has more to catch up with than may wait goes on when the index took some; one that takes
# nothing for so long has a disk that does not work.
CATCH_UP_S_MAX: Final = 60.0


@dataclass(frozen=True, slots=True)
class Pending:
    """The order rows of a frame, or of several small ones of one day."""

    first_seq: int
    seq: int
    at_ns: int
    rows: bytes

    @property
    def day(self) -> int:
        """Days since 1970."""
        return self.at_ns // DAY_NS


class Indexer:
    """Owns the index. `add` from one thread at a time, everything else from any."""

    def __init__(self, index: Index, rows_max: int) -> None:
        self._index = index
        self._rows_max = rows_max
        self._pending: deque[Pending] = deque()
        # Those at the head that are being written now.
        self._taken_count = 0
        self._row_count = 0
        self._changed = threading.Condition()
        self._forget_before = 0
        self._is_stopping = False
        self._merge: Iterator[None] | None = None
        self._has_garbage = True
        self.error = ""
        self._thread = threading.Thread(target=self._run, name="order index", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, if that is possible, and close. What could not be written is found in the
        journal."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        self._thread.join()
        self._index.close()

    @property
    def row_count(self) -> int:
        """Order rows that wait to be written."""
        return self._row_count

    def add(self, seq: int, at_ns: int, rows: bytes) -> None:
        """The rows of a durable frame; frames come in their order."""
        with self._changed:
            last = self._pending[-1] if len(self._pending) > self._taken_count else None
            if last and len(last.rows) < JOIN_BYTES and last.day == at_ns // DAY_NS:
                self._pending[-1] = Pending(last.first_seq, seq, at_ns, last.rows + rows)
            else:
                self._pending.append(Pending(seq, seq, at_ns, rows))
            self._row_count += len(rows) // ORDER_BYTES
            self._changed.notify_all()

    def wait_for_room(self) -> None:
        """Return when no more rows wait than may. JournalError when the index takes none."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._row_count <= self._rows_max, CATCH_UP_S_MAX):
                raise JournalError(self.error or f"{self._index.path}: takes no order ids")

    def find(self, packed: bytes) -> bytes:
        """Of these order rows (40 bytes each) those whose key is known, as they were first written."""
        wanted = Wanted(packed)
        # What leaves the memory after this is in the index before that: the other way round a row could be
        # missed in both.
        pending = self._waiting()
        self._index.find(wanted)
        if pending:
            wanted.look(b"".join([one.rows for one in pending]))
        return wanted.found()

    def newest(self, limit: int) -> Iterator[bytes]:
        """The newest `limit` rows in pieces of many, about the oldest first."""
        pending = b"".join([one.rows for one in self._waiting()])
        waiting_count = len(pending) // ORDER_BYTES
        yield from self._index.newest(max(0, limit - waiting_count))
        if pending and limit:
            yield pending[-limit * ORDER_BYTES :]

    def forget(self, before_day: int) -> None:
        """Forget order ids of the days before this one; some of up to PERIOD_DAYS more stay as long."""
        with self._changed:
            self._forget_before = before_day
            self._changed.notify_all()

    # -- the thread

    def _run(self) -> None:
        while not self._is_stopping:
            pause_s: float | None = None
            try:
                if self._step():
                    continue
            except ERRORS as error:
                self.error, pause_s = self._reason(error), RETRY_S
                # What it has written so far belongs to no run.
                self._merge, self._has_garbage = None, True
            with self._changed:
                if pause_s is not None:
                    self._changed.wait_for(lambda: self._is_stopping, pause_s)
                else:
                    self._changed.wait_for(self._is_due)
        try:
            while self._pending:
                self._write()
        except ERRORS as error:
            # The next start finds them in the journal.
            self.error = self._reason(error)

    def _reason(self, error: Exception) -> str:
        return error.message if isinstance(error, JournalError) else f"{self._index.path}: {error!r}"

    def _is_due(self) -> bool:
        return self._is_stopping or self._forget_before > 0 or self._is_full()

    def _is_full(self) -> bool:
        """Enough waits for a run, or the rows of another period do."""
        if self._row_count >= RUN_ROWS:
            return True
        return bool(self._pending) and _period(self._pending[0]) != _period(self._pending[-1])

    def _step(self) -> bool:
        """Do the most urgent thing, or a bounded part of it; False: there is nothing to do."""
        if self._is_full():
            self._write()
        elif self._forget_before:
            before_day, self._forget_before = self._forget_before, 0
            self._has_garbage = self._index.forget(before_day) or self._has_garbage
        elif self._merge is not None:
            if next(self._merge, self) is self:
                self._merge, self._has_garbage = None, True
        elif self._has_garbage:
            self._has_garbage = self._index.drop_garbage()
        elif inputs := next_merge(self._index.runs()):
            self._merge = self._index.merge(inputs)
        else:
            return False
        return True

    def _write(self) -> None:
        """One run of what waits, of one period."""
        with self._changed:
            period = _period(self._pending[0])
            frames: list[Pending] = []
            row_count = 0
            for frame in takewhile(lambda one: _period(one) == period, self._pending):
                frames.append(frame)
                row_count += len(frame.rows) // ORDER_BYTES
                if row_count >= RUN_ROWS:
                    break
            self._taken_count = len(frames)
        written_count = 0
        try:
            rows = ordered(rows_of(b"".join([frame.rows for frame in frames])))
            first, last = frames[0], frames[-1]
            self._index.add_run(rows, first.first_seq, (first.day, last.day), (last.seq, last.at_ns))
            written_count = len(frames)
        finally:
            with self._changed:
                self._taken_count = 0
                for _ in range(written_count):
                    self._row_count -= len(self._pending.popleft().rows) // ORDER_BYTES
                self._changed.notify_all()
        self.error = ""

    def _waiting(self) -> list[Pending]:
        with self._changed:
            return list(self._pending)


def next_merge(runs: list[Run]) -> list[Run]:
    """The runs to make one of next, the oldest first: all of a period that is over, or FAN_IN of one size."""
    newest = max((run.period for run in runs), default=0)
    groups: dict[tuple[int, int], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.period, run.size_class if run.period == newest else 0), []).append(run)
    for (period, _), group in sorted(groups.items()):
        if len(group) >= (FAN_IN if period == newest else 2):
            return group[: FAN_IN if period == newest else INPUTS_MAX]
    return []


def _period(frame: Pending) -> int:
    return frame.day // PERIOD_DAYS


def open_indexer(journal: Path, reader: Reader, rows_max: int) -> Indexer:
    """The running indexer of a journal, with everything in it or waiting that the journal's frames hold.

    An index that is not of this journal, as after a restored backup, is made anew. DamagedError names a frame
    that is not as it was written, or the index's file when it cannot be read.
    """
    path = index_path(journal)
    index = Index(path)
    if index.upto_seq and reader.time_of(index.upto_seq) != index.upto_ns:
        index.close()
        Index.remove(path)
        index = Index(path)
    upto_seq = index.upto_seq
    indexer = Indexer(index, rows_max)
    indexer.start()
    try:
        for frame in reader.frames(upto_seq, kinds=(ADMISSION,)):
            if frame.orders:
                indexer.add(frame.seq, frame.at_ns, frame.orders)
                indexer.wait_for_room()
    except BaseException:
        indexer.stop()
        raise
    return indexer
