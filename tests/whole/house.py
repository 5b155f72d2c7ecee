"""House: the whole gateway with the compiled Engine in the test's own process, called over real gRPC.

Behind it are scripted institutions or the simulator. After a test nothing of it is left: no task, no call, no
batch in flight. It judges no answer.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from chakong.gateway.v1 import gateway_pb2, gateway_pb2_grpc
from gateway.directory.directory import Directory
from gateway.edge.journal import Journal
from gateway.edge.serve import Gateway
from runtime.config import Config
from simulator.layout import Layout
from simulator.scenarios import Mixture, Scenario
from simulator.server import Binding, InstitutionServer
from tests.gateway.edge.court import LISTEN, called_as
from tests.gateway.edge.house import COURT, directory_of, edge_tasks
from tests.gateway.edge.institution import Institution, Script, serving
from tests.whole.watcher import Watcher

WAIT_S = 120.0
LINE = {
    "reply_timeout_s": 0.5,
    "connect_timeout_s": 2.0,
    "backoff_base_ms": 5,
    "backoff_max_ms": 50,
    "breaker_failures": 5,
    "breaker_cool_down_ms": 50,
    "rate_per_s": 100_000,
    # Whatever the hour is: some hubs are closed at night.
    "service_hours": False,
}
ORDER = {"unanswered_retry_ms": 20, "partial_every_ms": 100}
# What must be back at nothing once all is answered and nobody asks any more.
GAUGES = ("inquiries_open", "queries_open", "in_flight", "waiting_entries", "oldest_due_ns")


@dataclass(frozen=True, slots=True)
class Settings:
    """Sections of the configuration, each over this module's own."""

    line: Mapping[str, Any] = field(default_factory=dict)
    order: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class House:
    gateway: Gateway
    stub: Any
    channel: Any
    watcher: Watcher
    port: int
    institutions: list[Institution]

    async def submit(self, *inquiries: gateway_pb2.Inquiry) -> range:
        """The ids of the inquiries, all of them accepted, from one message of a bulk stream."""
        call = self.stub.SubmitBulk(metadata=called_as(), timeout=WAIT_S)
        await call.write(gateway_pb2.SubmitBulkRequest(inquiries=inquiries))
        response = await call.read()
        call.cancel()
        assert response.accepted == len(inquiries), response
        return range(response.first_inquiry_id, response.first_inquiry_id + response.accepted)

    async def until(self, is_so: Callable[[], bool], what: str) -> None:
        """Return when it is so; AssertionError says what never was."""
        await until(is_so, what)

    def stats(self) -> dict[str, int]:
        return self.gateway.engine.stats()

    async def quiet(self) -> None:
        """Return when nothing is open, in flight or waiting any more."""
        await self.until(lambda: not any(self.stats()[name] for name in GAUGES), f"quiet: {GAUGES}")


async def until(is_so: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(WAIT_S):
            while not is_so():  # noqa: ASYNC110 - what is waited for happens in many places
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"never came about: {what}") from None


@asynccontextmanager
async def scripted(
    folder: Path,
    scripts: Sequence[Script],
    behind: Sequence[int] = (),
    settings: Settings | None = None,
    directory: Directory | None = None,
) -> AsyncIterator[House]:
    """A gateway before scripted endpoints; `behind`: how many institutions each has (default one)."""
    directory = directory or directory_of(behind or [1] * len(scripts))
    institutions = [Institution(script) for script in scripts]
    async with AsyncExitStack() as stack:
        addresses = {
            endpoint.key: await stack.enter_async_context(serving(institution))
            for endpoint, institution in zip(directory.endpoints, institutions, strict=True)
        }
        house = await stack.enter_async_context(opened(folder, directory, addresses, settings))
        house.institutions.extend(institutions)
        yield house


@asynccontextmanager
async def simulated(
    folder: Path, mixture: Mixture, now_ns: Callable[[], int], settings: Settings | None = None, seed: int = 1
) -> AsyncIterator[tuple[House, Scenario]]:
    """A gateway before all simulated institutions on one address; `now_ns` is the simulator's clock."""
    layout = Layout.load()
    scenario = Scenario(mixture, seed, layout)
    server = InstitutionServer(layout, scenario, now_ns, seed)
    await server.start(Binding(port=0, shared_host="127.0.0.1"))
    try:
        async with opened(folder, Directory.load(), server.addresses, settings) as house:
            yield house, scenario
    finally:
        await server.stop()


@asynccontextmanager
async def opened(
    folder: Path, directory: Directory, addresses: Mapping[str, str], settings: Settings | None = None
) -> AsyncIterator[House]:
    """A gateway that is ready, watched from the beginning; ended and looked over afterwards."""
    before = edge_tasks()
    journal = Journal.open(folder / "journal")
    try:
        gateway = Gateway(_config(folder, addresses, settings or Settings()), journal, None, directory)
        await gateway.recover()
        stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
        running = asyncio.create_task(gateway.run(stop, ready.set_result))
        await asyncio.wait((running, ready), timeout=WAIT_S, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        try:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{ready.result()}") as channel:
                stub: Any = gateway_pb2_grpc.GatewayStub(channel)
                async with Watcher(stub, called_as()) as watcher:
                    yield House(gateway, stub, channel, watcher, ready.result(), [])
        finally:
            stop.set()
            async with asyncio.timeout(WAIT_S):
                await running
    finally:
        journal.close()
    await asyncio.sleep(0)
    left = {task for task in edge_tasks() - before if not task.done()}
    assert not left, left
    assert gateway.watch.watcher_count == 0
    assert gateway.server.guard.counts.open_calls == 0
    assert gateway.dispatch.unwritten_bytes == 0
    assert all(line.in_flight == 0 and not line.streams for line in gateway.dispatch.lines)


def _config(folder: Path, addresses: Mapping[str, str], settings: Settings) -> Config:
    sections: dict[str, Any] = {
        "listen": LISTEN,
        "journal": {"path": folder / "journal"},
        "metrics": {"address": ""},
        "endpoints": {"plaintext": True, "addresses": dict(addresses)},
        "line": LINE | dict(settings.line),
        "order": ORDER | dict(settings.order),
        "limits": dict(settings.limits),
        "log": {"level": "error"},
    }
    return Config(**sections)


__all__ = ["COURT", "House", "Settings", "opened", "scripted", "simulated", "until"]
