"""Journal: the append-only log that everything else is derived from; a folder of files.

A frame counts when its future has a result, and not before: it is then on the disk. Frames become durable in
the order of `append`. The event loop calls it; one writer thread writes. Behind the same face a cluster would
put a replicated log.
"""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from gateway.edge.errors import JournalBusyError, JournalError
from gateway.edge.journal_folder import count_start, hold, make_meta
from gateway.edge.journal_head import Head
from gateway.edge.journal_indexer import Indexer, open_indexer
from gateway.edge.journal_reader import READ_BYTES_MAX, READ_FRAMES_MAX, Reader
from gateway.edge.journal_recovery import Recovered, recover
from gateway.edge.journal_retention import forget_volumes
from gateway.edge.journal_schema import (
    ADMISSION,
    ANSWER,
    CANCELLATION,
    DAY_NS,
    KIND_NAMES,
    ORDER_BYTES,
    SECRET_BYTES,
    Frame,
    Replay,
    StoredFrame,
)
from gateway.edge.journal_writer import RETRY_MS, Waiting, Writer
from runtime.chance import Chance

__all__ = ["ADMISSION", "ANSWER", "CANCELLATION", "Frame", "Journal", "Replay", "StoredFrame"]

# Waiting to become durable. Admissions are refused beyond it; answers and cancellations are of inquiries
# already accepted and bounded by them, so they are always taken.
WAITING_BYTES_MAX: Final = 256 << 20
WAITING_FRAMES_MAX: Final = 65_536
# Order ids appended and not in the index yet. The Engine's memory holds more than these and everything in
# check: limits.orders_max.
UNINDEXED_MAX: Final = 1 << 20


class Journal:
    """A journal that is open for writing. Made by `open`; every method but `read` and its like from one event
    loop."""

    def __init__(self, path: Path, reader: Reader, indexer: Indexer, recovered: Recovered) -> None:
        self.path = path
        self.secret = bytes.fromhex(reader.meta.secret)
        self.next_inquiry_id = reader.next_inquiry_id()
        self.last_seq = reader.last_seq()
        # How often it was opened before.
        self.starts = count_start(path, reader.meta)
        self.waiting_bytes = 0
        self._waiting_orders = 0
        self._reader = reader
        self._indexer = indexer
        self._recovered = recovered
        self._tickets = 0
        self._waiting: dict[int, tuple[asyncio.Future[int], Frame | None]] = {}
        self._failures = 0
        self._marks: dict[int, int] = {}
        self._listeners: list[Callable[[int], None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._holding = -1
        head = Head(path, reader.meta.seed, recovered.reached)
        self._writer = Writer(recovered, head, self.next_inquiry_id, self._done, indexer)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open, or make: the folder with mode 0700, what is in it with 0600. DamagedError names a frame that
        is not as it was written; JournalError otherwise."""
        with ExitStack() as undo:
            holding = hold(path)
            undo.callback(os.close, holding)
            recovered = recover(path, make_meta(path, Chance().token(SECRET_BYTES)))
            undo.callback(recovered.newest.close)
            reader = Reader(path, recovered.shelf)
            indexer = open_indexer(path, reader, UNINDEXED_MAX)
            undo.callback(indexer.stop)
            journal = cls(path, reader, indexer, recovered)
            undo.pop_all()
        journal._holding = holding
        journal._writer.start()
        return journal

    def append(self, frame: Frame) -> asyncio.Future[int]:
        """The frame's seq once it is durable.

        JournalError in the future when it could not be made so: it is then nowhere. An admission's
        inquiry ids rise from frame to frame.
        """
        if frame.kind not in KIND_NAMES:
            raise ValueError(f"kind: {frame.kind} given, one of {sorted(KIND_NAMES)}")
        if frame.kind == ADMISSION and (reason := self._full()):
            refused: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            refused.set_exception(JournalBusyError(reason, retry_ms=RETRY_MS))
            return refused
        return self._put(frame)

    def durable(self) -> asyncio.Future[int]:
        """Done when everything appended so far is durable; JournalError when some of it could not be."""
        if not self._waiting:
            reached: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            reached.set_result(self.last_seq)
            return reached
        future = self._put(None)
        self._marks[self._tickets] = self._failures
        return future

    def listen(self, listener: Callable[[int], None]) -> None:
        """Call `listener` on the event loop with the newest durable seq after each commit."""
        self._listeners.append(listener)

    def replay(self) -> Iterator[Replay]:
        """Admissions with an unfinished inquiry, and cancellations, in their order; only before the first
        append."""
        if self._tickets:
            raise RuntimeError("replay: comes before the first append")
        return self._reader.replay(self._recovered.reached.unfinished_seq, self._recovered.unfinished)

    def read(
        self,
        after_seq: int,
        *,
        kinds: Sequence[int] = tuple(KIND_NAMES),
        court: str | None = None,
        limit: int = READ_FRAMES_MAX,
        bytes_max: int = READ_BYTES_MAX,
    ) -> list[StoredFrame]:
        """The next durable frames after `after_seq`, seqs ascending: at most `limit`, about `bytes_max`. Any
        thread."""
        return self._reader.read(after_seq, kinds=kinds, court=court, limit=limit, bytes_max=bytes_max)

    def newest(self, kind: int, before_seq: int) -> StoredFrame | None:
        """The last durable frame of this kind before that one; None: there is none. Any thread."""
        return self._reader.newest(kind, before_seq)

    def find_orders(self, rows: bytes) -> bytes:
        """Of these order rows (40 bytes each) those whose key is known, as they were first written. Any
        thread."""
        return self._indexer.find(rows)

    def order_rows(self, limit: int) -> Iterator[bytes]:
        """The newest `limit` order rows in pieces of many rows. Any thread."""
        return self._indexer.newest(limit)

    def orders(self, limit: int) -> bytes:
        """The newest `limit` order rows, 40 bytes each. Any thread."""
        return b"".join(self.order_rows(limit))

    def court_of(self, inquiry_id: int) -> str | None:
        """The court whose inquiry this is; None when no such inquiry is durable. Any thread."""
        return self._reader.court_of(inquiry_id)

    def admission_of(self, inquiry_id: int) -> StoredFrame | None:
        """The durable frame with which this inquiry was admitted; None: there is none, or none any more. Any
        thread."""
        return self._reader.admission_of(inquiry_id)

    def forget_orders(self, before_ns: int) -> None:
        """Forget order ids of the days before that of `before_ns`, behind everything else; some stay for up
        to 16 days more."""
        self._indexer.forget(before_ns // DAY_NS)

    def forget_frames(self, before_ns: int, upto_seq: int, steps_from: int) -> int:
        """Delete the oldest files whose frames are all from before `before_ns`, at most `upto_seq`, and done
        with; how many. `steps_from`: steps of the ledger before it are in a snapshot. JournalError. Any
        thread, one at a time."""
        return forget_volumes(self.path, self._recovered.shelf, before_ns, upto_seq, steps_from)

    def close(self) -> None:
        """Write what was appended, then close. Futures still waiting are done in the loop's next turns."""
        self._writer.stop()
        self._indexer.stop()
        os.close(self._holding)

    @property
    def unindexed_orders(self) -> int:
        """Order ids appended and not yet in the index. Any thread."""
        return self._waiting_orders + self._indexer.row_count

    def _full(self) -> str:
        """Why no admission is taken now; empty: one is."""
        if self.waiting_bytes > WAITING_BYTES_MAX or len(self._waiting) > WAITING_FRAMES_MAX:
            return f"{self.waiting_bytes} bytes wait to become durable, at most {WAITING_BYTES_MAX}"
        order_count = self.unindexed_orders
        if order_count > UNINDEXED_MAX:
            reason = f" ({self._indexer.error})" if self._indexer.error else ""
            return f"{order_count} order ids wait for the index, at most {UNINDEXED_MAX}{reason}"
        return ""

    def _put(self, frame: Frame | None) -> asyncio.Future[int]:
        self._loop = asyncio.get_running_loop()
        future: asyncio.Future[int] = self._loop.create_future()
        self._tickets += 1
        self._waiting[self._tickets] = (future, frame)
        if frame is not None:
            self.waiting_bytes += len(frame.body)
            self._waiting_orders += len(frame.orders) // ORDER_BYTES
        self._writer.put(Waiting(frame, self._tickets))
        return future

    def _done(self, group: Sequence[Waiting], first_seq: int, error: JournalError | None) -> None:
        """Called in the writer's thread."""
        # A loop that has ended has nobody left to tell; what was committed stays.
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._resolve, group, first_seq, error)

    def _resolve(self, group: Sequence[Waiting], first_seq: int, error: JournalError | None) -> None:
        seq = first_seq
        self._failures += error is not None
        for waiting in group:
            future, frame = self._waiting.pop(waiting.ticket)
            if frame is not None:
                self.waiting_bytes -= len(frame.body)
                self._waiting_orders -= len(frame.orders) // ORDER_BYTES
            failures = self._marks.pop(waiting.ticket, self._failures)
            if error is None and frame is not None:
                self.last_seq = seq
                seq += 1
            if future.cancelled():
                continue
            if error is not None or failures != self._failures:
                message = error.message if error else f"{self.path}: an earlier frame was not written"
                future.set_exception(JournalError(message, retry_ms=RETRY_MS))
            else:
                future.set_result(self.last_seq)
        if seq != first_seq:
            for listener in self._listeners:
                listener(self.last_seq)
