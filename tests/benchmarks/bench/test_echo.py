"""The echo, called by the lean client: the beginning of each message comes back, over mutual TLS."""

import asyncio
import ssl
from pathlib import Path

import grpc
import pytest

from benchmarks.bench.caller import connect, connections
from benchmarks.bench.echo import echoing
from benchmarks.bench.unary import SUBMIT
from benchmarks.bench.unary_echo import called
from benchmarks.court import Credentials
from benchmarks.stack import free_port
from runtime.certificates import write_set
from runtime.clock import now_ns

COURT = "京0105"
S_MAX = 120


def credentials(folder: Path) -> Credentials:
    write_set(folder, [COURT], now_ns(), force=True)
    return Credentials(folder / "ca.pem", folder / f"court-{COURT}.pem", folder / f"court-{COURT}.key")


async def test_every_message_comes_back_in_part(tmp_path: Path) -> None:
    court, port = credentials(tmp_path), free_port()
    messages = [f"{place:06}{'x' * (place % 50)}".encode() for place in range(500)]
    async with (
        asyncio.timeout(S_MAX),
        echoing(port, tmp_path, 6),
        connections(f"127.0.0.1:{port}", court, SUBMIT, 3) as callers,
    ):
        replies, seconds = await called(callers, messages, 16)
    assert replies == [message[:6] for message in messages]
    assert seconds > 0


async def test_caller_without_certificate_is_not_let_in(tmp_path: Path) -> None:
    court, port = credentials(tmp_path), free_port()
    async with asyncio.timeout(S_MAX), echoing(port, tmp_path, 6):
        root = grpc.ssl_channel_credentials(court.ca.read_bytes())
        async with grpc.aio.secure_channel(f"127.0.0.1:{port}", root) as channel:
            with pytest.raises(grpc.aio.AioRpcError):
                await channel.unary_unary(SUBMIT, None, None)(b"x", timeout=S_MAX)


async def test_foreign_authority_is_not_called(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    port = free_port()
    credentials(tmp_path)
    async with asyncio.timeout(S_MAX), echoing(port, tmp_path, 6):
        with pytest.raises(ssl.SSLError):
            await connect(f"127.0.0.1:{port}", credentials(tmp_path / "other"), SUBMIT)
