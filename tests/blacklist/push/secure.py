"""Secure: a blacklist alone behind mutual TLS, with certificates for a court, an operator and units."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from blacklist import serve
from chakong.blacklist.v1 import changes_pb2_grpc, listings_pb2, listings_pb2_grpc
from runtime.alone import Alone
from runtime.certificates import add_client, write_set
from runtime.clock import now_ns
from runtime.config import Config
from runtime.identity import Identity, Role
from runtime.settings import Blacklist, Journal, Listen, Metrics
from tests.blacklist.house import COURT, adult, draft
from tests.patience import DEADLINE_S

UNITS = ("railway", "moe", "spp")


class Secure:
    """Where it is, and the certificates of who calls it."""

    def __init__(self, folder: Path, port: int, alone: Alone[serve.Blacklist] | None = None) -> None:
        self.folder = folder
        self.port = port
        self._alone = alone

    @property
    def alone(self) -> Alone[serve.Blacklist]:
        """The service, where it is in this process."""
        assert self._alone is not None
        return self._alone

    @cached_property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def arguments(self, name: str) -> list[str]:
        """Of a command that calls it."""
        files = {"--cert": f"{name}.pem", "--key": f"{name}.key", "--ca": "ca.pem"}
        found = [part for option, file in files.items() for part in (option, str(self.folder / file))]
        return ["--address", self.address, *found]

    def credentials(self, name: str) -> grpc.ChannelCredentials:
        parts = [(self.folder / file).read_bytes() for file in ("ca.pem", f"{name}.key", f"{name}.pem")]
        return grpc.ssl_channel_credentials(*parts)

    @asynccontextmanager
    async def changes(self, name: str, options: Any = ()) -> AsyncIterator[Any]:
        """A stub of who has this certificate."""
        channel = grpc.aio.secure_channel(self.address, self.credentials(name), options)
        async with channel:
            yield changes_pb2_grpc.ChangesStub(channel)

    @contextmanager
    def channel(self, name: str) -> Iterator[grpc.Channel]:
        """One for a thread."""
        with grpc.secure_channel(self.address, self.credentials(name)) as channel:
            yield channel

    async def list(self, index: int) -> int:
        """A listing, made; its number."""
        async with grpc.aio.secure_channel(self.address, self.credentials(f"court-{COURT}")) as channel:
            court: Any = listings_pb2_grpc.ListingsStub(channel)
            given = draft(adult(index), f"case-{index}")
            request = listings_pb2.CreateListingRequest(act_id=f"list-{index}", draft=given)
            return int((await court.CreateListing(request, timeout=DEADLINE_S)).listing.listing_id)

    async def remove(self, listing_id: int) -> None:
        """It is off the list."""
        async with grpc.aio.secure_channel(self.address, self.credentials(f"court-{COURT}")) as channel:
            court: Any = listings_pb2_grpc.ListingsStub(channel)
            act = f"remove-{listing_id}"
            request = listings_pb2.RemoveListingRequest(
                act_id=act, listing_id=listing_id, reason="listed_in_error"
            )
            await court.RemoveListing(request, timeout=DEADLINE_S)


def write_certificates(folder: Path) -> None:
    """Of the server and of all who call."""
    write_set(folder, [COURT], now_ns())
    for unit in (*UNITS, "saic"):
        add_client(folder, unit, Identity(Role.UNIT, "", unit), now_ns())


def config(folder: Path, **blacklist: Any) -> Config:
    """At a free port."""
    return Config(
        listen=Listen(
            address="127.0.0.1:0",
            cert=folder / "server.pem",
            key=folder / "server.key",
            ca=folder / "ca.pem",
        ),
        journal=Journal(path=folder / "journal"),
        metrics=Metrics(address=""),
        blacklist=Blacklist(**({"refresh_s": 0.05} | blacklist)),
    )


@asynccontextmanager
async def secure(folder: Path, **blacklist: Any) -> AsyncIterator[Secure]:
    """One that is open and has loaded its list."""
    write_certificates(folder)
    alone = Alone(config(folder, **blacklist), serve.Blacklist)
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    running = asyncio.create_task(alone.run(stop, port.set_result))
    try:
        await asyncio.wait((running, port), timeout=DEADLINE_S, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        yield Secure(folder, port.result(), alone)
    finally:
        stop.set()
        await asyncio.wait_for(running, DEADLINE_S)
