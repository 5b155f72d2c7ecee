"""Channels to endpoints: to where the configuration says, or nowhere."""

from typing import Any

import pytest

from gateway.edge.dial import dialer
from runtime.settings import Endpoints
from tests.gateway.edge.house import directory_of
from tests.gateway.edge.institution import Institution, answering, serving
from tests.patience import DEADLINE_S

METHOD = "/chakong.institution.v1.Institution/Describe"


async def describe(channel: Any) -> None:
    await channel.unary_unary(METHOD)(b"", timeout=DEADLINE_S)


async def test_an_endpoint_is_called_at_its_address() -> None:
    (endpoint,) = directory_of([1]).endpoints
    institution = Institution(answering)
    async with serving(institution) as address:
        dials = dialer(Endpoints(plaintext=True, addresses={endpoint.key: address}))
        async with dials[endpoint.key]() as channel:
            await describe(channel)
    assert institution.describes == 1


async def test_only_an_endpoint_with_an_address_can_be_dialled() -> None:
    assert not dialer(Endpoints())
    assert set(dialer(Endpoints(plaintext=True, addresses={"unit-0": "127.0.0.1:1"}))) == {"unit-0"}


async def test_no_proxy_of_the_environment_gets_between(monkeypatch: pytest.MonkeyPatch) -> None:
    (endpoint,) = directory_of([1]).endpoints
    institution = Institution(answering)
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "no_grpc_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with serving(institution) as address:
        dials = dialer(Endpoints(plaintext=True, addresses={endpoint.key: address}))
        async with dials[endpoint.key]() as channel:
            await describe(channel)
    assert institution.describes == 1
