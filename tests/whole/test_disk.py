"""Disk: the real gateway process on a disk that is full, and on a journal that is damaged.

Nothing is acknowledged that is not durable; what went wrong is said in words that name the file or the frame.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc

from benchmarks.service import Service
from benchmarks.stack import chakong, free_port
from benchmarks.subjects import load_inquiry
from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.gateway.v1 import gateway_pb2_grpc
from chakong.journal.v1 import journal_pb2 as journal
from gateway.edge.journal_reader import Reader
from gateway.edge.journal_schema import ADMISSION
from runtime.config import SHOWN_CHARACTERS_MAX
from tests.gateway.edge.court import called_as
from tests.gateway.edge.house import COURT

READY_S_MAX = 120.0
CALL_S_MAX = 120.0
# What a file of the process may grow to: the "disk".
DISK_BYTES = 768 << 10
PER_MESSAGE = 400
MESSAGES_MAX = 40
# `chakong serve` with a limit on the size of its files; the signal would end it, the error must not.
ON_A_SMALL_DISK = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.argv = ["chakong", *sys.argv[2:]]
from runtime.cli import main
main()
"""


def small_disk(disk_bytes: int, *arguments: str) -> list[str]:
    return [sys.executable, "-c", ON_A_SMALL_DISK, str(disk_bytes), *arguments]


def configured(folder: Path) -> tuple[str, str]:
    """The gateway's address and its configuration file; no endpoint has an address."""
    address = f"127.0.0.1:{free_port()}"
    path = folder / "chakong.toml"
    path.write_text(
        f"""
        [listen]
        address = "{address}"
        plaintext = true
        [journal]
        path = "journal"
        [tracker]
        enabled = false
        [metrics]
        address = ""
        [limits]
        retry_after_ms = 123
        """,
        encoding="utf-8",
    )
    return address, str(path)


@asynccontextmanager
async def serving(folder: Path, command: list[str], address: str) -> AsyncIterator[tuple[Service, Any]]:
    """A gateway that is ready, and a court's stub."""
    service = Service("gateway", command, folder / "gateway.log", stop_s_max=10)
    async with service, grpc.aio.insecure_channel(address) as channel:
        await service.ready(READY_S_MAX)
        yield service, gateway_pb2_grpc.GatewayStub(channel)


async def told(command: list[str]) -> tuple[int, str]:
    """Exit status and output of a gateway that does not start."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), READY_S_MAX)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, output.decode()


def message(number: int) -> gateway.SubmitBulkRequest:
    first = number * PER_MESSAGE
    made = [load_inquiry(COURT, f"order-{place}", place) for place in range(first, first + PER_MESSAGE)]
    return gateway.SubmitBulkRequest(inquiries=made, tag=number)


async def filled(stub: Any) -> tuple[set[str], gateway.SubmitBulkResponse]:
    """Send until a message is refused: the order ids acknowledged before, and the refusal."""
    acknowledged: set[str] = set()
    call = stub.SubmitBulk(metadata=called_as(), timeout=CALL_S_MAX)
    for number in range(MESSAGES_MAX):
        sent = message(number)
        await call.write(sent)
        response = await call.read()
        assert isinstance(response, gateway.SubmitBulkResponse)
        if response.error.code:
            return acknowledged, response
        acknowledged |= {inquiry.order_id for inquiry in sent.inquiries}
    raise AssertionError("the disk never was full")


def journalled(path: Path) -> set[str]:
    """The order ids of all durable admissions."""
    frames = Reader(path).frames(0, kinds=(ADMISSION,))
    return {one.order_id for frame in frames for one in journal.Admission.FromString(frame.body).inquiries}


async def test_a_full_disk_acknowledges_nothing_and_loses_nothing(tmp_path: Path) -> None:
    address, config = configured(tmp_path)
    async with serving(tmp_path, small_disk(DISK_BYTES, "serve", "--config", config), address) as (
        service,
        stub,
    ):
        acknowledged, refusal = await filled(stub)
        assert refusal.error.code == grpc.StatusCode.UNAVAILABLE.value[0]
        assert refusal.error.retry_after_ms > 0
        assert refusal.error.message
        assert refusal.accepted == 0
        service.require_alive()
        service.kill()
    assert acknowledged
    assert acknowledged <= journalled(tmp_path / "journal")
    # With room again nothing is missing, and what was refused can be sent again.
    async with serving(tmp_path, chakong("serve", "--config", config), address) as (_, stub):
        call = stub.SubmitBulk(metadata=called_as(), timeout=CALL_S_MAX)
        numbers = range(refusal.tag + 1)
        responses = []
        for number in numbers:
            await call.write(message(number))
            responses.append(await call.read())
        assert [response.repeated for response in responses[:-1]] == [PER_MESSAGE] * refusal.tag
        assert responses[-1].accepted + responses[-1].repeated == PER_MESSAGE
        call.cancel()


async def test_a_disk_without_room_for_a_journal_stops_the_start_with_its_name(tmp_path: Path) -> None:
    _, config = configured(tmp_path)
    status, output = await told(small_disk(4_096, "serve", "--config", config))
    assert status == 1
    assert "journal" in output
    assert "Traceback" not in output


async def test_a_damaged_frame_stops_the_start_and_is_named(tmp_path: Path) -> None:
    address, config = configured(tmp_path)
    async with serving(tmp_path, chakong("serve", "--config", config), address) as (_, stub):
        call = stub.SubmitBulk(metadata=called_as(), timeout=CALL_S_MAX)
        for number in range(2):
            await call.write(message(number))
            assert (await call.read()).accepted == PER_MESSAGE
        call.cancel()
    (volume,) = (tmp_path / "journal").glob("*.frames")
    content = bytearray(volume.read_bytes())
    content[-1] ^= 1
    volume.write_bytes(content)
    status, output = await told(chakong("serve", "--config", config))
    assert status == 1
    assert f"{volume}: frame 2 at offset " in output
    assert ": CRC is" in output
    assert "Traceback" not in output


async def test_a_file_that_is_no_journal_stops_the_start_and_is_named(tmp_path: Path) -> None:
    _, config = configured(tmp_path)
    (tmp_path / "journal").write_bytes(b"not a journal at all, but long enough to be looked at" * 100)
    status, output = await told(chakong("serve", "--config", config))
    assert status == 2
    # The end of a long path is not shown.
    shown = repr(str(tmp_path / "journal"))[:SHOWN_CHARACTERS_MAX]
    assert f"journal.path: {shown} given; must be a folder" in output
    assert "Traceback" not in output
