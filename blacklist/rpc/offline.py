"""Offline: what units fetch to screen by themselves over gRPC. What is handed out is offline/publisher.py's.

Without a key to sign with nothing is handed out.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from blacklist.offline.publisher import RETRY_MS, Publisher
from blacklist.rpc.bindings import Bindings
from chakong.blacklist.v1 import offline_pb2
from runtime.calendar import date_of
from runtime.clock import now_ns
from runtime.errors import RuleError, UnavailableError
from runtime.identity import Identity
from runtime.requests import read

if TYPE_CHECKING:
    from runtime.guard import Context

PIECE_BYTES: Final = 1 << 20
NOT_SIGNED: Final = "NO_SIGNING_KEY"


class OfflineCalls:
    """The calls of chakong.blacklist.v1.Offline. `publisher` gives None while there is no list; `is_signing`:
    there is a key to sign with."""

    def __init__(
        self, publisher: Callable[[], Publisher | None], bindings: Bindings, *, is_signing: bool
    ) -> None:
        self._publisher = publisher
        self._is_signing = is_signing
        self._bindings = bindings

    async def snapshot(self, caller: Identity, message: bytes, context: "Context") -> None:
        """GetSnapshot."""
        publisher = self._checked(caller)
        read(offline_pb2.GetSnapshotRequest, message)
        sealed = await publisher.snapshot(caller.name)
        for start in range(0, len(sealed), PIECE_BYTES):
            piece = offline_pb2.GetSnapshotResponse(piece=sealed[start : start + PIECE_BYTES])
            await context.write(piece.SerializeToString())

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
