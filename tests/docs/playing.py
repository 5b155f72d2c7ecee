"""Playing: a document's commands, run one block after another in an empty folder, as a reader would.

    ```toml, ```python with a comment `# name` as first line    becomes that file
    ```sh                                                       is run to its end, which must be 0
    ```sh background                                            runs on once it has said `ready`
    ```text output                                              is what the block before it printed

Not run are lines that begin with `make `: they would run what these tests are a part of. Ports are replaced
by free ones, so that a stack of somebody else on this machine is not in the way. The `.venv` of the checkout
is the environment that runs the tests.
"""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.stack import free_port
from tests.docs.papers import ROOT, Block, blocks

COMMAND_S_MAX = 120.0
READY_S_MAX = 120.0
STOP_S_MAX = 120.0
POLL_S = 0.05
PORTS = ("7372", "7401", "7443", "8480", "9464")


@dataclass(slots=True)
class Playing:
    """Use as a context: what runs in the background ends with it."""

    folder: Path
    ports: dict[str, str] = field(default_factory=lambda: {port: str(free_port()) for port in PORTS})
    _printed: str = ""
    _services: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        (self.folder / ".venv").symlink_to(sys.prefix)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._services.close()

    def play(self, name: str) -> None:
        """All blocks of a document. AssertionError names the first that does not do what it should."""
        for block in blocks(name):
            place = f"{name}:{block.line}"
            if block.file_name:
                path = self.folder / block.file_name
                path.write_text(self.adapted(block.text), encoding="utf-8")
            elif block.word == "background":
                self._services.callback(_stop, *self._start(block, place))
            elif block.word == "output":
                assert self._printed == block.text, f"{place}: printed was\n{self._printed}"
            elif block.language == "sh":
                self._printed = self.run(block.text, place)

    def run(self, command: str, place: str) -> str:
        """What a block prints. AssertionError when it does not end with 0."""
        kept = [line for line in command.splitlines() if not line.startswith("make ")]
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.adapted("\n".join(kept))],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_S_MAX,
            check=False,
        )
        assert done.returncode == 0, f"{place}: ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def adapted(self, content: str) -> str:
        """With ports that are free on this machine."""
        for port, free in self.ports.items():
            content = re.sub(rf"\b{port}\b", free, content)
        return re.sub(
            r"chakong simulate(?! --port)", f"chakong simulate --port {self.ports['7372']}", content
        )

    def _environment(self) -> dict[str, str]:
        path = [str(Path(sys.executable).parent), os.environ["PATH"]]
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("CHAKONG_")},
            "PATH": os.pathsep.join(path),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            # Defaults that a configuration need not name.
            "CHAKONG_LISTEN__ADDRESS": f"127.0.0.1:{self.ports['7443']}",
            "CHAKONG_METRICS__ADDRESS": f"127.0.0.1:{self.ports['9464']}",
        }

    def _start(self, block: Block, place: str) -> tuple[subprocess.Popen[bytes], str]:
        log_path = self.folder / f".background-{block.line}.log"
        with log_path.open("wb") as log:
            process = subprocess.Popen(
                ["bash", "-euc", self.adapted(block.text)],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _await_ready(process, log_path, place)
        except BaseException:
            _stop(process, place)
            raise
        return process, place


def _await_ready(process: subprocess.Popen[bytes], log_path: Path, place: str) -> None:
    deadline_s = time.monotonic() + READY_S_MAX
    while not re.search(rb"^ready", log_path.read_bytes(), re.MULTILINE):
        said = log_path.read_text(encoding="utf-8", errors="replace")
        assert process.poll() is None, f"{place}: ended with {process.returncode}\n{said}"
        assert time.monotonic() < deadline_s, f"{place}: not ready in {READY_S_MAX:.0f} s\n{said}"
        time.sleep(POLL_S)


def _stop(process: subprocess.Popen[bytes], place: str) -> None:
    """End its whole group; a document may have ended it already."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(STOP_S_MAX)
    except ProcessLookupError:
        process.wait(STOP_S_MAX)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_S_MAX)
        raise AssertionError(f"{place}: did not end in {STOP_S_MAX:.0f} s after SIGTERM") from None
