"""The projector's process as the gateway keeps it: told of each commit, started again, ended with the
gateway."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import psutil
import pytest

from gateway.edge import projection as module
from gateway.edge.journal import Journal
from gateway.edge.projection import Projection
from runtime.chance import Chance
from runtime.settings import Log
from tests.gateway.edge.frames import admission, answer, answers
from tests.patience import DEADLINE_S


@asynccontextmanager
async def kept(
    folder: Path, database: str = ""
) -> AsyncIterator[tuple[Journal, Projection, asyncio.Task[None]]]:
    journal = Journal.open(folder / "journal")
    url = database or f"sqlite:///{folder}/projection"
    projection = Projection(journal.path, url, Chance(1), Log(level="error"))
    journal.listen(projection.grown)
    task = asyncio.create_task(projection.run())
    try:
        yield journal, projection, task
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=DEADLINE_S)
        journal.close()
    assert not children()


def children() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "gateway.edge.projector" in one.cmdline()]


async def test_it_comes_to_know_every_commit(tmp_path: Path, database: str) -> None:
    async with kept(tmp_path, database) as (journal, projection, _):
        for number in range(1, 21):
            seq = await journal.append(admission(number))
            seq = await journal.append(answers(answer(number)))
            assert await projection.reached(seq, DEADLINE_S)
        assert projection.start_count == 1


async def test_while_nobody_asks_it_is_told_of_many_commits_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.edge.projection.REST_NS", 3_600_000_000_000)
    told: list[str] = []
    write = module._write

    def listening(pipe: IO[bytes], line: str) -> None:
        told.append(line)
        write(pipe, line)

    async with kept(tmp_path) as (journal, projection, _):
        assert await projection.reached(await journal.append(admission(1)), DEADLINE_S)
        monkeypatch.setattr(module, "_write", listening)
        for number in range(2, 11):
            seq = await journal.append(admission(number))
        assert told == []
        assert projection.cursor < seq
        assert await projection.reached(seq, DEADLINE_S)
        assert told == [str(seq)]


async def test_what_takes_too_long_is_false(tmp_path: Path) -> None:
    async with kept(tmp_path) as (_, projection, _task):
        assert not await projection.reached(5, 0.01)


async def test_a_projector_that_was_killed_is_started_again_and_misses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.edge.projection.BACKOFF_NS", 1_000_000)
    async with kept(tmp_path) as (journal, projection, _):
        assert await projection.reached(await journal.append(admission(1)), DEADLINE_S)
        (process,) = children()
        os.kill(process.pid, signal.SIGKILL)
        seq = await journal.append(answers(answer(1)))
        assert await projection.reached(seq, DEADLINE_S)
        assert projection.start_count == 2


async def test_a_projector_without_a_gateway_ends(tmp_path: Path) -> None:
    async with kept(tmp_path) as (journal, projection, task):
        assert await projection.reached(await journal.append(admission(1)), DEADLINE_S)
        (process,) = children()
        task.cancel()
        await asyncio.wait([task], timeout=DEADLINE_S)
        assert not process.is_running()
