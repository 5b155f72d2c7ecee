"""The tracker's starts and ends: alone, beside the gateway, killed in between, and without its database."""

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from sqlalchemy import Engine

from chakong.tracker.v1 import tracker_pb2, tracker_pb2_grpc
from gateway.edge.journal import Journal
from gateway.edge.serve import Gateway
from runtime.alone import Alone
from runtime.errors import StartError
from tests.gateway.edge.court import config_of as gateway_config_of
from tests.gateway.edge.house import directory_of
from tests.model.engine import ModelEngine
from tests.patience import DEADLINE_S
from tests.tracker.calling import called_as, config_of, open_house, serving
from tests.tracker.world import case_number, event, registration, sqlite_url
from tracker import serve
from tracker.rpc.service import SERVICE
from tracker.serve import Tracker

START_S = 120.0


async def health_of(channel: grpc.aio.Channel, service: str) -> int:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    response = await stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=DEADLINE_S)
    return int(response.status)


async def until_health(channel: grpc.aio.Channel, wanted: int) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while await health_of(channel, SERVICE) != wanted:  # noqa: ASYNC110 - it is asked for
            await asyncio.sleep(0.01)


@asynccontextmanager
async def process(folder: Path) -> AsyncIterator[tuple[subprocess.Popen[str], Any]]:
    """`chakong serve --only tracker` once it is ready, and a stub."""
    config = folder / "tracker.toml"
    config.write_text(
        '[listen]\naddress = "127.0.0.1:0"\nplaintext = true\n[metrics]\naddress = ""\n'
        f'[tracker]\nurl = "{sqlite_url(folder)}"\n[log]\nlevel = "warning"\n',
        encoding="utf-8",
    )
    command = [sys.executable, "-c", "from runtime.cli import main; main()"]
    command += ["serve", "--only", "tracker", "--config", str(config)]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: ASYNC220
    assert started.stdout is not None
    try:
        async with asyncio.timeout(START_S):
            line = await asyncio.to_thread(started.stdout.readline)
        address = line.strip().replace("ready port=", "127.0.0.1:")
        async with grpc.aio.insecure_channel(address) as channel:
            stub: Any = tracker_pb2_grpc.TrackerStub(channel)
            yield started, stub
    finally:
        started.kill()
        await asyncio.to_thread(started.communicate)


def cases(tag: int) -> tracker_pb2.RegisterCasesRequest:
    numbers = range(100 * tag, 100 * tag + 100)
    return tracker_pb2.RegisterCasesRequest(tag=tag, registrations=[registration(one) for one in numbers])


async def test_what_was_acknowledged_is_there_after_kill_9(tmp_path: Path) -> None:
    acknowledged: list[int] = []
    for run in range(2):
        async with process(tmp_path) as (tracker, stub):
            call = stub.RegisterCases(metadata=called_as(), timeout=START_S)
            for tag in range(10 * run, 10 * run + 10):
                await call.write(cases(tag))
            for _ in range(3 + run):
                response = await call.read()
                assert response.registered == 100
                acknowledged.append(response.tag)
            tracker.kill()
            await asyncio.to_thread(tracker.wait)
    async with process(tmp_path) as (tracker, stub):
        call = stub.RegisterCases(metadata=called_as(), timeout=START_S)
        for tag in range(20):
            await call.write(cases(tag))
        for tag in range(20):
            response = await call.read()
            # Whole or not at all: what was not acknowledged may be there too.
            assert response.registered in (0, 100)
            assert response.registered + response.repeated == 100
            if tag in acknowledged:
                assert response.repeated == 100
        request = tracker_pb2.GetStatisticsRequest(as_of=20261123)
        figures = await stub.GetStatistics(request, metadata=called_as(), timeout=DEADLINE_S)
        assert {row.node: row.open for row in figures.figures}[31] == 2_000
        tracker.send_signal(signal.SIGTERM)
        async with asyncio.timeout(START_S):
            assert await asyncio.to_thread(tracker.wait) == 0


async def test_it_shares_the_gateways_process_and_port(tmp_path: Path) -> None:
    config = gateway_config_of(tmp_path, {})
    journal = Journal.open(config.journal.path)
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    gateway = Gateway(config, journal, ModelEngine, directory_of([1]), beside=[Tracker])  # type: ignore[arg-type]
    await gateway.recover()
    running = asyncio.create_task(gateway.run(stop, ready.set_result))
    try:
        async with asyncio.timeout(START_S):
            port = await ready
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub: Any = tracker_pb2_grpc.TrackerStub(channel)
            view = await stub.RegisterCase(registration(1), metadata=called_as(), timeout=DEADLINE_S)
            assert view.case_number == case_number(1)
            serving_now = health_pb2.HealthCheckResponse.SERVING
            assert await health_of(channel, SERVICE) == serving_now
            assert await health_of(channel, "chakong.gateway.v1.Gateway") == serving_now
    finally:
        stop.set()
        async with asyncio.timeout(START_S):
            await running
        journal.close()


async def test_a_database_that_is_away_is_told_until_it_is_back(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    folder.mkdir()
    config = config_of(tmp_path, sqlite_url(folder))
    hidden = tmp_path / "hidden"
    # The folder is gone when the tracker first looks.
    folder.rename(hidden)
    with pytest.raises(StartError, match=r"tracker\.url"):
        Alone(config, Tracker)
    hidden.rename(folder)
    async with serving(config) as house:
        await house.until(lambda: house.alone.service.desk.is_open)
        await house.call("RegisterCase", registration(1))
        tracker = house.alone.service
        async with grpc.aio.insecure_channel(f"127.0.0.1:{house.port}") as channel:
            broken = folder.rename(hidden)
            tracker.engine.dispose()
            request = tracker_pb2.RecordEventRequest(event=event("distribution", 20261105))
            request.event.case_number = case_number(1)
            error = await house.refused("RecordEvent", request)
            assert error.code() is grpc.StatusCode.UNAVAILABLE
            not_serving = health_pb2.HealthCheckResponse.NOT_SERVING
            async with asyncio.timeout(START_S):
                while await health_of(channel, SERVICE) != not_serving:  # noqa: ASYNC110 - it is asked for
                    await asyncio.sleep(0.05)
            broken.rename(folder)
            async with asyncio.timeout(START_S):
                while await health_of(channel, SERVICE) == not_serving:  # noqa: ASYNC110 - it is asked for
                    await asyncio.sleep(0.05)
            assert not (await house.call("RecordEvent", request)).repeated


async def test_health_notices_a_database_that_is_away_though_nobody_asks_for_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(serve, "ANSWER_S_MAX", 0.05)
    hangs = threading.Event()
    question_count = 0

    def is_away(_engine: Engine) -> bool:
        return False

    def hanging(_engine: Engine) -> bool:
        nonlocal question_count
        question_count += 1
        return hangs.wait(DEADLINE_S)

    async with open_house(tmp_path) as house:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{house.port}") as channel:
            for gone in (is_away, hanging):
                with monkeypatch.context() as away:
                    away.setattr(serve, "answers", gone)
                    away.setattr(serve, "takes", is_away)
                    await until_health(channel, health_pb2.HealthCheckResponse.NOT_SERVING)
                if gone is hanging:
                    hangs.set()
                await until_health(channel, health_pb2.HealthCheckResponse.SERVING)
        assert question_count == 1


async def test_a_database_that_is_read_and_not_written_is_not_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "LOOK_EVERY_S", 0.01)
    can_be_written = False
    monkeypatch.setattr(serve, "takes", lambda _engine: can_be_written)
    async with (
        open_house(tmp_path) as house,
        grpc.aio.insecure_channel(f"127.0.0.1:{house.port}") as channel,
    ):
        # As after a transaction that failed; the database answers all the time.
        house.alone.service.desk.is_available = False
        await until_health(channel, health_pb2.HealthCheckResponse.NOT_SERVING)
        for _ in range(20):
            assert await health_of(channel, SERVICE) == health_pb2.HealthCheckResponse.NOT_SERVING
        can_be_written = True
        await until_health(channel, health_pb2.HealthCheckResponse.SERVING)


async def test_draining_takes_nothing_new_and_finishes_what_was_taken(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        call = house.stub.RegisterCases(metadata=called_as(), timeout=DEADLINE_S)
        await call.write(cases(0))
        assert (await call.read()).registered == 100
        house.stop.set()
        assert await call.code() is not grpc.StatusCode.INTERNAL
