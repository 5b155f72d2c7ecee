"""A service alone in its process: the port waits for it, a stop drains it, and what cannot start says so."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import grpc
import pytest

from runtime import alone
from runtime.alone import Alone
from runtime.beside import TellHealth
from runtime.config import Config
from runtime.errors import StartError
from runtime.metrics import Figure
from runtime.server import Methods
from runtime.settings import Listen, Metrics
from tests.patience import DEADLINE_S

NAME = "chakong.test.v1.Test"


class Steps:
    """A service that writes down what is asked of it."""

    def __init__(self, config: Config, draining: asyncio.Event) -> None:
        self.draining = draining
        self.steps: list[str] = []
        self.is_there = asyncio.Event()
        self.drained = asyncio.Event()

    @property
    def methods(self) -> Methods:
        return Methods(NAME, grpc.method_handlers_generic_handler(NAME, {}))

    def figures(self) -> Iterable[Figure]:
        return ()

    async def run(self, tell_health: TellHealth) -> None:
        self.steps.append("run")
        await asyncio.Event().wait()

    async def looked(self) -> None:
        await self.is_there.wait()
        self.steps.append("looked")

    async def drain(self) -> None:
        assert self.draining.is_set()
        await self.drained.wait()
        self.steps.append("drained")

    def close(self) -> None:
        self.steps.append("closed")


def config(folder: Path, **changed: object) -> Config:
    listen = Listen(address="127.0.0.1:0", plaintext=True, drain_s=0.05)
    return Config(listen=listen, metrics=Metrics(address="")).model_copy(update=changed)


async def test_port_is_opened_when_the_service_has_looked_and_all_ends_in_order(tmp_path: Path) -> None:
    process = Alone(config(tmp_path), Steps)
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    running = asyncio.create_task(process.run(stop, port.set_result))
    steps = process.service.steps
    process.service.is_there.set()
    async with asyncio.timeout(DEADLINE_S):
        assert await port > 0
        assert sorted(steps) == ["looked", "run"]
        process.service.drained.set()
        stop.set()
        await running
    assert steps[2:] == ["drained", "closed"]


async def test_who_is_not_drained_in_time_is_ended_all_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "LOOK_S_MAX", 0.01)
    process = Alone(config(tmp_path), Steps)
    stop = asyncio.Event()
    async with asyncio.timeout(DEADLINE_S):
        await process.run(stop, lambda _port: stop.set())
    assert "drained" not in process.service.steps
    assert [record.message for record in caplog.records] == [
        "what the service needs is not there yet",
        "not everything could be made durable in time; it was not acknowledged",
    ]


async def test_metrics_port_that_is_taken_is_named(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        process = Alone(config(tmp_path, metrics=Metrics(address=f"{host}:{port}")), Steps)
        with pytest.raises(StartError, match=f"metrics.address {host}:{port}"):
            await process.run(asyncio.Event(), lambda _port: None)
