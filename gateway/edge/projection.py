"""Projection: keeps the projector's process running, and knows how far it has come.

It is told of each commit and passes one seq at a time on; the projector's lines say what is in the tables. A
projector that ends is started again, later each time. Nothing on the order path waits for it.
"""

import asyncio
import contextlib
import logging
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from runtime.clock import now_ns
from runtime.lifecycle import ends_within

if TYPE_CHECKING:
    from runtime.chance import Chance
    from runtime.settings import Log

BACKOFF_NS: Final = 500_000_000
BACKOFF_NS_MAX: Final = 30_000_000_000
STOP_S_MAX: Final = 10.0
# A step of the projector's is a transaction, however little is in it. While nobody asks for the tables, there
# are five in a second: the processor is for the order path.
REST_NS: Final = 200_000_000

log = logging.getLogger(__name__)


class Projection:
    """The projector of one journal. `cursor`: everything up to this seq is in the tables; -1 before the first
    word."""

    def __init__(self, journal: Path, url: str, chance: "Chance", settings: "Log") -> None:
        self._journal = journal
        self._url = url
        self._chance = chance
        self._settings = settings
        self._target_seq = 0
        self._told_seq = 0
        self._input: IO[bytes] | None = None
        self._moved = asyncio.Event()
        self._asking_count = 0
        self._rest_until_ns = 0
        self._timer: asyncio.TimerHandle | None = None
        self.cursor = -1
        self.start_count = 0

    def grown(self, seq: int) -> None:
        """The journal is durable up to `seq`."""
        self._target_seq = max(self._target_seq, seq)
        self._tell()

    async def reached(self, seq: int, deadline_s: float) -> bool:
        """Wait until everything up to `seq` is in the tables; False when that takes longer."""
        self._asking_count += 1
        self._tell()
        try:
            async with asyncio.timeout(deadline_s):
                while self.cursor < seq:
                    await self._moved.wait()
        except TimeoutError:
            return False
        finally:
            self._asking_count -= 1
        return True

    async def run(self) -> None:
        """Keep a projector running until cancelled."""
        backoff_ns = BACKOFF_NS
        while True:
            before = self.cursor
            status = await self._run_once()
            log.error("the projector ended", extra={"status": status, "path": str(self._journal)})
            backoff_ns = BACKOFF_NS if self.cursor > before else min(2 * backoff_ns, BACKOFF_NS_MAX)
            await asyncio.sleep(self._chance.jitter(backoff_ns) / 1e9)

    async def _run_once(self) -> int | None:
        settings = ("--log-level", self._settings.level, "--log-format", self._settings.format)
        command = [sys.executable, "-m", "gateway.edge.projector", "--journal", str(self._journal), *settings]
        # Not the loop's own way to start processes: that one forks, and gRPC's threads are no friends of a
        # fork.
        process = subprocess.Popen(  # noqa: ASYNC220, S603 - it returns in a millisecond, and runs our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            # Ctrl-C at a terminal is for the gateway, which ends the projector in its own time.
            start_new_session=True,
        )
        self.start_count += 1
        try:
            await self._talk(process)
        finally:
            self._input = None
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            with contextlib.suppress(BrokenPipeError):
                _pipe(process.stdin).close()
            if not await ends_within(STOP_S_MAX, asyncio.to_thread(process.wait, STOP_S_MAX)):
                process.kill()
        return process.returncode

    async def _talk(self, process: subprocess.Popen[bytes]) -> None:
        lines = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(lines)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: protocol, _pipe(process.stdout)
        )
        try:
            _write(_pipe(process.stdin), self._url)
            while line := await lines.readline():
                self.cursor = max(self.cursor, int(line))
                moved, self._moved = self._moved, asyncio.Event()
                moved.set()
                if self._input is None:
                    # Its first word: it is up, and has been told nothing yet.
                    self._input, self._told_seq = _pipe(process.stdin), -1
                self._tell()
        finally:
            transport.close()

    def _tell(self) -> None:
        """Pass the target on when the projector has reached what it was told before: its input never fills
        up."""
        if self._input is None or self.cursor < self._told_seq or self._target_seq <= self.cursor:
            return
        at_ns = now_ns()
        if at_ns < self._rest_until_ns and not self._asking_count:
            if self._timer is None:
                delay_s = (self._rest_until_ns - at_ns) / 1e9
                self._timer = asyncio.get_running_loop().call_later(delay_s, self._has_rested)
            return
        self._rest_until_ns = at_ns + REST_NS
        self._told_seq = self._target_seq
        _write(self._input, str(self._target_seq))

    def _has_rested(self) -> None:
        self._timer = None
        self._tell()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise RuntimeError("a pipe was asked for")
    return pipe


def _write(pipe: IO[bytes], line: str) -> None:
    """One short line: at most one is on its way, so a pipe has room. Of a projector that is gone, its output
    tells."""
    with contextlib.suppress(BrokenPipeError):
        pipe.write(f"{line}\n".encode())
