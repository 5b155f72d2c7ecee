"""Holds watch: tells courts of changes to their holds, each watcher from its own cursor.

The cursor is the seq of the step. A hold is told as it stands when it is told: what was passed over on the
way is in the hold's own history. A watcher that is behind what is kept in memory reads the steps from the
journal, in a thread; no message is queued for it. At least once, in order. What may wait is for Later to say.
"""

import asyncio
from array import array
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chakong.gateway.v1 import controls_pb2
from gateway.edge.errors import FullError
from gateway.edge.holds_later import Later, Step
from gateway.edge.journal_schema import LEDGER
from gateway.edge.watch_ring import Ring
from gateway.holds.touched import holds_in
from runtime import requests
from runtime._wire import message
from runtime.clock import now_ns

if TYPE_CHECKING:
    from gateway.edge.journal import Journal
    from gateway.holds.ledger import Ledger

# Ids of changed holds in memory, eight bytes each.
RING_BYTES: Final = 32 << 20
# What a watcher that does not read keeps: ids from memory, or steps read from the journal.
BYTES_AT_ONCE: Final = 16 << 10
STEPS_AT_ONCE: Final = 16
RETRY_MS: Final = 5_000
NS: Final = 1_000_000_000
_CURSOR: Final = controls_pb2.WatchHoldsResponse.CURSOR_FIELD_NUMBER


@dataclass(slots=True, eq=False)
class _Watcher:
    court: str
    case_number: str
    moved: asyncio.Event = field(default_factory=asyncio.Event)


class HoldsWatch:
    """The watchers of all courts. One event loop."""

    def __init__(self, ledger: "Ledger", journal: "Journal", watchers_max: int) -> None:
        self._ledger = ledger
        self._journal = journal
        self._watchers_max = watchers_max
        # One court cannot take the room of all.
        self._of_court_max = max(1, watchers_max // 2)
        self._ring = Ring(RING_BYTES, journal.last_seq)
        self._watchers: dict[str, set[_Watcher]] = {}
        self.watcher_count = 0
        self.is_closed = False

    def publish(self, seq: int, hold_ids: Collection[int], ordered: Collection[int]) -> None:
        """A step is kept; seqs rise. `ordered`: about these bulk orders were taken."""
        for court, (changed, later) in self._ledger.by_court(hold_ids, ordered).items():
            self._ring.add(seq, court, array("Q", (len(changed), *changed, *later)).tobytes())
            for watcher in self._watchers.get(court, ()):
                watcher.moved.set()

    def close(self) -> None:
        """Let every watcher come to its end once it has what was published."""
        self.is_closed = True
        for watchers in self._watchers.values():
            for watcher in watchers:
                watcher.moved.set()

    async def follow(
        self, court: str, request: controls_pb2.WatchHoldsRequest
    ) -> AsyncGenerator[bytes, None]:
        """Encoded WatchHoldsResponses after the request's cursor, until closed or `aclose`d. InvalidError,
        FullError."""
        cursor = request.cursor
        if cursor > self._journal.last_seq:
            raise requests.wrong("cursor", f"must be at most {self._journal.last_seq}, {cursor} given")
        if request.case_number:
            requests.case_number(request.case_number)
        self._require_room(court)
        watcher = _Watcher(court, request.case_number)
        later = Later(cursor)
        self._watchers.setdefault(court, set()).add(watcher)
        self.watcher_count += 1
        try:
            while True:
                watcher.moved.clear()
                steps = await self._after(court, cursor)
                told_cursor = later.cursor
                hold_ids = later.take(steps, now_ns(), is_last=self.is_closed)
                async for response in self._responses(watcher, hold_ids, told_cursor, later.cursor):
                    yield response
                cursor = steps[-1].seq if steps else cursor
                if steps:
                    continue
                if self.is_closed:
                    return
                await _moved(watcher, later.due_ns)
        finally:
            self.watcher_count -= 1
            self._watchers[court].discard(watcher)
            if not self._watchers[court]:
                del self._watchers[court]

    def _require_room(self, court: str) -> None:
        if self.watcher_count >= self._watchers_max:
            raise FullError(f"watchers: {self._watchers_max} there already", retry_ms=RETRY_MS)
        if len(self._watchers.get(court, ())) >= self._of_court_max:
            raise FullError(f"watchers: {self._of_court_max} of this court there already", retry_ms=RETRY_MS)

    async def _after(self, court: str, cursor: int) -> list[Step]:
        """The next steps after the cursor; none: there are none yet."""
        found = self._ring.after(court, cursor, BYTES_AT_ONCE)
        if found is not None:
            return [_step(seq, array("Q", ids)) for seq, ids in found]
        floor_seq = self._ring.floor_of(court)
        frames = await asyncio.to_thread(self._journal.read, cursor, kinds=(LEDGER,), limit=STEPS_AT_ONCE)
        steps: list[Step] = []
        for frame in frames:
            if frame.seq > floor_seq:
                break
            steps.append(Step(frame.seq, holds_in(frame.body, self._ledger.hold_of_control)))
            await asyncio.sleep(0)
        # Nothing more up to the floor: what comes after it is in memory.
        return steps or [Step(floor_seq, ())]

    async def _responses(
        self, watcher: _Watcher, hold_ids: Sequence[int], before: int, after: int
    ) -> AsyncGenerator[bytes, None]:
        """Of several messages only the last has the cursor `after` them: the others count as seen with it."""
        court, case_number = watcher.court, watcher.case_number
        views: list[bytes] = []
        place = 0
        while place < len(hold_ids):
            more, place = self._ledger.told(court, case_number, hold_ids, place, now_ns())
            if views and more:
                yield _response(before, views)
            views = more or views
        if views:
            yield _response(after, views)


def _step(seq: int, ids: "array[int]") -> Step:
    """As it was published: how many come before those that were ordered, then all of them."""
    later = 1 + ids[0]
    return Step(seq, ids[1:later], ids[later:])


async def _moved(watcher: _Watcher, due_ns: int) -> None:
    """Until a step is published, or something that waits is due."""
    if due_ns == 0:
        await watcher.moved.wait()
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(max(0, due_ns - now_ns()) / NS):
            await watcher.moved.wait()


def _response(cursor: int, views: Sequence[bytes]) -> bytes:
    """An encoded WatchHoldsResponse."""
    return message(_CURSOR, cursor, 0, b"".join(views))
