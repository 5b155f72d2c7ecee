"""Memory journal: what the gateway takes for its journal, on a disk that is a list.

A commit takes its time and may fail; what is on its way when the gateway crashes is kept or lost, as the seed
has it. What was committed stays for ever. Replaced with it: the store of answers, which is made from frames.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from gateway.edge.errors import JournalError
from gateway.edge.journal_schema import Frame, StoredFrame

READ_FRAMES_MAX = 4_096


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

    def write(self, frame: Frame) -> int:
        """Durable from now on; its seq."""
        seq = len(self.frames) + 1
        stored = StoredFrame(seq, frame.kind, frame.at_ns, frame.court, 0, 0, b"", frame.body)
        self.frames.append(stored)
        self.committed(stored)
        return seq


class MemoryJournal:
    """One gateway's from its start to its crash."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._waiting: list[tuple[Frame, asyncio.Future[int]]] = []
        self._is_dead = False

    @property
    def last_seq(self) -> int:
        """Of the newest durable frame."""
        return len(self._disk.frames)

    @property
    def is_still(self) -> bool:
        """Whether nothing is on its way to the disk."""
        return not self._waiting

    def append(self, frame: Frame) -> "asyncio.Future[int]":
        """The frame's seq once it is durable; JournalError when it could not be made so."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[int] = loop.create_future()
        if not self._is_dead:
            self._waiting.append((frame, future))
            delay_s = self._disk.random.random() * self._disk.weather.delay_s_max
            loop.call_later(delay_s, self._commit, frame, future)
        return future

    def read(
        self, after_seq: int, *, kinds: Sequence[int], limit: int = READ_FRAMES_MAX
    ) -> list[StoredFrame]:
        """The next durable frames of these kinds."""
        found = [frame for frame in self._disk.frames[after_seq:] if frame.kind in kinds]
        return found[:limit]

    def newest(self, kind: int, before_seq: int) -> StoredFrame | None:
        """The last frame of this kind before that one."""
        return next((one for one in reversed(self._disk.frames[: before_seq - 1]) if one.kind == kind), None)

    def crash(self) -> None:
        """Of what is on its way a first part is kept, the rest is lost; nobody is told."""
        self._is_dead = True
        for frame, _ in self._waiting[: self._disk.random.randint(0, len(self._waiting))]:
            self._disk.write(frame)
        self._waiting.clear()

    def _commit(self, frame: Frame, future: "asyncio.Future[int]") -> None:
        if self._is_dead:
            return
        self._waiting.remove((frame, future))
        if self._disk.random.random() < self._disk.weather.failing:
            self._disk.commits_failed += 1
            if not future.cancelled():
                future.set_exception(JournalError("disk: full"))
            return
        seq = self._disk.write(frame)
        # Durable, and the gateway is told a little later: it may crash between the two.
        asyncio.get_running_loop().call_later(0.0, self._tell, seq, future)

    def _tell(self, seq: int, future: "asyncio.Future[int]") -> None:
        if not self._is_dead and not future.cancelled():
            future.set_result(seq)
