"""Memory journal: what the gateway takes for its journal, on a disk that is a list.

A commit takes its time and may fail; of what is on its way when the gateway crashes a first part is kept and
the rest lost, as the seed has it. What was committed stays for ever. Frames are encoded and decoded, and what
has to be replayed is found, by the journal's own code; only its files and threads are others.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import cast

from gateway.edge.errors import JournalError
from gateway.edge.journal_reader import READ_BYTES_MAX, READ_FRAMES_MAX, Reader
from gateway.edge.journal_schema import (
    ADMISSION,
    KEY_BYTES,
    KIND_NAMES,
    ORDER_BYTES,
    SECRET_BYTES,
    Frame,
    Replay,
    StoredFrame,
    crc32,
    decode,
    encode,
)
from gateway.edge.journal_unfinished import Unfinished

SECRET = bytes(range(SECRET_BYTES))
SEED = crc32(SECRET)


@dataclass(slots=True)
class Weather:
    """How the disk behaves now."""

    delay_s_max: float = 0.02
    failing: float = 0.0


@dataclass(slots=True)
class Disk:
    """Survives crashes. `committed` is told of every frame as it becomes durable."""

    random: Random
    committed: Callable[[StoredFrame], None]
    weather: Weather = field(default_factory=Weather)
    frames: list[StoredFrame] = field(default_factory=list)
    commits_failed: int = 0
    starts: int = 0
    # No frame before it has to be replayed: a mark that is not synced, and may be older than it could be.
    unfinished_seq: int = 1

    def write(self, frame: Frame, commit_seq: int) -> int:
        """Durable from now on; its seq."""
        seq = len(self.frames) + 1
        stored = decode(b"".join(encode(seq, commit_seq, frame, SEED)), SEED)
        self.frames.append(stored)
        self.committed(stored)
        return seq


@dataclass(frozen=True, slots=True)
class _Waiting:
    """`frame` None: a mark. `failures`: how many commits had failed when it came."""

    frame: Frame | None
    future: "asyncio.Future[int]"
    failures: int


class MemoryJournal:
    """One gateway's from its start to its crash."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.path = Path("journal")
        self.secret = SECRET
        self.starts = disk.starts
        disk.starts += 1
        self.last_seq = len(disk.frames)
        self.unindexed_orders = 0
        self._replay_seq = disk.random.choice((1, disk.unfinished_seq))
        self._unfinished = Unfinished()
        self.next_inquiry_id = 1
        for frame in disk.frames:
            self.next_inquiry_id = max(self.next_inquiry_id, frame.first_inquiry_id + frame.inquiry_count)
            if frame.seq >= self._replay_seq:
                self._note(frame.seq, frame)
        self._queue: list[_Waiting] = []
        self._writing: list[_Waiting] = []
        self._untold = 0
        self._failures = 0
        self._listeners: list[Callable[[int], None]] = []
        self._is_dead = False

    @property
    def is_still(self) -> bool:
        """Whether nothing is on its way to the disk."""
        return not (self._queue or self._writing or self._untold)

    def append(self, frame: Frame) -> "asyncio.Future[int]":
        """The frame's seq once it is durable; JournalError when it could not be made so."""
        return self._put(frame)

    def durable(self) -> "asyncio.Future[int]":
        """Done when everything appended so far is durable; JournalError when some of it could not be."""
        if not self.is_still:
            return self._put(None)
        reached: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        reached.set_result(self.last_seq)
        return reached

    def listen(self, listener: Callable[[int], None]) -> None:
        """Call it with the newest durable seq after each commit."""
        self._listeners.append(listener)

    def replay(self) -> Iterator[Replay]:
        """Admissions with an unfinished inquiry, and cancellations."""
        return Reader.replay(cast("Reader", self), self._replay_seq, self._unfinished)

    def read(
        self,
        after_seq: int,
        *,
        kinds: Sequence[int] = tuple(KIND_NAMES),
        court: str | None = None,
        limit: int = READ_FRAMES_MAX,
        bytes_max: int = READ_BYTES_MAX,
    ) -> list[StoredFrame]:
        """The next durable frames."""
        reader = cast("Reader", self)
        return Reader.read(reader, after_seq, kinds=kinds, court=court, limit=limit, bytes_max=bytes_max)

    def frames(
        self, after_seq: int, *, kinds: Collection[int] = tuple(KIND_NAMES), court: str | None = None
    ) -> Iterator[StoredFrame]:
        """All durable frames after `after_seq`."""
        for frame in self._disk.frames[after_seq:]:
            if frame.kind in kinds and court in (None, frame.court):
                yield frame

    def newest(self, kind: int, before_seq: int) -> StoredFrame | None:
        """The last durable frame of this kind before that one."""
        return next((one for one in reversed(self._disk.frames[: before_seq - 1]) if one.kind == kind), None)

    def find_orders(self, rows: bytes) -> bytes:
        """Of these order rows those whose key is known, as they were first written."""
        known = {row[:KEY_BYTES]: row for row in reversed(self._orders())}
        return b"".join(known.get(row[:KEY_BYTES], b"") for row in _rows(rows))

    def order_rows(self, limit: int) -> Iterator[bytes]:
        """The newest `limit` order rows."""
        rows = self._orders()[-limit:]
        return iter((b"".join(rows),) if rows else ())

    def admission_of(self, inquiry_id: int) -> StoredFrame | None:
        """The frame with which this inquiry was admitted."""
        for frame in self.frames(0, kinds=(ADMISSION,)):
            if 0 <= inquiry_id - frame.first_inquiry_id < frame.inquiry_count:
                return frame
        return None

    def court_of(self, inquiry_id: int) -> str | None:
        """The court whose inquiry this is."""
        frame = self.admission_of(inquiry_id)
        return frame.court if frame is not None else None

    def forget_orders(self, before_ns: int) -> None:
        """So little is never old enough."""

    def forget_frames(self, _before_ns: int, _upto_seq: int, _steps_from: int = 0) -> int:
        """The newest file, which is all there is, is never deleted."""
        return 0

    def close(self) -> None:
        """Nothing is open."""

    def crash(self) -> None:
        """Of the commit that is on its way a first part is kept, the rest is lost; nobody is told."""
        self._is_dead = True
        frames = [one.frame for one in self._writing if one.frame is not None]
        commit_seq = len(self._disk.frames) + 1
        for frame in frames[: self._disk.random.randint(0, len(frames))]:
            self._disk.write(frame, commit_seq)
        self._queue.clear()
        self._writing.clear()

    # -- commits

    def _put(self, frame: Frame | None) -> "asyncio.Future[int]":
        loop = asyncio.get_running_loop()
        waiting = _Waiting(frame, loop.create_future(), self._failures)
        if not self._is_dead:
            if not self._queue and not self._writing:
                loop.call_soon(self._begin)
            self._queue.append(waiting)
        return waiting.future

    def _begin(self) -> None:
        """What waits is written together."""
        if self._is_dead:
            return
        self._queue, self._writing = [], self._queue
        delay_s = self._disk.random.random() * self._disk.weather.delay_s_max
        asyncio.get_running_loop().call_later(delay_s, self._commit)

    def _commit(self) -> None:
        if self._is_dead:
            return
        loop = asyncio.get_running_loop()
        disk, group, self._writing = self._disk, self._writing, []
        first_seq = len(disk.frames) + 1
        frames = [one.frame for one in group if one.frame is not None]
        is_failing = bool(frames) and disk.random.random() < disk.weather.failing
        if is_failing:
            disk.commits_failed += 1
        else:
            for frame in frames:
                self._note(disk.write(frame, first_seq), frame)
            disk.unfinished_seq = self._unfinished.oldest_seq(len(disk.frames) + 1)
        # The gateway is told a little later: it may crash between the two.
        self._untold += 1
        loop.call_soon(self._tell, group, first_seq, is_failing)
        if self._queue:
            loop.call_soon(self._begin)

    def _tell(self, group: list[_Waiting], first_seq: int, is_failing: bool) -> None:
        if self._is_dead:
            return
        self._untold -= 1
        self._failures += is_failing
        seq = first_seq
        for waiting in group:
            if waiting.frame is not None and not is_failing:
                self.last_seq = seq
                seq += 1
            if waiting.future.cancelled():
                continue
            if is_failing or (waiting.frame is None and waiting.failures != self._failures):
                waiting.future.set_exception(JournalError("journal: not written: disk full"))
            else:
                waiting.future.set_result(self.last_seq)
        if seq != first_seq:
            for listener in self._listeners:
                listener(self.last_seq)

    def _note(self, seq: int, frame: Frame | StoredFrame) -> None:
        if frame.kind == ADMISSION:
            self._unfinished.admitted(seq, frame.first_inquiry_id, frame.inquiry_count)
        elif frame.finals:
            self._unfinished.finished(frame.finals)

    def _orders(self) -> list[bytes]:
        """Order rows, the oldest first."""
        rows = b"".join(frame.orders for frame in self._disk.frames)
        return list(_rows(rows))


def _rows(packed: bytes) -> Iterator[bytes]:
    return (packed[at : at + ORDER_BYTES] for at in range(0, len(packed), ORDER_BYTES))
