"""The edge's figures, scraped as Prometheus does it."""

import asyncio
import urllib.request
from pathlib import Path

import grpc
import pytest

from chakong.gateway.v1 import gateway_pb2
from gateway.edge.figures import Parts, edge_figures
from runtime.metrics import Metrics, export
from tests.gateway.edge.court import called_as, open_court
from tests.gateway.edge.house import inquiry
from tests.patience import DEADLINE_S


def scrape(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=DEADLINE_S) as response:
        return str(response.read().decode())


async def test_calls_and_the_journal_are_counted(tmp_path: Path) -> None:
    async with open_court(tmp_path, is_projected=True) as court:
        one = gateway_pb2.SubmitRequest(inquiry=inquiry(1))
        await court.stub.Submit(one, metadata=called_as(), timeout=DEADLINE_S)
        with pytest.raises(grpc.aio.AioRpcError):
            await court.stub.Submit(one, timeout=DEADLINE_S)
        gateway = court.gateway
        parts = Parts(gateway._journal, gateway.watch, gateway.projection, gateway.server.guard.counts)
        metrics = Metrics()
        metrics.figures(lambda: edge_figures(parts))
        exporter = export(metrics, "127.0.0.1:0")
        try:
            text = await asyncio.to_thread(scrape, exporter.port)
        finally:
            exporter.close()
    assert 'chakong_calls_total{method="Submit"} 2.0' in text
    assert 'chakong_calls_refused_total{code="UNAUTHENTICATED",method="Submit"} 1.0' in text
    assert "chakong_projector_starts_total 1.0" in text
    assert "京0105" not in text
