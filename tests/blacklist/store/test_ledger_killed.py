"""A service that is killed while a unit acknowledges: an acknowledgement is there whole, or not at all."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from sqlalchemy import select

from blacklist.push.marks import Failure
from blacklist.rules.units import load
from blacklist.serve import open_database
from blacklist.store.ledger import Ledger
from blacklist.store.tables import MARKS, WATERMARKS
from chakong.blacklist.v1 import changes_pb2 as pb
from runtime.calendar import date_of
from runtime.clock import now_ns
from runtime.data import measure_texts
from runtime.database import make_engine
from tests.blacklist.build import draft, person
from tests.blacklist.push.secure import Secure, write_certificates
from tests.blacklist.store.world import World
from tests.blacklist.test_serve_killed import ENTRY, READY, STOP_S_MAX
from tests.patience import DEADLINE_S

REMOVAL_COUNT = 25
LAST = 2 * REMOVAL_COUNT
CONFIG = """
[listen]
address = "127.0.0.1:0"
cert = "server.pem"
key = "server.key"
ca = "ca.pem"
[metrics]
address = ""
"""
CODES = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}


def left_out(cursor: int) -> dict[int, Failure]:
    """What is left out by an acknowledgement up to a cursor: other changes each time."""
    return {one: Failure.OWN_SYSTEM for one in range(1, cursor + 1) if (cursor + one) % 3 == 0}


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, Callable[[], None]]]:
    """`chakong serve --only blacklist`: its port, and what kills it at once."""
    arguments = ["serve", "--only", "blacklist", "--config", str(folder / "c.toml")]
    command = [sys.executable, "-c", ENTRY, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        try:
            assert running.stdout is not None
            line = running.stdout.readline()
            assert line.startswith(READY)
            yield int(line.removeprefix(READY)), running.kill
        finally:
            running.kill()
            running.wait(STOP_S_MAX)


async def acknowledge_until(secure: Secure, first: int, kill_at: int, kill: Callable[[], None]) -> int:
    """Acknowledge one change after the other; killed when one more is on its way. The last that was
    answered."""
    answered = 0
    async with secure.changes("railway") as stub:
        for cursor in range(first, LAST + 1):
            left = left_out(cursor)
            exceptions = [pb.FailedChange(cursor=one, failure=int(left[one])) for one in left]  # type: ignore[arg-type]
            request = pb.AcknowledgeRequest(cursor=cursor, exceptions=exceptions)
            call = stub.Acknowledge(request, timeout=DEADLINE_S, wait_for_ready=True)
            sent = asyncio.ensure_future(_code(call))
            if cursor >= first + kill_at:
                await asyncio.sleep(0)
                kill()
            code = await sent
            if code is not grpc.StatusCode.OK:
                assert code in CODES
                break
            answered = cursor
    return answered


async def _code(call: Any) -> grpc.StatusCode:
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


@pytest.mark.parametrize("kill_at", [2, 7])
async def test_kill_while_acknowledging_leaves_nothing_half_applied(
    tmp_path: Path, url: str, kill_at: int
) -> None:
    write_certificates(tmp_path)
    (tmp_path / "c.toml").write_text(f'{CONFIG}[blacklist]\nurl = "{url}"\n')
    engine = make_engine(url, is_source=True)
    open_database(engine)
    world = World(engine, now_ns())
    today = date_of(now_ns())
    for index in range(REMOVAL_COUNT):
        world.remove(world.enter(draft(person(index), since=today)), "listed_in_error")
    ledger = Ledger(engine, load(*measure_texts()), 3)
    for _ in range(2):
        before, _ = ledger.mark("railway", now_ns())
        with serving(tmp_path) as (port, kill):
            secure = Secure(tmp_path, port)
            answered = await acknowledge_until(secure, before.cursor + 1, kill_at, kill)
        mark, version = ledger.mark("railway", now_ns())
        assert version == LAST
        assert answered <= mark.cursor <= answered + 1
        assert mark.exceptions == left_out(mark.cursor)
        with engine.connect() as connection:
            newest = connection.execute(select(MARKS.c.cursor).order_by(MARKS.c.day.desc())).scalar()
            assert newest == connection.execute(select(WATERMARKS.c.cursor)).scalar_one()
    engine.dispose()
