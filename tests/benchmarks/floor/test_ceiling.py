"""The transport ceiling, small, with its processes: rounds end; wrong sizes and dead processes are told."""

import asyncio
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from benchmarks.floor.ceiling import Ceiling, ceiling
from benchmarks.floor.shape import Shape
from tests.patience import DEADLINE_S

SMALL = Shape(
    message_count=6,
    message_bytes=3_000,
    endpoint_count=5,
    batch_count=4,
    batch_bytes=20_000,
    reply_bytes=300,
    answers_count=7,
    answers_bytes=900,
    # Fewer at once than there are endpoints: they wait for each other.
    unwritten_bytes_max=60_000,
)


async def test_round_follows_round_and_nothing_is_left_running(tmp_path: Path) -> None:
    async with Ceiling(SMALL, tmp_path) as whole:
        pids = whole.pids
        seconds = [await whole.round() for _ in range(3)]
    assert min(seconds) > 0
    assert set(pids) == {"relay", "institutions"}
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    assert (tmp_path / "floor-relay.log").read_text() == "ready lines=5\n"


async def test_median_of_some_rounds_is_given(tmp_path: Path) -> None:
    shape = replace(SMALL, message_count=1, batch_count=1, answers_count=1)
    assert 0 < await ceiling(shape, tmp_path, round_count=3, warm_up_count=1) < 60


@pytest.mark.parametrize(
    "wrong", [{"message_bytes": 2_999}, {"ack_bytes": 17}, {"answers_bytes": 901}], ids=str
)
async def test_other_bytes_than_agreed_are_no_figure(tmp_path: Path, wrong: dict[str, int]) -> None:
    async with Ceiling(SMALL, tmp_path) as whole:
        whole.shape = replace(SMALL, **wrong)
        with pytest.raises(ExceptionGroup):
            await asyncio.wait_for(whole.round(), DEADLINE_S)


async def test_end_of_a_process_is_told(tmp_path: Path) -> None:
    async with Ceiling(SMALL, tmp_path) as whole:
        await whole.round()
        psutil.Process(whole.pids["institutions"]).kill()
        with pytest.raises((RuntimeError, ExceptionGroup)):
            await asyncio.wait_for(whole.round(), DEADLINE_S)
