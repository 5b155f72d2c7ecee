"""A PostgreSQL that dies under a tracker that serves: UNAVAILABLE until it is back, and then it goes on."""

import asyncio
import os
import signal
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2

from chakong.tracker.v1 import tracker_pb2
from tests.tracker.calling import House, called_as, open_house
from tests.tracker.test_serve import cases, health_of
from tests.tracker.world import case_number, event, registration
from tracker.rpc.service import SERVICE

UNAVAILABLE = 14
START_S = 120.0


@pytest.fixture
def server() -> Iterator[Any]:
    """A PostgreSQL that nobody else uses."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="pg-") as folder:
        # Of a folder for sockets that the server does not use.
        warnings.simplefilter("ignore")
        from pgserver.postgres_server import get_server  # noqa: PLC0415 - it looks at the machine then

        made = get_server(folder, cleanup_mode="stop")
        try:
            yield made
        finally:
            made.ensure_postgres_running()
            made.cleanup()


async def until_serving(channel: grpc.aio.Channel, *, is_serving: bool) -> None:
    wanted = (
        health_pb2.HealthCheckResponse.SERVING if is_serving else health_pb2.HealthCheckResponse.NOT_SERVING
    )
    async with asyncio.timeout(START_S):
        while await health_of(channel, SERVICE) != wanted:  # noqa: ASYNC110 - it is asked for
            await asyncio.sleep(0.05)


async def refused_while_away(house: House, request: Any) -> None:
    for method, asked in (
        ("RecordEvent", request),
        ("RegisterCase", registration(2)),
        ("GetCase", tracker_pb2.GetCaseRequest(case_number=case_number(1))),
        ("ListNodes", tracker_pb2.ListNodesRequest()),
        ("GetStatistics", tracker_pb2.GetStatisticsRequest()),
    ):
        error = await house.refused(method, asked)
        assert error.code() is grpc.StatusCode.UNAVAILABLE, method


async def test_a_postgresql_that_dies_is_told_and_gone_on_with_when_it_is_back(
    server: Any, tmp_path: Path
) -> None:
    async with open_house(tmp_path, server.get_uri()) as house:
        await house.call("RegisterCase", registration(1))
        request = tracker_pb2.RecordEventRequest(event=event("distribution", 20261105))
        request.event.case_number = case_number(1)
        stream = house.stub.RegisterCases(metadata=called_as(), timeout=2 * START_S)
        await stream.write(cases(1))
        assert (await stream.read()).registered == 100
        async with grpc.aio.insecure_channel(f"127.0.0.1:{house.port}") as channel:
            # Without a word to anybody: sessions are cut off.
            os.kill(server.get_pid(), signal.SIGQUIT)
            # Health says so before anybody asks for anything.
            await until_serving(channel, is_serving=False)
            await refused_while_away(house, request)
            await stream.write(cases(2))
            response = await stream.read()
            assert (response.error.code, response.registered) == (UNAVAILABLE, 0)
            assert response.error.retry_after_ms > 0
            await until_serving(channel, is_serving=False)
            await asyncio.to_thread(server.ensure_postgres_running)
            await until_serving(channel, is_serving=True)
        # The same stream goes on, and nothing of what was refused is there.
        await stream.write(cases(2))
        assert (await stream.read()).registered == 100
        await stream.done_writing()
        assert not (await house.call("RecordEvent", request)).repeated
        view = await house.call("GetCase", tracker_pb2.GetCaseRequest(case_number=case_number(1)))
        assert [one.event_id for one in view.history] == ["application_received", "filing", "distribution"]
        figures = await house.call("GetStatistics", tracker_pb2.GetStatisticsRequest(as_of=20261123))
        assert {row.node: row.open for row in figures.figures}[31] == 201
