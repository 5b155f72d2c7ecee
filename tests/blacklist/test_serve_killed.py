"""A process of its own that is killed: what was acknowledged is there again, and screening with it."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from chakong.blacklist.v1 import listings_pb2, screening_pb2
from tests.blacklist.house import Caller, adult, draft

ENTRY = "from runtime.cli import main; main()"
READY = "ready port="
CONFIG = """
[listen]
address = "127.0.0.1:0"
plaintext = true
[metrics]
address = ""
"""
STOP_S_MAX = 120.0
ROUND_COUNT = 2
TRIES_MAX = 400
AGAIN_S = 0.05


@contextmanager
def process(folder: Path, end: signal.Signals) -> Iterator[int]:
    """`chakong serve --only blacklist`; its port. It is ended by that signal."""
    command = [
        sys.executable,
        "-c",
        ENTRY,
        "serve",
        "--only",
        "blacklist",
        "--config",
        str(folder / "c.toml"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        try:
            assert running.stdout is not None
            line = running.stdout.readline()
            assert line.startswith(READY)
            yield int(line.removeprefix(READY))
        finally:
            running.send_signal(end)
            running.wait(STOP_S_MAX)
    assert running.returncode == (0 if end is signal.SIGTERM else -end)


async def answered(caller: Caller, method: str, request: Any) -> Any:
    """What a call gives, once the list is open."""
    for _ in range(TRIES_MAX):
        try:
            return await getattr(caller, method)(request)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise
        await asyncio.sleep(AGAIN_S)
    raise TimeoutError


async def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path, url: str) -> None:
    (tmp_path / "c.toml").write_text(f'{CONFIG}[blacklist]\nurl = "{url}"\n')
    for number in range(ROUND_COUNT):
        with process(tmp_path, signal.SIGKILL) as port:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                court = Caller(channel, "chakong://court/%E4%BA%AC0105")
                given = draft(adult(number), f"case-{number}")
                request = listings_pb2.CreateListingRequest(act_id=f"a{number}", draft=given)
                view = await answered(court, "CreateListing", request)
                assert view.listing.listing_id == number + 1
    with process(tmp_path, signal.SIGTERM) as port:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            court = Caller(channel, "chakong://court/%E4%BA%AC0105")
            whole = await answered(court, "ListListings", listings_pb2.ListListingsRequest())
            assert [one.listing_id for one in whole.listings] == [1, 2]
            again = listings_pb2.CreateListingRequest(act_id="a0", draft=draft(adult(0), "case-0"))
            assert (await court.CreateListing(again)).repeated
            unit = Caller(channel, "chakong://unit/railway")
            question = screening_pb2.ScreenRequest(subject=adult(1))
            screened = await answered(unit, "Screen", question)
            assert screened.finding.outcome == screening_pb2.OUTCOME_LISTED
