"""SlowJournal: a journal that keeps or loses frames when the test says so."""

import asyncio
from collections.abc import Iterator

from gateway.edge.errors import JournalError
from gateway.edge.journal_schema import ADMISSION, ANSWER, CANCELLATION, Frame, Replay


class SlowJournal:
    """`keep` and `lose` decide on the oldest frames that wait, in any order the test likes."""

    def __init__(self) -> None:
        self.secret = bytes(16)
        self.waiting: list[tuple[Frame | None, asyncio.Future[int]]] = []
        self.kept: list[tuple[int, Frame]] = []
        self.known = b""
        self.looked_up: list[bytes] = []
        self.to_replay: list[Replay] = []

    @property
    def kinds(self) -> list[int]:
        """Kinds of the frames that wait."""
        return [frame.kind for frame, _ in self.waiting if frame is not None]

    def append(self, frame: Frame) -> asyncio.Future[int]:
        """Wait for the test's word."""
        assert frame.kind in {ADMISSION, ANSWER, CANCELLATION}
        return self._wait(frame)

    def durable(self) -> asyncio.Future[int]:
        """Wait for the test's word."""
        return self._wait(None)

    def keep(self, at: int = 0) -> None:
        """Make the frame at this place durable."""
        frame, future = self.waiting.pop(at)
        if frame is not None:
            self.kept.append((len(self.kept) + 1, frame))
        future.set_result(len(self.kept))

    def lose(self, at: int = 0) -> None:
        """Fail the frame at this place."""
        self.waiting.pop(at)[1].set_exception(JournalError("the disk is full"))

    def find_orders(self, rows: bytes) -> bytes:
        """What the test put into `known`."""
        self.looked_up.append(rows)
        return self.known

    def replay(self) -> Iterator[Replay]:
        """What the test put into `to_replay`."""
        return iter(self.to_replay)

    def _wait(self, frame: Frame | None) -> asyncio.Future[int]:
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.waiting.append((frame, future))
        return future
