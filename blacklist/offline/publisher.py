"""Publisher: what the service hands out of its list: a snapshot, its key, a delta.

A snapshot is made anew for each call, under an id of its own, and not kept: nothing has to be stored, and no
two units ever have one in common. It takes a second or two of a thread at millions of entries, so one is made
at a time, and few may wait. Who asks was settled before.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from blacklist.offline.keys import SNAPSHOT_ID_BYTES
from blacklist.offline.maker import Maker, Moment, Unit
from blacklist.screening._snapshot import Snapshot
from blacklist.screening.current import Current, Source
from runtime.calendar import day_of
from runtime.errors import FullError, RuleError, UnavailableError
from runtime.requests import wrong

WAITING_MAX: Final = 8
# Each has CHANGES_MAX changes in memory at most while it is made.
DELTAS_AT_ONCE_MAX: Final = 8
RETRY_MS: Final = 5_000
# Beyond that a snapshot is not much larger.
CHANGES_MAX: Final = 200_000
NEW_SNAPSHOT: Final = "NEW_SNAPSHOT_NEEDED"

# What binds a unit on a day (since 1970), by bound.
MeasuresOf = Callable[[str, int], Sequence[Sequence[int]]]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where it takes from: the list as it is screened, its changes, what binds whom, clock and chance."""

    current: Current
    store: Source
    measures_of: MeasuresOf
    now_ns: Callable[[], int]
    token: Callable[[int], bytes]


class Publisher:
    """One for a process."""

    def __init__(self, maker: Maker, sources: Sources, good_for_s: int) -> None:
        self._maker = maker
        self._sources = sources
        self._good_for_s = good_for_s
        self._turn = asyncio.Lock()
        self._waiting_count = 0
        self._delta_count = 0

    async def snapshot(self, unit: str) -> bytes:
        """The file of a new snapshot. FullError when too many are waited for; UnavailableError before the
        list is loaded."""
        if self._waiting_count >= WAITING_MAX:
            raise FullError(f"snapshots: {WAITING_MAX} are waited for, at most so many", retry_ms=RETRY_MS)
        self._waiting_count += 1
        try:
            async with self._turn:
                listed, moment = self._now()
                made_for = self._unit(unit, moment.day)
                snapshot_id = self._sources.token(SNAPSHOT_ID_BYTES)
                return await asyncio.to_thread(self._maker.snapshot, listed, made_for, snapshot_id, moment)
        finally:
            self._waiting_count -= 1

    def key(self, unit: str, snapshot_id: bytes) -> bytes:
        """Of a snapshot of this unit: any other unit's id gives a key that fits nothing."""
        return self._maker.key(unit, _checked(snapshot_id))

    async def delta(self, unit: str, snapshot_id: bytes, from_version: int) -> bytes:
        """The file of a delta from that version to now. RuleError when too much has changed since; FullError
        when too many are made; UnavailableError when this process is behind that version itself."""
        checked_id = _checked(snapshot_id)
        if self._delta_count >= DELTAS_AT_ONCE_MAX:
            text = f"deltas: {DELTAS_AT_ONCE_MAX} are made, at most so many at a time"
            raise FullError(text, retry_ms=RETRY_MS)
        self._delta_count += 1
        try:
            return await self._delta(unit, checked_id, from_version)
        finally:
            self._delta_count -= 1

    async def _delta(self, unit: str, checked_id: bytes, from_version: int) -> bytes:
        listed, moment = self._now()
        if from_version > listed.version:
            raise UnavailableError(
                f"from_version: {from_version} given, the list is at {listed.version} here", retry_ms=RETRY_MS
            )
        came = await asyncio.to_thread(self._sources.store.changes, from_version, CHANGES_MAX + 1)
        if len(came.changes) > CHANGES_MAX:
            raise RuleError(f"from_version: more than {CHANGES_MAX} changes since", rule=NEW_SNAPSHOT)
        rows = [row for _, row in came.changes]
        made_for = self._unit(unit, moment.day)
        return await asyncio.to_thread(
            self._maker.delta, listed, made_for, checked_id, from_version, rows, moment
        )

    def _now(self) -> tuple[Snapshot, Moment]:
        current = self._sources.current
        if current.snapshot is None:
            raise UnavailableError("the list is not loaded yet", retry_ms=RETRY_MS)
        day = day_of(self._sources.now_ns())
        return current.snapshot, Moment(current.as_of_ns, day, self._good_for_s)

    def _unit(self, unit: str, day: int) -> Unit:
        return Unit(unit, self._sources.measures_of(unit, day))


def _checked(snapshot_id: bytes) -> bytes:
    if len(snapshot_id) != SNAPSHOT_ID_BYTES:
        raise wrong("snapshot_id", f"must be {SNAPSHOT_ID_BYTES} bytes, {len(snapshot_id)} given")
    return snapshot_id
