"""Sighting: tells the ledger what was found for cases that have a claim, answer by answer.

In the order of the journal, each until it is durable in a step. What came while too much waited, and what a
start finds after the last step's `answers_seq`, is read from the journal. It judges no answer.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from chakong.gateway.v1 import gateway_pb2
from chakong.journal.v1 import journal_pb2
from gateway.edge import raw
from gateway.edge.errors import EdgeError
from gateway.edge.journal_schema import ANSWER

if TYPE_CHECKING:
    from gateway._core import Answers
    from gateway.edge.desk import Desk
    from gateway.edge.journal import Journal
    from gateway.holds.ledger import Ledger

# Frames of answers that wait here; beyond them they are read from the journal.
FRAMES_KEPT: Final = 256
FRAMES_AT_ONCE: Final = 16
# So much is told between two looks at everything else.
PIECE_BYTES: Final = 64 << 10
PAUSE_S: Final = 1.0

# Seq, court and encoded Answers.
Told = tuple[int, str, bytes]


class Sighting:
    """One event loop. `publish` what is durable, seqs rising; `run` once the desk has replayed."""

    def __init__(self, desk: "Desk", journal: "Journal") -> None:
        self._desk = desk
        self._journal = journal
        self._frames: deque[Told] = deque()
        # Everything published after it is in `_frames`; what is before is in the journal alone.
        self._floor_seq = journal.last_seq
        self._newest_seq = journal.last_seq
        self._moved = asyncio.Event()

    def publish(self, seq: int, answers: "Answers") -> None:
        """Answers that are durable as frame `seq`."""
        self._newest_seq = seq
        if len(self._frames) < FRAMES_KEPT:
            self._frames.append((seq, answers.court, answers.message))
        else:
            self._frames.clear()
            self._floor_seq = seq
        self._moved.set()

    @property
    def behind_frames(self) -> int:
        """How far the newest answer is ahead of what was told."""
        return max(0, self._newest_seq - self._desk.answers_seq)

    async def run(self) -> None:
        """Tell what comes until cancelled."""
        while True:
            self._moved.clear()
            if not self._desk.ledger.has_claims:
                self._pass_over()
            for seq, court, message in await self._next():
                await self._tell(court, message)
                self._desk.answers_seq = seq
            if not self._frames and self._desk.answers_seq >= self._floor_seq:
                await self._moved.wait()

    def _pass_over(self) -> None:
        """Without a claim no answer matters; a plan reads those that came before its claim."""
        self._frames.clear()
        self._floor_seq = self._newest_seq
        self._desk.answers_seq = max(self._desk.answers_seq, self._newest_seq)

    async def _next(self) -> list[Told]:
        floor_seq, after_seq = self._floor_seq, self._desk.answers_seq
        if after_seq >= floor_seq:
            return [self._frames.popleft()] if self._frames else []
        try:
            frames = await asyncio.to_thread(
                self._journal.read, after_seq, kinds=(ANSWER,), limit=FRAMES_AT_ONCE
            )
        except EdgeError:
            await asyncio.sleep(PAUSE_S)
            return []
        found = [(frame.seq, frame.court, frame.body) for frame in frames if frame.seq <= floor_seq]
        if not found:
            self._desk.answers_seq = floor_seq
        return found

    async def _tell(self, court: str, message: bytes) -> None:
        """Until all of it is durable."""
        for piece in raw.pieces(message, PIECE_BYTES):
            answers = journal_pb2.Answers.FromString(piece).answers
            wanted = [one for one in answers if self._desk.ledger.wants(court, one.case_number)]
            if wanted:
                await self._decide(court, wanted)
            await asyncio.sleep(0)

    async def _decide(self, court: str, answers: Sequence[gateway_pb2.Answer]) -> None:
        while True:
            try:
                return await self._desk.decide(partial(_sight, court, answers))
            except EdgeError:
                await asyncio.sleep(PAUSE_S)


def _sight(court: str, answers: Sequence[gateway_pb2.Answer], ledger: "Ledger") -> None:
    for answer in answers:
        ledger.sight(court, answer)
