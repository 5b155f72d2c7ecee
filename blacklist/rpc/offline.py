"""Offline: what units fetch to screen by themselves over gRPC. What is handed out is offline/publisher.py's.

Without a key to sign with nothing is handed out. A file is in memory until its caller has taken it: how many
are, and for how long, is bounded.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from blacklist.offline.publisher import RETRY_MS, Publisher
from blacklist.rpc.bindings import Bindings
from chakong.blacklist.v1 import offline_pb2
from runtime.calendar import date_of
from runtime.clock import now_ns
from runtime.errors import FullError, RuleError, UnavailableError
from runtime.identity import Identity
from runtime.requests import read

if TYPE_CHECKING:
    from runtime.guard import Context

PIECE_BYTES: Final = 1 << 20
NOT_SIGNED: Final = "NO_SIGNING_KEY"
# Snapshots that are made for one unit, or on their way to it.
SNAPSHOTS_PER_UNIT_MAX: Final = 2
SNAPSHOT_S_MAX: Final = 300.0


class OfflineCalls:
    """The calls of chakong.blacklist.v1.Offline. `publisher` gives None while there is no list; `is_signing`:
    there is a key to sign with."""

    def __init__(
        self, publisher: Callable[[], Publisher | None], bindings: Bindings, *, is_signing: bool
    ) -> None:
        self._publisher = publisher
        self._is_signing = is_signing
        self._bindings = bindings
        self._snapshots: Counter[str] = Counter()

    async def snapshot(self, caller: Identity, message: bytes, context: "Context") -> None:
        """GetSnapshot."""
        publisher = self._checked(caller)
        read(offline_pb2.GetSnapshotRequest, message)
        unit = caller.name
        if self._snapshots[unit] >= SNAPSHOTS_PER_UNIT_MAX:
            text = f"snapshots: {SNAPSHOTS_PER_UNIT_MAX} of this unit are on their way, at most so many"
            raise FullError(text, retry_ms=RETRY_MS)
        self._snapshots[unit] += 1
        try:
            async with asyncio.timeout(SNAPSHOT_S_MAX):
                sealed = await publisher.snapshot(unit)
                for start in range(0, len(sealed), PIECE_BYTES):
                    piece = offline_pb2.GetSnapshotResponse(piece=sealed[start : start + PIECE_BYTES])
                    await context.write(piece.SerializeToString())
        except TimeoutError:
            text = f"snapshot: was not taken within {SNAPSHOT_S_MAX:.0f} s"
            raise UnavailableError(text, retry_ms=RETRY_MS) from None
        finally:
            self._snapshots[unit] -= 1

    async def key(self, caller: Identity, message: bytes) -> bytes:
        """GetSnapshotKey."""
        publisher = self._checked(caller)
        request = read(offline_pb2.GetSnapshotKeyRequest, message)
        key = publisher.key(caller.name, request.snapshot_id)
        return offline_pb2.GetSnapshotKeyResponse(key=key).SerializeToString()

    async def delta(self, caller: Identity, message: bytes) -> bytes:
        """GetDelta."""
        publisher = self._checked(caller)
        request = read(offline_pb2.GetDeltaRequest, message)
        delta = await publisher.delta(caller.name, request.snapshot_id, request.from_version)
        return offline_pb2.GetDeltaResponse(delta=delta).SerializeToString()

    def _checked(self, caller: Identity) -> Publisher:
        self._bindings.check(caller.name, date_of(now_ns()))
        if not self._is_signing:
            raise RuleError("blacklist.signing_key: is not set, nothing can be signed", rule=NOT_SIGNED)
        publisher = self._publisher()
        if publisher is None:
            raise UnavailableError("the list is not loaded yet", retry_ms=RETRY_MS)
        return publisher
