"""Channel: a service is known by its certificate, or in plaintext by its word, and says for whom it calls."""

import asyncio
from pathlib import Path
from typing import Any, cast

import grpc
import pytest

from runtime.certificates import write_set
from runtime.channel import court_metadata, service_channel
from runtime.clock import now_ns
from runtime.guard import CallCounts, Guard
from runtime.identity import Identity, Role
from runtime.server import Methods, Server
from runtime.settings import Listen
from runtime.settings_follow import FollowTracker
from tests.patience import DEADLINE_S

SERVICE = "chakong.tracker.v1.Tracker"
OURS = Identity(Role.SERVICE, "", "blacklist")


async def told(listen: Listen, settings: FollowTracker, *, plaintext: bool) -> bytes:
    """Who calls, as the called service knows it."""

    async def who(caller: Identity, _message: bytes) -> bytes:
        return f"{caller.name} {caller.court}".encode()

    guard = Guard(f"/{SERVICE}/", CallCounts(), plaintext=plaintext)
    handler = grpc.method_handlers_generic_handler(SERVICE, {"WatchEvents": guard.unary("WatchEvents", who)})
    server = Server(listen, 16, [Methods(SERVICE, handler)], asyncio.Event())
    port = server.bind()
    await server.start()
    channel = service_channel(settings.model_copy(update={"address": f"127.0.0.1:{port}"}))
    try:
        call: Any = cast("Any", channel).unary_unary(f"/{SERVICE}/WatchEvents")
        metadata = court_metadata(OURS, "京0105", plaintext=plaintext)
        answer: bytes = await call(b"", metadata=metadata, timeout=DEADLINE_S)
    finally:
        await channel.close(None)
        await server.stop(0)
    return answer


def files(folder: Path, name: str) -> dict[str, Any]:
    """Of a certificate that `chakong certs` made."""
    return {"ca": folder / "ca.pem", "cert": folder / f"{name}.pem", "key": folder / f"{name}.key"}


@pytest.mark.parametrize("plaintext", [True, False])
async def test_a_service_is_known_and_says_for_which_court_it_calls(tmp_path: Path, plaintext: bool) -> None:
    listen = Listen(address="127.0.0.1:0", plaintext=True)
    settings = FollowTracker(address="127.0.0.1:1", plaintext=True)
    if not plaintext:
        write_set(tmp_path, ["京0105"], now_ns())
        listen = Listen(address="127.0.0.1:0", **files(tmp_path, "server"))
        settings = FollowTracker(address="127.0.0.1:1", **files(tmp_path, "blacklist"))
    assert await told(listen, settings, plaintext=plaintext) == "blacklist 京0105".encode()
