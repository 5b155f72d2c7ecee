"""The whole gateway: its starts, its ends, and kill -9 in between."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import grpc
import pytest

from chakong.gateway.v1 import gateway_pb2, gateway_pb2_grpc
from gateway.edge.errors import StartError
from gateway.edge.journal import Journal
from gateway.edge.journal_volume import volume_path
from gateway.edge.serve import Gateway
from runtime.settings import Projection
from tests.gateway.edge.court import called_as, config_of, open_court
from tests.gateway.edge.frames import admission, answer, answers, order_rows
from tests.gateway.edge.house import inquiry
from tests.gateway.edge.institution import Institution, answering, serving, silent
from tests.model.engine import ModelEngine
from tests.patience import DEADLINE_S

if TYPE_CHECKING:
    from gateway._core import Engine

SERVE = """
import sys
from pathlib import Path
from typing import Any
import gateway.edge.serve as module
from runtime import lifecycle, logs
from tests.gateway.edge.court import config_of
from tests.gateway.edge.house import directory_of
from tests.model.engine import ModelEngine
logs.configure("warning", "text")
module.Directory.load = lambda: directory_of([1, 1])
addresses = dict(pair.split("=") for pair in sys.argv[2:])
lifecycle.run(module.serve(config_of(Path(sys.argv[1]), addresses), ModelEngine))
"""


@asynccontextmanager
async def process(folder: Path, *addresses: str) -> AsyncIterator[tuple[subprocess.Popen[str], str]]:
    """A gateway in a process of its own, once it is ready; and its address."""
    command = [sys.executable, "-c", SERVE, str(folder), *addresses]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: ASYNC220
    assert started.stdout is not None
    try:
        async with asyncio.timeout(DEADLINE_S):
            line = await asyncio.to_thread(started.stdout.readline)
        yield started, line.strip().replace("ready port=", "127.0.0.1:")
    finally:
        started.kill()
        await asyncio.to_thread(started.communicate)


async def submit(stub: Any, *numbers: int) -> None:
    for number in numbers:
        request = gateway_pb2.SubmitRequest(inquiry=inquiry(number))
        await stub.Submit(request, metadata=called_as(), timeout=DEADLINE_S)


async def finals(address: str, ids: set[int]) -> list[gateway_pb2.Answer]:
    """The final answers that a court sees, until it has those of all these inquiries."""
    found: list[gateway_pb2.Answer] = []
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        call = stub.Watch(gateway_pb2.WatchRequest(), metadata=called_as(), timeout=DEADLINE_S)
        async for response in call:
            found += [one for one in response.answers if one.stage == gateway_pb2.STAGE_FINAL]
            if ids <= {one.inquiry_id for one in found}:
                call.cancel()
                break
    return found


async def test_what_was_unfinished_is_asked_again_after_a_restart(tmp_path: Path) -> None:
    async with open_court(tmp_path, [silent]) as court:
        await submit(court.stub, 1, 2)
        request = gateway_pb2.CancelInquiryRequest(inquiry_id=1)
        await court.stub.CancelInquiry(request, metadata=called_as(), timeout=DEADLINE_S)
    async with open_court(tmp_path, [answering]) as court:
        got = await finals(f"127.0.0.1:{court.port}", {1, 2})
        assert [(one.inquiry_id, one.coverage.cancelled, one.coverage.none) for one in got] == [
            (1, 1, 0),
            (2, 0, 1),
        ]
        again = gateway_pb2.SubmitRequest(inquiry=inquiry(2))
        receipt = await court.stub.Submit(again, metadata=called_as(), timeout=DEADLINE_S)
        assert (receipt.inquiry_id, receipt.repeated) == (2, True)
        assert len(court.institutions[0].batches) == 1


async def test_sigterm_drains_and_ends_in_time(tmp_path: Path) -> None:
    async with (
        serving(Institution(silent)) as address,
        process(tmp_path, f"unit-0={address}") as (gateway, port),
    ):
        async with grpc.aio.insecure_channel(port) as channel:
            stub: Any = gateway_pb2_grpc.GatewayStub(channel)
            await submit(stub, 1)
            watching = stub.Watch(gateway_pb2.WatchRequest(), metadata=called_as(), timeout=DEADLINE_S)
            reading = asyncio.ensure_future(watching.read())
            bulk = stub.SubmitBulk(metadata=called_as(), timeout=DEADLINE_S)
            await bulk.write(gateway_pb2.SubmitBulkRequest(inquiries=[inquiry(2)]))
            assert (await bulk.read()).accepted == 1
            gateway.send_signal(signal.SIGTERM)
            with pytest.raises(grpc.aio.AioRpcError) as ended:
                await bulk.read()
            assert ended.value.code() is grpc.StatusCode.UNAVAILABLE
            assert await watching.code() is grpc.StatusCode.OK
            assert not isinstance(await reading, gateway_pb2.WatchResponse)
        async with asyncio.timeout(DEADLINE_S):
            assert await asyncio.to_thread(gateway.wait) == 0


async def test_every_acknowledged_inquiry_is_answered_after_kill_9(tmp_path: Path) -> None:
    acknowledged: set[int] = set()
    async with serving(Institution(answering)) as one, serving(Institution(silent)) as two:
        addresses = (f"unit-0={one}", f"unit-1={two}")
        for run in range(3):
            async with (
                process(tmp_path, *addresses) as (gateway, port),
                grpc.aio.insecure_channel(port) as channel,
            ):
                stub: Any = gateway_pb2_grpc.GatewayStub(channel)
                call = stub.SubmitBulk(metadata=called_as(), timeout=DEADLINE_S)
                for tag in range(20):
                    first = 200 * run + 10 * tag
                    made = [inquiry(number) for number in range(first, first + 10)]
                    await call.write(gateway_pb2.SubmitBulkRequest(tag=tag, inquiries=made))
                for _ in range(5 + run):
                    first = (await call.read()).first_inquiry_id
                    acknowledged |= set(range(first, first + 10))
                gateway.send_signal(signal.SIGKILL)
    async with (
        serving(Institution(answering)) as one,
        serving(Institution(answering)) as two,
        process(tmp_path, f"unit-0={one}", f"unit-1={two}") as (_, port),
    ):
        got = await finals(port, acknowledged)
    ids = [answer.inquiry_id for answer in got]
    assert len(acknowledged) == 180
    assert len(ids) == len(set(ids))
    assert acknowledged <= set(ids)
    assert all(answer.coverage.total == answer.coverage.none == 2 for answer in got)


async def test_a_damaged_journal_stops_the_start_with_its_name(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        await submit(court.stub, 1)
    volume = volume_path(tmp_path / "journal", 1)
    content = bytearray(volume.read_bytes())
    content[100] ^= 1
    volume.write_bytes(content)
    async with process(tmp_path) as (gateway, port):
        assert port == ""
        assert await asyncio.to_thread(gateway.wait, DEADLINE_S) == 1
        assert gateway.stderr is not None
        assert f"{volume}: frame 1 at offset 32: CRC is" in gateway.stderr.read()


async def test_a_damaged_index_of_order_ids_stops_the_start_with_what_helps(tmp_path: Path) -> None:
    Journal.open(tmp_path / "journal").close()
    (tmp_path / "journal" / "orders").write_bytes(b"no index" * 1_000)
    async with process(tmp_path) as (gateway, port):
        assert port == ""
        assert await asyncio.to_thread(gateway.wait, DEADLINE_S) == 1
        assert gateway.stderr is not None
        (line,) = gateway.stderr.read().splitlines()
    assert line.startswith("chakong: ")
    assert "once removed, it is made anew from the journal" in line


async def test_an_engine_that_cannot_hold_all_order_ids_knows_so_after_the_start(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    await journal.append(admission(1, 10, orders=order_rows(1, 10)))
    await journal.append(answers(*(answer(number) for number in range(1, 11))))
    journal.close()
    config = config_of(tmp_path, {})
    for orders_max, forgotten in ((10, False), (9, True), (4, True)):
        limits = config.limits.model_copy(update={"orders_max": orders_max})
        small = config.model_copy(update={"limits": limits})
        journal = Journal.open(tmp_path / "journal")
        gateway = Gateway(small, journal)
        await gateway.recover()
        assert bool(gateway.engine.orders_forgotten) == forgotten
        journal.close()


async def test_a_projection_that_cannot_be_had_stops_the_start_with_its_field(tmp_path: Path) -> None:
    config = config_of(tmp_path, {})
    config = config.model_copy(update={"projection": Projection(url="sqlite:////nowhere/at/all")})
    journal = Journal.open(tmp_path / "journal")
    with pytest.raises(StartError, match=r"projection\.url"):
        Gateway(config, journal, cast("Callable[..., Engine]", ModelEngine))
    journal.close()


async def test_a_taken_port_stops_the_start_with_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_court(tmp_path) as court:
        listen = court.gateway._config.listen.model_copy(update={"address": f"127.0.0.1:{court.port}"})
        monkeypatch.setattr("tests.gateway.edge.court.LISTEN", listen)
        other = tmp_path / "other"
        other.mkdir()
        with pytest.raises(StartError, match=f"listen.address 127.0.0.1:{court.port}"):
            async with open_court(other):
                pass


async def test_old_frames_go_once_they_are_in_the_tables_and_what_fails_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("gateway.edge.journal_volume.VOLUME_BYTES", 200)
    journal = Journal.open(tmp_path / "journal")
    for number in (1, 2):
        frames = (replace(admission(number), at_ns=1), replace(answers(answer(number)), at_ns=1))
        await asyncio.gather(*map(journal.append, frames))
    gateway = Gateway(config_of(tmp_path, {}), journal)
    await gateway._forget_old()
    # Nothing is in the tables yet.
    assert [frame.seq for frame in journal.read(0)] == [1, 2, 3, 4]
    gateway.projection.cursor = 4
    with monkeypatch.context() as broken:

        def failing(_folder: Path, _first_seq: int) -> None:
            raise OSError(5, "Input/output error", "a file")

        broken.setattr("gateway.edge.journal_retention.remove_volume", failing)
        await gateway._forget_old()
    assert "old frames are still there" in caplog.text
    assert [frame.seq for frame in journal.read(0)] == [3, 4]
    gateway._store.close()
    journal.close()
