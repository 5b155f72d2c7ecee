"""Tracker server: a tracker in a process of its own, on a database that is there, and a stub to call it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import grpc

from benchmarks.service import Service
from benchmarks.stack import chakong, free_port
from chakong.tracker.v1 import tracker_pb2_grpc
from runtime.identity import PLAINTEXT_METADATA_KEY, Identity, Role

READY_S_MAX: Final = 120.0
STOP_S_MAX: Final = 60.0
CALL_S_MAX: Final = 120.0
RECEIVE_BYTES_MAX: Final = 256 << 20


@dataclass(frozen=True, slots=True)
class Called:
    """A tracker that serves. `stub` is typed as the generated one is: not at all."""

    stub: Any

    async def call(self, method: str, request: Any, metadata: tuple[tuple[str, str], ...]) -> Any:
        """A unary call."""
        return await getattr(self.stub, method)(request, metadata=metadata, timeout=CALL_S_MAX)


def as_court(code: str) -> tuple[tuple[str, str], ...]:
    """Metadata of a court."""
    return ((PLAINTEXT_METADATA_KEY, Identity(Role.COURT, code, code).uri),)


def as_operator() -> tuple[tuple[str, str], ...]:
    """Metadata of an operator."""
    return ((PLAINTEXT_METADATA_KEY, Identity(Role.OPERATOR, "", "bench").uri),)


@asynccontextmanager
async def serving(folder: Path, url: str) -> AsyncIterator[Called]:
    """A tracker alone, in plaintext on this machine."""
    address = f"127.0.0.1:{free_port()}"
    config = folder / "tracker.toml"
    # A point of the series in the middle of a measurement would be measured with it.
    text = f"""
[listen]
address = "{address}"
plaintext = true
[metrics]
address = ""
[tracker]
url = "{url}"
series_every_s = 3600
[log]
level = "warning"
"""
    config.write_text(text, encoding="utf-8")
    command = chakong("serve", "--only", "tracker", "--config", str(config))
    async with Service("tracker", command, folder / "tracker.log", STOP_S_MAX) as service:
        await service.ready(READY_S_MAX)
        options = (("grpc.max_receive_message_length", RECEIVE_BYTES_MAX),)
        async with grpc.aio.insecure_channel(address, options=options) as channel:
            yield Called(tracker_pb2_grpc.TrackerStub(channel))
