"""Calling: a tracker that serves on this machine, and callers of every role, for the tests of its calls."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from chakong.tracker.v1 import tracker_pb2_grpc
from runtime.alone import Alone
from runtime.config import Config
from runtime.identity import PLAINTEXT_METADATA_KEY, Identity, Role
from runtime.settings import Journal, Listen, Metrics, Tracker
from tests.patience import DEADLINE_S
from tests.tracker.world import OURS, sqlite_url
from tracker import serve


def config_of(folder: Path, url: str = "", **settings: Any) -> Config:
    """Of a tracker alone, in plaintext, with its database in this folder unless a URL is given."""
    return Config(
        listen=Listen(address="127.0.0.1:0", plaintext=True, drain_s=5.0),
        journal=Journal(path=folder / "journal"),
        metrics=Metrics(address=""),
        tracker=Tracker(url=url or sqlite_url(folder), **settings),
    )


def called_as(role: Role = Role.COURT, court: str = OURS, name: str = "") -> tuple[tuple[str, str], ...]:
    """Metadata of a caller."""
    return ((PLAINTEXT_METADATA_KEY, Identity(role, court, name or court).uri),)


@dataclass(slots=True)
class House:
    """A tracker that serves. `stub` is typed as the generated one is: not at all."""

    alone: Alone[serve.Tracker]
    port: int
    stub: Any
    stop: asyncio.Event
    metadata: tuple[tuple[str, str], ...] = field(default_factory=called_as)

    async def call(self, method: str, request: Any, metadata: Any = None) -> Any:
        """A unary call, by a court unless somebody else is named."""
        called = getattr(self.stub, method)
        return await called(request, metadata=metadata or self.metadata, timeout=DEADLINE_S)

    async def refused(self, method: str, request: Any, metadata: Any = None) -> grpc.aio.AioRpcError:
        """The error that the call ends with."""
        try:
            await self.call(method, request, metadata)
        except grpc.aio.AioRpcError as error:
            return error
        raise AssertionError(f"{method} was not refused")

    async def bulk(self, method: str, messages: list[Any], metadata: Any = None) -> list[Any]:
        """The acknowledgements of a stream of messages."""
        stream = getattr(self.stub, method)(metadata=metadata or self.metadata, timeout=DEADLINE_S)
        for message in messages:
            await stream.write(message)
        await stream.done_writing()
        return [response async for response in stream]

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Return when it is so; TimeoutError when it never is."""
        async with asyncio.timeout(DEADLINE_S):
            while not is_so():  # noqa: ASYNC110 - what is waited for happens in another thread
                await asyncio.sleep(0.005)


@asynccontextmanager
async def serving(config: Config) -> AsyncIterator[House]:
    """A tracker until the block ends; it drains then."""
    alone = Alone(config, serve.Tracker)
    stop = asyncio.Event()
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(alone.run(stop, ready.set_result))
    try:
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.wait((running, ready), return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
        async with grpc.aio.insecure_channel(f"127.0.0.1:{ready.result()}") as channel:
            stub: Any = tracker_pb2_grpc.TrackerStub(channel)
            house = House(alone, ready.result(), stub, stop)
            yield house
    finally:
        stop.set()
        async with asyncio.timeout(DEADLINE_S):
            await running


@asynccontextmanager
async def open_house(folder: Path, url: str = "", **settings: Any) -> AsyncIterator[House]:
    """A tracker whose database is open."""
    async with serving(config_of(folder, url, **settings)) as house:
        await house.until(lambda: house.alone.service.desk.is_open)
        yield house
