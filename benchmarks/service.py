"""Service: one process of the project, from its start through its "ready" line to its end.

It runs in a process group of its own, so that an interrupt at the terminal reaches only the caller, which
then ends the whole group. Its output goes to a file. What it serves is not known here.
"""

import asyncio
import os
import signal
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

READY_WORD = b"ready"
TAIL_LINES = 15
RUN_S_MAX = 60.0
KILLED_S_MAX = 10.0


class Service:
    """Use as an async context: started on entry, gone on exit."""

    def __init__(self, name: str, command: Sequence[str], log_path: Path, stop_s_max: float) -> None:
        self.name = name
        self._command = tuple(command)
        self._log_path = log_path
        self._stop_s_max = stop_s_max
        self._process: asyncio.subprocess.Process | None = None
        self._copying: asyncio.Task[None] | None = None
        self._is_ready = False
        # Ready, or its output has ended.
        self._told = asyncio.Event()
        self._tail: deque[bytes] = deque(maxlen=TAIL_LINES)

    async def __aenter__(self) -> Self:
        log = self._log_path.open("wb")
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except BaseException:
            log.close()
            raise
        # The context owns the task: __aexit__ awaits it after the process has ended.
        self._copying = asyncio.create_task(self._copy(self._started, log), name=f"log of {self.name}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._stop()
        finally:
            # Also after a clean end: children that it left behind.
            self.kill()

    @property
    def pid(self) -> int:
        return self._started.pid

    @property
    def _started(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "Service is used as an async context"
        return self._process

    async def ready(self, s_max: float) -> None:
        """Wait for the ready line. RuntimeError with the end of the log when it does not come."""
        try:
            await asyncio.wait_for(self._told.wait(), s_max)
        except TimeoutError:
            raise RuntimeError(f"{self.name}: no ready line in {s_max:.0f} s; {self._log_end()}") from None
        if not self._is_ready:
            code = await asyncio.wait_for(self._started.wait(), KILLED_S_MAX)
            raise RuntimeError(f"{self.name}: {_ended(code)} before it was ready; {self._log_end()}")

    def require_alive(self) -> None:
        """RuntimeError when the process has ended."""
        if self._started.returncode is not None:
            raise RuntimeError(f"{self.name}: {_ended(self._started.returncode)}; {self._log_end()}")

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._signal(signal.SIGKILL)

    async def _stop(self) -> None:
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._started.wait(), self._stop_s_max)
        except TimeoutError:
            self._tail.append(f"did not stop within {self._stop_s_max:.0f} s, killed\n".encode())
            self.kill()
            await asyncio.wait_for(self._started.wait(), KILLED_S_MAX)
        if self._copying is not None:
            await asyncio.wait_for(self._copying, KILLED_S_MAX)

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._started.pid, number)
        except ProcessLookupError:
            return  # nothing of the group is left

    async def _copy(self, process: asyncio.subprocess.Process, log: BinaryIO) -> None:
        """Output to file, line by line, until the process and its children have closed it."""
        assert process.stdout is not None, "started with a pipe"
        with log:
            async for line in process.stdout:
                log.write(line)
                log.flush()
                self._tail.append(line)
                if line.lstrip().startswith(READY_WORD):
                    self._is_ready = True
                    self._told.set()
        self._told.set()

    def _log_end(self) -> str:
        tail = b"".join(self._tail).decode("utf-8", "replace")
        return f"the end of {self._log_path}:\n{tail}" if tail else f"nothing in {self._log_path}"


def _ended(code: int) -> str:
    """How, in words: a crash leaves no line in a log."""
    return f"ended with {code}" if code >= 0 else f"ended by {signal.Signals(-code).name}"


async def run_once(command: Sequence[str]) -> str:
    """Run a command to its end and return what it wrote. RuntimeError with its errors when it fails."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        written, errors = await asyncio.wait_for(process.communicate(), RUN_S_MAX)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: ended with {process.returncode}; {errors.decode().strip()}")
    return written.decode("utf-8")
