"""Disconnects: clients and institutions that go away in the middle, again and again, leave nothing behind.

What the house looks over at its end (tasks, calls, streams, batches in flight) counts here too.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.gateway.v1 import gateway_pb2_grpc
from chakong.institution.v1 import institution_pb2
from tests.gateway.edge.court import called_as
from tests.gateway.edge.house import edge_tasks, inquiry
from tests.gateway.edge.institution import RESET, Talk, answering, finding
from tests.whole.house import WAIT_S, Settings, scripted

pytestmark = pytest.mark.usefixtures("no_projector")

TIMES = 12


def order(number: int) -> gateway.Inquiry:
    return inquiry(number, deadline_s=20)


async def test_clients_that_vanish_leave_no_call_no_task_and_no_ticket(tmp_path: Path) -> None:
    async with scripted(tmp_path, [finding, answering]) as house:
        await house.watcher.finals(await house.submit(order(0)))
        tasks = len(edge_tasks())
        guard, watch = house.gateway.server.guard, house.gateway.watch
        calls, watchers = guard.counts.open_calls, watch.watcher_count
        for number in range(1, TIMES + 1):
            bulk = house.stub.SubmitBulk(metadata=called_as(), timeout=WAIT_S)
            await bulk.write(gateway.SubmitBulkRequest(inquiries=[order(number)]))
            watching = house.stub.Watch(gateway.WatchRequest(), metadata=called_as(), timeout=WAIT_S)
            await watching.read()
            unary = house.stub.Submit(
                gateway.SubmitRequest(inquiry=order(100 + number)), metadata=called_as(), timeout=WAIT_S
            )
            await asyncio.sleep(0)
            for call in (bulk, watching, unary):
                call.cancel()
        await house.until(lambda: guard.counts.open_calls == calls, "the end of all calls")
        await house.until(lambda: watch.watcher_count == watchers, "the end of all watchers")
        await house.until(lambda: len(edge_tasks()) <= tasks, "the end of all tasks")
        # What was accepted before its caller went is answered all the same.
        accepted = house.stats()["inquiries_accepted"]
        assert accepted > TIMES
        await house.until(lambda: house.stats()["inquiries_final"] == accepted, "all final answers")
        await house.quiet()
        await house.watcher.finals(range(1, accepted + 1))


async def test_institutions_that_break_off_leave_no_batch_and_no_stream(tmp_path: Path) -> None:
    async def breaking_off(talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
        """Every other batch ends the stream, with an error or without."""
        count = len(talk.institution.batches)
        if count % 4 == 1:
            yield RESET
        elif count % 4 == 3:
            talk.is_over = True
        else:
            async for reply in finding(talk, batch):
                yield reply

    settings = Settings(line={"breaker_failures": 100})
    async with scripted(tmp_path, [breaking_off, finding], settings=settings) as house:
        await house.watcher.finals(await house.submit(order(0)))
        tasks = len(edge_tasks())
        for number in range(1, TIMES + 1):
            finals = await house.watcher.finals(await house.submit(order(number)))
            assert all(answer.coverage.found == 2 for answer in finals.values())
        line = house.gateway.dispatch.lines[0]
        await house.until(lambda: len(line.streams) == 1, "a connection")
        await house.quiet()
        await house.until(lambda: len(edge_tasks()) <= tasks, "the end of all tasks")
        assert line.counts.streams_ended >= TIMES
        assert line.in_flight == 0
        assert house.gateway.dispatch.unwritten_bytes == 0
        await house.until(lambda: house.institutions[0].streams_open == 1, "the end of the old streams")


async def test_a_connection_cut_in_the_middle_of_a_watch_misses_nothing(tmp_path: Path) -> None:
    async with scripted(tmp_path, [finding]) as house:
        ids = await house.submit(*(order(number) for number in range(5)))
        await house.watcher.finals(ids)
        cursor = 0
        found: set[int] = set()
        while len(found) < 5:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{house.port}") as channel:
                stub: Any = gateway_pb2_grpc.GatewayStub(channel)
                call = stub.Watch(gateway.WatchRequest(cursor=cursor), metadata=called_as(), timeout=WAIT_S)
                response = await call.read()
                assert isinstance(response, gateway.WatchResponse)
                assert response.cursor > cursor
                cursor = response.cursor
                found |= {answer.inquiry_id for answer in response.answers}
        assert found == set(ids)
