"""Handing out sets over gRPC: to whom, and why not."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives import serialization

from blacklist.rpc import offline
from blacklist.rpc.bindings import Bindings
from blacklist.rpc.offline import OfflineCalls
from blacklist.rules.units import load
from chakong.blacklist.v1 import offline_pb2, offline_pb2_grpc
from runtime.data import measure_texts
from runtime.errors import FullError, UnavailableError
from runtime.identity import Identity, Role
from tests.blacklist.house import house
from tests.blacklist.offline.sets import PRIVATE_KEY
from tests.patience import DEADLINE_S

ID = b"0123456789abcdef"


def signing_key(folder: Path) -> Path:
    """A file with it."""
    path = folder / "signing.pem"
    path.write_bytes(
        PRIVATE_KEY.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


async def test_without_a_key_to_sign_with_nothing_is_handed_out(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        stub = offline_pb2_grpc.OfflineStub(ours.channel)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetSnapshotKey(
                offline_pb2.GetSnapshotKeyRequest(snapshot_id=ID),
                metadata=ours.unit.metadata,
                timeout=DEADLINE_S,
            )
        assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION
        assert "blacklist.signing_key" in (caught.value.details() or "")


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("chakong://court/%E4%BA%AC0105", grpc.StatusCode.PERMISSION_DENIED),
        ("chakong://operator/a", grpc.StatusCode.PERMISSION_DENIED),
        ("chakong://unit/nobody", grpc.StatusCode.PERMISSION_DENIED),
    ],
)
async def test_only_units_get_sets(tmp_path: Path, uri: str, code: grpc.StatusCode) -> None:
    async with house(tmp_path, signing_key=signing_key(tmp_path)) as ours:
        stub = offline_pb2_grpc.OfflineStub(ours.channel)
        metadata = ours.caller(uri).metadata
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetSnapshot(
                offline_pb2.GetSnapshotRequest(), metadata=metadata, timeout=DEADLINE_S
            ).read()
        assert caught.value.code() == code


async def test_wrong_id_is_told_with_its_field(tmp_path: Path) -> None:
    async with house(tmp_path, signing_key=signing_key(tmp_path)) as ours:
        stub = offline_pb2_grpc.OfflineStub(ours.channel)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetDelta(
                offline_pb2.GetDeltaRequest(snapshot_id=b"abc"),
                metadata=ours.unit.metadata,
                timeout=DEADLINE_S,
            )
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert caught.value.details() == "snapshot_id: must be 16 bytes, 3 given"


class Making:
    """A publisher of small snapshots."""

    async def snapshot(self, _unit: str) -> bytes:
        return b"sealed"


class Taking:
    """A caller that takes nothing until it is told to."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.goes_on = asyncio.Event()
        self.written: list[bytes] = []

    async def write(self, message: bytes) -> None:
        self.begun.set()
        await self.goes_on.wait()
        self.written.append(message)


def making() -> OfflineCalls:
    publisher: Any = Making()
    return OfflineCalls(lambda: publisher, Bindings(load(*measure_texts())), is_signing=True)


def asking(calls: OfflineCalls, unit: str, taking: Taking) -> "asyncio.Task[None]":
    context: Any = taking
    return asyncio.create_task(calls.snapshot(Identity(Role.UNIT, "", unit), b"", context))


async def test_unit_that_does_not_take_its_snapshots_gets_no_more_and_stops_no_other() -> None:
    calls, slow, other = making(), Taking(), Taking()
    other.goes_on.set()
    async with asyncio.timeout(DEADLINE_S):
        waiting = [asking(calls, "railway", slow) for _ in range(offline.SNAPSHOTS_PER_UNIT_MAX)]
        await slow.begun.wait()
        with pytest.raises(FullError):
            await asking(calls, "railway", slow)
        await asking(calls, "mps", other)
        slow.goes_on.set()
        await asyncio.gather(*waiting)
        await asking(calls, "railway", slow)
    assert (len(slow.written), len(other.written)) == (offline.SNAPSHOTS_PER_UNIT_MAX + 1, 1)


async def test_snapshot_that_is_not_taken_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offline, "SNAPSHOT_S_MAX", 0.01)
    with pytest.raises(UnavailableError, match="was not taken"):
        await asking(making(), "railway", Taking())


async def test_before_the_list_is_loaded_a_unit_is_told_to_come_again() -> None:
    units = load(*measure_texts())
    calls = OfflineCalls(lambda: None, Bindings(units), is_signing=True)
    request = offline_pb2.GetSnapshotKeyRequest(snapshot_id=ID).SerializeToString()
    with pytest.raises(UnavailableError) as caught:
        await calls.key(Identity(Role.UNIT, "", "railway"), request)
    assert caught.value.retry_ms > 0
