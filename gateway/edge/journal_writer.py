"""Writer: the one thread that writes the journal; frames that wait share a commit.

It takes all that waits, commits, and takes the next: no timer, so an idle journal commits at once and a busy
one in large groups. A commit that fails fails every frame in it, and the next one is tried afresh. It knows
no event loop; it calls `done` from its own thread.
"""

import queue
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.edge import journal_volume
from gateway.edge.errors import JournalError
from gateway.edge.journal_contents import row_of, store_contents
from gateway.edge.journal_head import Head, Reached
from gateway.edge.journal_indexer import Indexer
from gateway.edge.journal_recovery import Recovered
from gateway.edge.journal_schema import ADMISSION, Frame, encode

COMMIT_BYTES_MAX: Final = 64 << 20
COMMIT_FRAMES_MAX: Final = 16_384
RETRY_MS: Final = 1_000
Done = Callable[[Sequence["Waiting"], int, JournalError | None], None]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the writer. None: a mark, reached when everything before it was tried."""

    work: Frame | None
    ticket: int


class Writer:
    """Owns the newest volume. `done(waiting, first_seq, error)` is called for each commit, in order."""

    def __init__(
        self, recovered: Recovered, head: Head, next_inquiry_id: int, done: Done, indexer: Indexer
    ) -> None:
        self._shelf = recovered.shelf
        self._newest = recovered.newest
        self._unfinished = recovered.unfinished
        self._head = head
        self._next_seq = recovered.shelf.shown.last_seq + 1
        self._next_inquiry_id = next_inquiry_id
        self._done = done
        self._indexer = indexer
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    def start(self) -> None:
        """Begin to write what is put."""
        self._thread.start()

    def put(self, waiting: Waiting) -> None:
        """Hand over; bounded by the caller, who knows how much it has handed over."""
        self._queue.put(waiting)

    def stop(self) -> None:
        """Write what was put, then end the thread and close the volume."""
        self._queue.put(None)
        self._thread.join()
        self._newest.close()
        self._head.close()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            group, stopping = self._take()
            if group:
                first_seq = self._next_seq
                self._done(
                    group, first_seq, self._commit([one.work for one in group if one.work is not None])
                )

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
        """Make frames durable as seqs from `self._next_seq` on, all or none. The error is a value: those who
        wait must hear of it, and the thread lives on."""
        if not frames:
            return None
        try:
            self._check_ids(frames)
            if self._newest.end >= journal_volume.VOLUME_BYTES:
                self._begin_volume()
            rows = self._write(frames)
        except (OSError, MemoryError, ValueError, struct.error) as error:
            reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
            path = self._newest.volume.path
            return JournalError(f"{path}: not written: {reason or type(error).__name__}", retry_ms=RETRY_MS)
        for seq, frame in enumerate(frames, self._next_seq):
            if frame.kind == ADMISSION:
                self._unfinished.admitted(seq, frame.first_inquiry_id, frame.inquiry_count)
                self._next_inquiry_id = frame.first_inquiry_id + frame.inquiry_count
            elif frame.finals:
                self._unfinished.finished(frame.finals)
            if frame.orders:
                self._indexer.add(seq, frame.at_ns, frame.orders)
        self._next_seq += len(frames)
        self._shelf.add(rows, self._newest.end)
        self._head.publish(self.reached())
        return None

    def reached(self) -> Reached:
        """How far the journal is durable."""
        return Reached(
            self._newest.volume.first_seq,
            self._newest.end,
            self._next_seq - 1,
            self._unfinished.oldest_seq(self._next_seq),
        )

    def _write(self, frames: list[Frame]) -> bytes:
        """Make them durable; their rows in the volume's contents."""
        parts: list[bytes] = []
        rows: list[bytes] = []
        offset = self._newest.end
        for seq, frame in enumerate(frames, self._next_seq):
            front, body = encode(seq, self._next_seq, frame, self._shelf.seed)
            size_bytes = len(front) + len(body)
            parts += (front, body)
            ids = (frame.first_inquiry_id, frame.inquiry_count)
            rows.append(row_of(offset, size_bytes, frame.kind, ids, frame.court))
            offset += size_bytes
        self._newest.append(parts)
        return b"".join(rows)

    def _begin_volume(self) -> None:
        """Go on in a new volume. OSError; everything is as it was then."""
        full, shown = self._newest, self._shelf.shown
        self._newest = journal_volume.make_volume(
            full.volume.path.parent, self._next_seq, self._next_inquiry_id, self._shelf.seed
        )
        self._shelf.begin(self._newest.volume)
        full.close()
        store_contents(full.volume, shown.rows)

    def _check_ids(self, frames: list[Frame]) -> None:
        next_id = self._next_inquiry_id
        for frame in frames:
            if frame.kind == ADMISSION:
                if frame.first_inquiry_id < next_id or not frame.inquiry_count:
                    ids = f"{frame.inquiry_count} from {frame.first_inquiry_id} on"
                    raise ValueError(f"inquiry ids: {ids} given, at least 1 from {next_id} on")
                next_id = frame.first_inquiry_id + frame.inquiry_count
