"""Watch: hands answers to those who watch, each from its own cursor, as fast as it reads and no faster.

The cursor is the seq of the answers' frame. A watcher takes from the ring of recent answers, or, when it is
behind, from the journal in a thread: nothing is queued for it. At least once, in order. Whole-court watchers
get the journal's own bytes; only a filter makes answers into objects.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chakong.gateway.v1 import gateway_pb2
from chakong.journal.v1 import journal_pb2
from gateway.edge import raw
from gateway.edge.errors import FullError
from gateway.edge.journal_schema import ANSWER
from gateway.edge.watch_ring import Ring
from runtime import requests

if TYPE_CHECKING:
    from gateway._core import Answers
    from gateway.edge.journal import Journal

# Callers' libraries take 4 MiB unless told otherwise.
MESSAGE_BYTES_MAX: Final = 1 << 20
# What a watcher that does not read keeps in memory, however much there is for it.
BYTES_AT_ONCE: Final = 1 << 20
RETRY_MS: Final = 5_000

# A seq and an encoded Answers become the messages to send; none when the filter leaves nothing.
Shape = Callable[[int, bytes], list[bytes]]


@dataclass(slots=True, eq=False)
class _Watcher:
    court: str
    moved: asyncio.Event


class Watch:
    """The watchers of all courts. One event loop."""

    def __init__(self, journal: "Journal", ring_bytes_max: int, watchers_max: int) -> None:
        self._journal = journal
        self._ring = Ring(ring_bytes_max, journal.last_seq)
        self._watchers_max = watchers_max
        self._watchers: dict[str, set[_Watcher]] = {}
        self.watcher_count = 0
        self.is_closed = False

    def publish(self, seq: int, answers: "Answers") -> None:
        """Answers that are durable as frame `seq`; seqs rise."""
        self._ring.add(seq, answers.court, answers.message)
        for watcher in self._watchers.get(answers.court, ()):
            watcher.moved.set()

    def close(self) -> None:
        """Let every watcher come to its end once it has what was published."""
        self.is_closed = True
        for watchers in self._watchers.values():
            for watcher in watchers:
                watcher.moved.set()

    @property
    def ring_bytes(self) -> int:
        """Bytes of recent answers held."""
        return self._ring.size_bytes

    async def follow(self, court: str, request: gateway_pb2.WatchRequest) -> AsyncGenerator[bytes, None]:
        """Encoded WatchResponses after the request's cursor, until closed or `aclose`d. InvalidError,
        FullError."""
        shape = _shape(request)
        cursor = request.cursor
        if cursor > self._journal.last_seq:
            raise requests.wrong("cursor", f"must be at most {self._journal.last_seq}, {cursor} given")
        watcher = self._enter(court)
        try:
            while True:
                watcher.moved.clear()
                entries = self._ring.after(court, cursor, BYTES_AT_ONCE)
                if entries is None:
                    floor_seq = self._ring.floor_of(court)
                    entries = await self._from_journal(court, cursor)
                    if not entries:
                        # What is durable up to the floor was durable before the look; the ring has the rest.
                        cursor = floor_seq
                for seq, message in entries:
                    for response in shape(seq, message):
                        yield response
                    cursor = seq
                    # A filter may pass over megabytes without a word; the loop has others to serve.
                    await asyncio.sleep(0)
                if not entries and not watcher.moved.is_set():
                    if self.is_closed and cursor >= self._ring.floor_of(court):
                        return
                    await watcher.moved.wait()
        finally:
            self._leave(watcher)

    async def _from_journal(self, court: str, cursor: int) -> list[tuple[int, bytes]]:
        # What is durable a moment before the loop hears of it is published next: a cursor that was handed out
        # must be one that may come back.
        last_seq = self._journal.last_seq
        frames = await asyncio.to_thread(
            self._journal.read,
            cursor,
            kinds=(ANSWER,),
            court=court,
            bytes_max=BYTES_AT_ONCE,
        )
        return [(frame.seq, frame.body) for frame in frames if frame.seq <= last_seq]

    def _enter(self, court: str) -> _Watcher:
        if self.watcher_count >= self._watchers_max:
            raise FullError(f"watchers: {self._watchers_max} there already", retry_ms=RETRY_MS)
        watcher = _Watcher(court, asyncio.Event())
        self._watchers.setdefault(court, set()).add(watcher)
        self.watcher_count += 1
        return watcher

    def _leave(self, watcher: _Watcher) -> None:
        watchers = self._watchers[watcher.court]
        watchers.remove(watcher)
        if not watchers:
            del self._watchers[watcher.court]
        self.watcher_count -= 1


def _shape(request: gateway_pb2.WatchRequest) -> Shape:
    which = request.WhichOneof("filter")
    if which == "case_number":
        case_number = requests.case_number(request.case_number)
        return _filtered(case_number.encode(), lambda answer: answer.case_number == case_number)
    if which == "inquiry_id":
        inquiry_id = request.inquiry_id
        if not inquiry_id:
            raise requests.wrong("inquiry_id", "must be 1 or more, 0 given")
        return _filtered(raw.field_varint(1, inquiry_id), lambda answer: answer.inquiry_id == inquiry_id)
    return whole


def whole(seq: int, message: bytes) -> list[bytes]:
    """All answers. Of several messages only the last has the cursor: the others count as seen together with
    it."""
    if len(message) <= MESSAGE_BYTES_MAX:
        return [raw.field_varint(1, seq) + message]
    before = raw.field_varint(1, seq - 1)
    parts = list(raw.pieces(message, MESSAGE_BYTES_MAX))
    return [before + part for part in parts[:-1]] + [raw.field_varint(1, seq) + parts[-1]]


def _filtered(needle: bytes, fits: Callable[[gateway_pb2.Answer], bool]) -> Shape:
    def shape(seq: int, message: bytes) -> list[bytes]:
        # Nearly always there is nothing to find, and then nothing is decoded.
        if needle not in message:
            return []
        found = [answer for answer in journal_pb2.Answers.FromString(message).answers if fits(answer)]
        return whole(seq, journal_pb2.Answers(answers=found).SerializeToString()) if found else []

    return shape
