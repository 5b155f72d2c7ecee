"""Channels to endpoints: to where the configuration says, or nowhere."""

from typing import Any

import grpc
import pytest

from gateway.edge.dial import dialer
from runtime.settings import Endpoints
from tests.gateway.edge.house import directory_of
from tests.gateway.edge.institution import Institution, answering, serving

DEADLINE_S = 10.0
METHOD = "/chakong.institution.v1.Institution/Describe"


async def describe(channel: Any) -> None:
    await channel.unary_unary(METHOD)(b"", timeout=DEADLINE_S)


async def test_an_endpoint_is_called_at_its_address() -> None:
    (endpoint,) = directory_of([1]).endpoints
    institution = Institution(answering)
    async with serving(institution) as address:
        dial = dialer(Endpoints(plaintext=True, addresses={endpoint.key: address}))
        async with dial(endpoint) as channel:
            await describe(channel)
    assert institution.describes == 1


async def test_an_endpoint_without_an_address_is_never_reached() -> None:
    (endpoint,) = directory_of([1]).endpoints
    for settings in (Endpoints(plaintext=True), Endpoints()):
        async with dialer(settings)(endpoint) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await describe(channel)
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_no_proxy_of_the_environment_gets_between(monkeypatch: pytest.MonkeyPatch) -> None:
    (endpoint,) = directory_of([1]).endpoints
    institution = Institution(answering)
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "no_grpc_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with serving(institution) as address:
        dial = dialer(Endpoints(plaintext=True, addresses={endpoint.key: address}))
        async with dial(endpoint) as channel:
            await describe(channel)
    assert institution.describes == 1
