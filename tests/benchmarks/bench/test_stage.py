"""The stage: a stack's settings, and the end of a measuring coroutine that is told to stop."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from benchmarks.bench import stage
from benchmarks.stack import Stack


async def told_to_stop(ended: list[str]) -> None:
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(30)
    finally:
        await asyncio.sleep(0)
        ended.append("in order")


def test_signal_ends_what_was_begun_and_is_an_interrupt() -> None:
    ended: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        stage.run(told_to_stop(ended))
    assert ended == ["in order"]


async def measured() -> int:
    await asyncio.sleep(0)
    return 7


def test_what_was_measured_comes_back() -> None:
    assert stage.run(measured()) == 7


async def test_journal_lies_in_the_folder(tmp_path: Path) -> None:
    toml = Stack(stage.config(tmp_path)).gateway_toml()
    assert f'path = "{tmp_path / "journal"}"' in toml
    assert "service_hours = false" in toml
