"""Measuring a run against a small gateway: moments, league, peaks; and what happens when things break."""

import io
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, start_http_server
from rich.console import Console

from benchmarks.court import Court
from benchmarks.demo.exchange import Exchange
from benchmarks.demo.measure import Measured, measure
from benchmarks.demo.progress import RunProgress
from benchmarks.demo.scenarios import Plan
from benchmarks.sample import CourtSample, SampleInquiry
from benchmarks.stack import Stack, StackConfig
from chakong.gateway.v1.gateway_pb2 import Inquiry
from tests.benchmarks.fake_gateway import FakeGateway, serving

SAMPLE = CourtSample("X1", tuple(SampleInquiry(Inquiry(order_id=str(n)), "ok") for n in range(5)))


class SmallStack(Stack):
    """A stack whose two processes are this one."""

    def __init__(self, address: str, metrics_port: int) -> None:
        super().__init__(StackConfig("calm", Path("unused")))
        self.gateway_address = address
        self._metrics_address = f"127.0.0.1:{metrics_port}"
        self.is_dead = False

    @property
    def pids(self) -> dict[str, int]:
        return {"gateway": os.getpid(), "simulator": os.getpid()}

    def court(self, court: str) -> Court:
        return Court(self.gateway_address, None)

    def require_alive(self) -> None:
        if self.is_dead:
            raise RuntimeError("gateway: ended with -9")


@pytest.fixture
async def stack() -> AsyncIterator[SmallStack]:
    registry = CollectorRegistry()
    Counter("chakong_queries_on_wire", "Made up.", registry=registry).inc(77)
    Counter("chakong_inquiries_final", "Made up.", registry=registry).inc(5)
    server, thread = start_http_server(0, "127.0.0.1", registry)
    async with serving(FakeGateway()) as address:
        yield SmallStack(address, server.server_port)
    server.shutdown()
    server.server_close()
    thread.join(10)


async def run(stack: SmallStack, exchange: Exchange, limit_s: float = 20) -> Measured:
    progress = RunProgress(Console(file=io.StringIO()), 5, 5, 5)
    return await measure(stack, exchange, Plan(60, limit_s, late_s=0, invariants={}), progress)


async def test_run_is_measured_to_its_end(stack: SmallStack) -> None:
    exchange = Exchange([SAMPLE])
    measured = await run(stack, exchange)
    last = measured.moments[-1]
    assert (last.acknowledged_count, last.final_count, last.queries_ended) == (5, 5, 5)
    assert last.queries_on_wire == 77
    assert [one.key for one in measured.slowest] == ["slow-1"]
    assert measured.peaks["gateway"] > 1_000_000


async def test_run_that_does_not_end_is_stopped_at_its_limit_and_measured(stack: SmallStack) -> None:
    exchange = Exchange([SAMPLE])
    exchange.ended.set = lambda: None  # type: ignore[method-assign]
    measured = await run(stack, exchange, limit_s=0.3)
    assert measured.moments[-1].final_count <= 5


async def test_death_of_a_process_ends_the_run(stack: SmallStack) -> None:
    stack.is_dead = True
    with pytest.raises(ExceptionGroup) as told:
        await run(stack, Exchange([SAMPLE]))
    assert "ended with -9" in repr(told.value.exceptions)
