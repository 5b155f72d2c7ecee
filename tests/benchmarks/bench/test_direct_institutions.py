"""The direct institutions: 3,916 addresses, and a count of what was answered when asked for it."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import grpc
import psutil

from benchmarks.bench.e2e_direct import told
from benchmarks.service import Service
from benchmarks.stack import free_port
from chakong.institution.v1.institution_pb2 import DescribeResponse
from simulator.address import address_of

S_MAX = 120


async def test_last_of_all_answers_for_itself_alone(tmp_path: Path) -> None:
    port = free_port()
    command = (sys.executable, "-m", "benchmarks.bench.direct_institutions", str(port))
    async with asyncio.timeout(S_MAX):
        async with Service("simulator", command, tmp_path / "simulator.log", 20) as service:
            await service.ready(S_MAX)
            async with grpc.aio.insecure_channel(address_of(3_915, port)) as channel:
                describe = channel.unary_unary("/chakong.institution.v1.Institution/Describe", None, None)
                said = DescribeResponse.FromString(await describe(b"", timeout=S_MAX))
            assert await told(service.pid, tmp_path) == (0, 0)
            os.kill(service.pid, signal.SIGTERM)
        assert not psutil.pid_exists(service.pid)
    assert [one.institution for one in said.capabilities] == [3_915]
