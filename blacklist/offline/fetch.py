"""Fetch: how a unit gets its set, keeps it up to date, and has a hit confirmed, over gRPC.

What comes is verified before it is used (client.py). The channel, with the unit's certificate, is the
caller's, and so is where the key is kept: not beside the set.
"""

from collections.abc import Sequence
from typing import Final

import grpc
import grpc.aio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from blacklist.offline import seal
from blacklist.offline.client import OfflineSet
from blacklist.offline.errors import TruncatedError
from blacklist.offline.keys import SetKey
from chakong.blacklist.v1 import offline_pb2, offline_pb2_grpc, screening_pb2, screening_pb2_grpc
from chakong.type.v1 import type_pb2

# A list of fifty million would not make a larger file.
SNAPSHOT_BYTES_MAX: Final = 1 << 29
SNAPSHOT_S_MAX: Final = 300.0
CALL_S_MAX: Final = 30.0

Metadata = Sequence[tuple[str, str]]


class Fetcher:
    """Over one channel. Raises grpc.aio.AioRpcError besides what each says."""

    def __init__(self, channel: grpc.aio.Channel, metadata: Metadata = ()) -> None:
        self._offline = offline_pb2_grpc.OfflineStub(channel)
        self._screening = screening_pb2_grpc.ScreeningStub(channel)
        self._metadata = tuple(metadata)

    async def snapshot(self) -> bytes:
        """The file of a new snapshot, not verified. TruncatedError for one beyond all limits."""
        call = self._offline.GetSnapshot(
            offline_pb2.GetSnapshotRequest(), metadata=self._metadata, timeout=SNAPSHOT_S_MAX
        )
        pieces: list[bytes] = []
        size_bytes = 0
        async for response in call:
            size_bytes += len(response.piece)
            if size_bytes > SNAPSHOT_BYTES_MAX:
                call.cancel()
                raise TruncatedError(f"file: longer than {SNAPSHOT_BYTES_MAX} bytes")
            pieces.append(response.piece)
        return b"".join(pieces)

    async def key(self, sealed: bytes, public_key: Ed25519PublicKey) -> SetKey:
        """The key to a snapshot whose signature is good. Errors of OfflineError."""
        head, _ = seal.unseal(seal.SNAPSHOT, offline_pb2.SnapshotHead(), sealed, public_key)
        request = offline_pb2.GetSnapshotKeyRequest(snapshot_id=head.snapshot_id)
        response = await self._offline.GetSnapshotKey(request, metadata=self._metadata, timeout=CALL_S_MAX)
        return SetKey.of_bytes(response.key)

    async def delta(self, offline: OfflineSet) -> bytes:
        """The file of a delta for a set, not verified."""
        request = offline_pb2.GetDeltaRequest(
            snapshot_id=offline.head.snapshot_id, from_version=offline.freshness.version
        )
        response = await self._offline.GetDelta(request, metadata=self._metadata, timeout=CALL_S_MAX)
        return response.delta

    async def confirm(self, subject: type_pb2.Subject) -> screening_pb2.ScreenResponse:
        """What the service says of somebody whom the set found: this binds."""
        request = screening_pb2.ScreenRequest(subject=subject)
        return await self._screening.Screen(request, metadata=self._metadata, timeout=CALL_S_MAX)
