"""A port for several services: health of each, reflection, and an end in order."""

import asyncio
from collections import Counter
from typing import Any, cast

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from runtime.errors import StartError
from runtime.guard import CallCounts, Guard
from runtime.identity import PLAINTEXT_METADATA_KEY, Identity
from runtime.server import Methods, Server
from runtime.settings import Listen
from tests.patience import DEADLINE_S

CALLS_AT_ONCE = 4_000
SERVICE = "chakong.gateway.v1.Gateway"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def echo(_caller: Identity, message: bytes) -> bytes:
    return message


def server(address: str = "127.0.0.1:0", calls_max: int = 16) -> Server:
    guard = Guard(f"/{SERVICE}/", CallCounts(), plaintext=True)
    handler = grpc.method_handlers_generic_handler(SERVICE, {"Submit": guard.unary("Submit", echo)})
    listen = Listen(address=address, plaintext=True)
    return Server(listen, calls_max, [Methods(SERVICE, handler)], asyncio.Event())


async def health_of(channel: grpc.aio.Channel, service: str) -> int:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest(service=service)
    response = await stub.Check(request, timeout=DEADLINE_S)
    return int(response.status)


async def test_a_service_is_called_and_its_health_told() -> None:
    ours = server()
    port = ours.bind()
    await ours.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            metadata = ((PLAINTEXT_METADATA_KEY, "chakong://court/a"),)
            call: Any = cast("Any", channel).unary_unary(f"/{SERVICE}/Submit")
            assert await call(b"x", metadata=metadata, timeout=DEADLINE_S) == b"x"
            assert [await health_of(channel, name) for name in ("", SERVICE)] == [SERVING, SERVING]
            await ours.tell_health(SERVICE, is_serving=False)
            assert [await health_of(channel, name) for name in ("", SERVICE)] == [SERVING, NOT_SERVING]
            await ours.drain()
            await ours.tell_health(SERVICE, is_serving=True)
            assert [await health_of(channel, name) for name in ("", SERVICE)] == [NOT_SERVING, NOT_SERVING]
    finally:
        await ours.stop(0)


async def test_a_start_does_not_say_that_a_service_serves_which_said_it_does_not() -> None:
    ours = server()
    port = ours.bind()
    await ours.tell_health(SERVICE, is_serving=False)
    await ours.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            assert [await health_of(channel, name) for name in ("", SERVICE)] == [SERVING, NOT_SERVING]
            await ours.tell_health(SERVICE, is_serving=True)
            assert await health_of(channel, SERVICE) == SERVING
    finally:
        await ours.stop(0)


def called_at_once(port: int) -> Counter[grpc.StatusCode]:
    """How CALLS_AT_ONCE calls end that nobody waits for before the last has begun."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        call: Any = cast("Any", channel).unary_unary(f"/{SERVICE}/Submit")
        metadata = ((PLAINTEXT_METADATA_KEY, "chakong://court/a"),)
        calls = [call.future(b"x", metadata=metadata, timeout=DEADLINE_S) for _ in range(CALLS_AT_ONCE)]
        return Counter(one.code() for one in calls)


async def test_calls_that_come_all_at_once_are_answered_or_refused_and_not_cancelled() -> None:
    ours = server(calls_max=CALLS_AT_ONCE)
    port = ours.bind()
    await ours.start()
    try:
        ends = await asyncio.to_thread(called_at_once, port)
    finally:
        await ours.stop(0)
    assert ends.total() == CALLS_AT_ONCE
    assert set(ends) <= {grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED}


async def test_what_comes_with_a_service_is_served_too() -> None:
    guard = Guard("/chakong.gateway.v1.Controls/", CallCounts(), plaintext=True)
    other = "chakong.gateway.v1.Controls"
    calls = {"GetHold": guard.unary("GetHold", echo)}
    also = (Methods(other, grpc.method_handlers_generic_handler(other, calls)),)
    first = Methods(SERVICE, grpc.method_handlers_generic_handler(SERVICE, {}), also)
    listen = Listen(address="127.0.0.1:0", plaintext=True)
    ours = Server(listen, 16, [first], asyncio.Event())
    port = ours.bind()
    await ours.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            metadata = ((PLAINTEXT_METADATA_KEY, "chakong://court/a"),)
            call: Any = cast("Any", channel).unary_unary(f"/{other}/GetHold")
            assert await call(b"x", metadata=metadata, timeout=DEADLINE_S) == b"x"
            assert [await health_of(channel, name) for name in (SERVICE, other)] == [SERVING, SERVING]
    finally:
        await ours.stop(0)


async def test_a_port_that_is_taken_is_named() -> None:
    first = server()
    port = first.bind()
    try:
        with pytest.raises(StartError, match=str(port)):
            server(f"127.0.0.1:{port}").bind()
    finally:
        await first.stop(0)
