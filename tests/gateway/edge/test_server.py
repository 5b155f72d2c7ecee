"""The port: TLS, health, reflection, watching, bounds, and clients that leave."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from chakong.gateway.v1 import gateway_pb2, gateway_pb2_grpc
from gateway.edge.server import SERVICE
from runtime import certificates, clock
from runtime.settings import Listen
from tests.gateway.edge.court import Court, called_as, open_court
from tests.gateway.edge.house import COURT, inquiry
from tests.gateway.edge.institution import silent
from tests.patience import DEADLINE_S


@dataclass(frozen=True, slots=True)
class Called(grpc.HandlerCallDetails):
    """What a generic handler looks at."""

    method: str
    invocation_metadata: Any = ()


async def submit(court: Court, *numbers: int) -> None:
    for number in numbers:
        request = gateway_pb2.SubmitRequest(inquiry=inquiry(number))
        await court.stub.Submit(request, metadata=called_as(), timeout=DEADLINE_S)


async def test_health_follows_the_life_of_the_gateway(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        health = health_pb2_grpc.HealthStub(court.channel)
        for service in ("", SERVICE):
            request = health_pb2.HealthCheckRequest(service=service)
            before = await health.Check(request, timeout=DEADLINE_S)
            assert before.status == health_pb2.HealthCheckResponse.SERVING
        await court.gateway.server.drain()
        after = await health.Check(health_pb2.HealthCheckRequest(), timeout=DEADLINE_S)
        assert after.status == health_pb2.HealthCheckResponse.NOT_SERVING


async def test_reflection_names_the_services(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        stub = reflection_pb2_grpc.ServerReflectionStub(court.channel)
        requests = [
            reflection_pb2.ServerReflectionRequest(list_services=""),
            reflection_pb2.ServerReflectionRequest(file_containing_symbol=SERVICE),
        ]
        names, file = [one async for one in stub.ServerReflectionInfo(iter(requests), timeout=DEADLINE_S)]
        listed = {one.name for one in names.list_services_response.service}
    assert {SERVICE, "grpc.health.v1.Health"} <= listed
    assert file.file_descriptor_response.file_descriptor_proto


async def test_every_method_of_the_contract_is_served(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        served = court.gateway.server._methods()
        for name, method in gateway_pb2.DESCRIPTOR.services_by_name["Gateway"].methods_by_name.items():
            handler = served.service(Called(f"/{SERVICE}/{name}"))
            assert handler is not None, name
            streaming = (handler.request_streaming, handler.response_streaming)
            assert streaming == (method.client_streaming, method.server_streaming), name


async def test_answers_are_watched_and_resumed(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        await submit(court, 1, 2)
        watching = court.stub.Watch(gateway_pb2.WatchRequest(), metadata=called_as(), timeout=DEADLINE_S)
        seen: dict[int, int] = {}
        while len(seen) < 2:
            response = await watching.read()
            seen |= {one.inquiry_id: response.cursor for one in response.answers}
        watching.cancel()
        await submit(court, 3)
        request = gateway_pb2.WatchRequest(cursor=max(seen.values()))
        again = court.stub.Watch(request, metadata=called_as(), timeout=DEADLINE_S)
        response = await again.read()
        again.cancel()
        assert [one.inquiry_id for one in response.answers] == [3]
        assert response.cursor > request.cursor


async def test_watchers_that_leave_leave_nothing(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        calls = [
            court.stub.Watch(gateway_pb2.WatchRequest(), metadata=called_as(), timeout=DEADLINE_S)
            for _ in range(20)
        ]
        await submit(court, 1)
        for call in calls:
            assert (await call.read()).cursor
        assert court.gateway.watch.watcher_count == 20
        for call in calls:
            call.cancel()
        await court.until(lambda: court.gateway.watch.watcher_count == 0)
        await court.until(lambda: court.gateway.server.guard.counts.open_calls == 0)


async def test_watchers_beyond_the_bound_are_refused(tmp_path: Path) -> None:
    async with open_court(tmp_path, watchers_max=1) as court:
        await submit(court, 1)
        first = court.stub.Watch(gateway_pb2.WatchRequest(), metadata=called_as(), timeout=DEADLINE_S)
        await first.read()
        second = court.stub.Watch(gateway_pb2.WatchRequest(), metadata=called_as(), timeout=DEADLINE_S)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await second.read()
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        first.cancel()


async def test_open_calls_are_bounded(tmp_path: Path) -> None:
    async with open_court(tmp_path, calls_max=2) as court:
        await submit(court, 1)
        calls = [
            court.stub.Watch(gateway_pb2.WatchRequest(), metadata=called_as(), timeout=DEADLINE_S)
            for _ in range(2)
        ]
        for call in calls:
            await call.read()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await submit(court, 2)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        for call in calls:
            call.cancel()


async def test_a_stopping_gateway_hands_on_what_it_has_and_ends_its_watchers(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        watching = court.stub.Watch(gateway_pb2.WatchRequest(), metadata=called_as(), timeout=DEADLINE_S)
        await submit(court, 1)
        await court.until(lambda: court.gateway.engine.stats()["inquiries_final"] == 1)
        await court.end()
        got = [one async for one in watching]
        assert [a.inquiry_id for one in got for a in one.answers] == [1]
        assert await watching.code() is grpc.StatusCode.OK


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certs")
    certificates.write_set(folder, [COURT, "沪0101"], clock.now_ns())
    return folder


async def test_the_certificate_says_who_calls(
    tmp_path: Path, certs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen = Listen(
        address="127.0.0.1:0", cert=certs / "server.pem", key=certs / "server.key", ca=certs / "ca.pem"
    )
    monkeypatch.setattr("tests.gateway.edge.court.LISTEN", listen)
    async with open_court(tmp_path, [silent]) as court:
        address = f"127.0.0.1:{court.port}"
        for client, code in ((COURT, None), ("沪0101", grpc.StatusCode.PERMISSION_DENIED)):
            key, pem = (certs / f"court-{client}.{end}" for end in ("key", "pem"))
            credentials = grpc.ssl_channel_credentials(
                (certs / "ca.pem").read_bytes(), key.read_bytes(), pem.read_bytes()
            )
            async with grpc.aio.secure_channel(address, credentials) as channel:
                stub = gateway_pb2_grpc.GatewayStub(channel)
                call = stub.Submit(
                    gateway_pb2.SubmitRequest(inquiry=inquiry(1)), metadata=called_as(), timeout=DEADLINE_S
                )
                assert await call.code() is (code or grpc.StatusCode.OK)
        nobody = grpc.ssl_channel_credentials((certs / "ca.pem").read_bytes())
        async with grpc.aio.secure_channel(address, nobody) as channel:
            stub = gateway_pb2_grpc.GatewayStub(channel)
            call = stub.Submit(gateway_pb2.SubmitRequest(inquiry=inquiry(2)), metadata=called_as(), timeout=5)
            assert await call.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
        assert court.gateway._journal.last_seq == 1
