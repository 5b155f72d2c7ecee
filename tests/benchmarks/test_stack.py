"""The stack: up with mutual TLS and an inquiry through it, and nothing left of it afterwards."""

import asyncio
import socket
import tomllib
from contextlib import ExitStack
from pathlib import Path

import grpc
import psutil
import pytest

from benchmarks.court import Court
from benchmarks.stack import HOST, Stack, StackConfig, free_port
from benchmarks.subjects import load_inquiry
from chakong.gateway.v1.gateway_pb2 import REACH_LIST, STAGE_FINAL, Scope, SubmitBulkRequest

COURT = "京0105"
S_MAX = 120


async def test_inquiry_goes_through_and_nothing_is_left(tmp_path: Path) -> None:
    inquiry = load_inquiry(COURT, "order-1", 1)
    inquiry.scope.CopyFrom(Scope(reach=REACH_LIST, institutions=[1, 2, 3]))
    async with asyncio.timeout(S_MAX):
        async with Stack(StackConfig("calm", tmp_path)) as stack, stack.court(COURT) as court:
            pids, certs = stack.pids, stack.certs
            assert all(psutil.pid_exists(pid) for pid in pids.values())
            async for _, response in court.submit_bulk([SubmitBulkRequest(inquiries=[inquiry])]):
                assert response.accepted == 1
            async for seen in court.watch():
                if any(answer.stage == STAGE_FINAL for answer in seen.answers):
                    break
            stack.require_alive()
    assert sorted(pids) == ["gateway", "simulator"]
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    assert not certs.exists()
    assert "ready" in (tmp_path / "gateway.log").read_text()


async def test_caller_without_certificate_is_not_let_in(tmp_path: Path) -> None:
    async with (
        asyncio.timeout(S_MAX),
        Stack(StackConfig("calm", tmp_path)) as stack,
        Court(stack.gateway_address, None) as court,
    ):
        with pytest.raises(grpc.aio.AioRpcError) as told:
            await court.slow_endpoints(1)
    assert told.value.code() == grpc.StatusCode.UNAVAILABLE


async def test_gateway_that_does_not_start_is_told_and_the_simulator_stopped(tmp_path: Path) -> None:
    stack = Stack(StackConfig("calm", tmp_path, gateway={"line": {"no_such_key": 1}}))
    async with asyncio.timeout(S_MAX):
        with pytest.raises(RuntimeError, match="no_such_key"):
            await stack.__aenter__()
    assert not any(psutil.pid_exists(pid) for pid in stack.pids.values())


async def test_unknown_scenario_is_told(tmp_path: Path) -> None:
    async with asyncio.timeout(S_MAX):
        with pytest.raises(RuntimeError, match="sunshine"):
            await Stack(StackConfig("sunshine", tmp_path)).__aenter__()


def test_configuration_keeps_what_it_is_told_beside_its_own(tmp_path: Path) -> None:
    gateway: dict[str, dict[str, object]] = {"line": {"service_hours": False}, "listen": {"drain_s": 2.5}}
    gateway["log"] = {"level": 'a"b'}
    written = tomllib.loads(Stack(StackConfig("calm", tmp_path, gateway=gateway)).gateway_toml())
    assert written["line"] == {"service_hours": False}
    assert written["listen"]["drain_s"] == 2.5
    assert written["listen"]["cert"].endswith("server.pem")
    assert written["log"]["level"] == 'a"b'


def test_free_ports_are_free_and_differ() -> None:
    with ExitStack() as exits:
        listening = [exits.enter_context(socket.create_server((HOST, free_port()))) for _ in range(20)]
        taken = {one.getsockname()[1] for one in listening}
        assert len(taken) == 20
        assert free_port() not in taken


def test_a_taken_port_is_left_out() -> None:
    taken = free_port() + 1
    with socket.create_server((HOST, taken)):
        assert free_port() != taken
