"""A process from start to end: ready, dying early, deaf to SIGTERM, with children of its own."""

import asyncio
import sys
from pathlib import Path

import psutil
import pytest

from benchmarks.service import Service, run_once
from tests.patience import DEADLINE_S

READY = "import time; print('ready 1', flush=True); time.sleep(60)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + READY
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"


def service(folder: Path, *command: str, stop_s_max: float = 10.0) -> Service:
    return Service("tried", [sys.executable, "-c", *command], folder / "tried.log", stop_s_max)


async def test_ready_line_is_awaited_and_the_process_is_gone_afterwards(tmp_path: Path) -> None:
    async with service(tmp_path, READY) as tried:
        await tried.ready(DEADLINE_S)
        pid = tried.pid
        tried.require_alive()
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid)
    assert (tmp_path / "tried.log").read_text() == "ready 1\n"


async def test_death_before_ready_is_told_with_the_end_of_the_log(tmp_path: Path) -> None:
    async with service(tmp_path, "raise SystemExit('no such port')") as tried:
        with pytest.raises(RuntimeError, match=r"ended with 1 before it was ready[^$]*no such port"):
            await asyncio.wait_for(tried.ready(DEADLINE_S), DEADLINE_S)


async def test_silence_is_told_after_the_limit(tmp_path: Path) -> None:
    async with service(tmp_path, "import time; time.sleep(60)") as tried:
        with pytest.raises(RuntimeError, match="no ready line"):
            await tried.ready(0.05)


async def test_process_deaf_to_sigterm_is_killed(tmp_path: Path) -> None:
    async with service(tmp_path, DEAF, stop_s_max=0.2) as tried:
        await tried.ready(DEADLINE_S)
        pid = tried.pid
    assert not psutil.pid_exists(pid)


async def test_children_end_with_it_also_on_an_error(tmp_path: Path) -> None:
    children: list[psutil.Process] = []

    async def fail() -> None:
        async with service(tmp_path, PARENT, READY) as tried:
            await tried.ready(DEADLINE_S)
            children.extend(psutil.Process(tried.pid).children())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert len(children) == 1
    assert psutil.wait_procs(children, timeout=DEADLINE_S)[1] == []


async def test_crash_before_ready_is_told_by_its_signal(tmp_path: Path) -> None:
    async with service(tmp_path, "import os; os.kill(os.getpid(), 11)") as tried:
        with pytest.raises(
            RuntimeError, match=r"ended by SIGSEGV before it was ready; nothing in .*tried\.log"
        ):
            await tried.ready(DEADLINE_S)


async def until_noticed(tried: Service) -> None:
    while True:
        tried.require_alive()
        await asyncio.sleep(0)


async def test_end_by_itself_is_noticed(tmp_path: Path) -> None:
    async with service(tmp_path, READY) as tried:
        await tried.ready(DEADLINE_S)
        tried.kill()
        with pytest.raises(RuntimeError, match=r"tried: ended by SIGKILL; the end of .*tried\.log:\nready 1"):
            await asyncio.wait_for(until_noticed(tried), DEADLINE_S)


async def test_command_that_fails_tells_its_errors() -> None:
    assert await run_once([sys.executable, "-c", "print(7)"]) == "7\n"
    failing = "import sys; sys.stderr.write('bad port'); sys.exit(3)"
    with pytest.raises(RuntimeError, match="ended with 3; bad port"):
        await run_once([sys.executable, "-c", failing])
