"""Every command and example of the documents is run, and every file and name they mention exists.

Not run here: `make demo`, `make test`, `make load` and `make bench`, which run what this is a part of; that
they are targets of the Makefile is checked.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from runtime.config import Config

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")] if path.is_file())
BLOCK = re.compile(r"^```(\w+)( background)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)(#[^)]*)?\)")
RUN_DOCUMENTS = ("README.md", "docs/operators.md", "docs/institutions.md")
READY_S_MAX = 40
COMMAND_S_MAX = 90


@pytest.fixture
def environment() -> dict[str, str]:
    """The programs of this installation go before others."""
    bin_folder = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


@contextmanager
def background(command: str, folder: Path, environment: dict[str, str]) -> Iterator[None]:
    """Runs until the end of the document; both services say when they are ready."""
    process = subprocess.Popen(
        ["bash", "-c", f"exec {command.strip()}"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        deadline_s = time.monotonic() + READY_S_MAX
        line = ""
        while "ready" not in line:
            assert time.monotonic() < deadline_s, f"{command!r} said nothing"
            assert process.poll() is None, f"{command!r} ended with {process.returncode}"
            line += process.stdout.readline() or ""
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


def run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=COMMAND_S_MAX,
        check=False,
    )
    assert done.returncode == 0, f"{command[-1]}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("name", RUN_DOCUMENTS)
def test_commands_and_examples_of_a_document_run(
    name: str, tmp_path: Path, environment: dict[str, str]
) -> None:
    with ExitStack() as services:
        for language, is_background, text in BLOCK.findall((ROOT / name).read_text(encoding="utf-8")):
            if is_background:
                services.enter_context(background(text, tmp_path, environment))
            elif language == "sh":
                kept = [line for line in text.splitlines() if not line.startswith("make ")]
                run(["bash", "-euc", "\n".join(kept)], tmp_path, environment)
            elif language == "python":
                run([sys.executable, "-c", text], tmp_path, environment)


def test_every_document_with_commands_is_run() -> None:
    with_commands = {
        str(path.relative_to(ROOT))
        for path in DOCUMENTS
        if any(
            language in ("sh", "python") for language, _, _ in BLOCK.findall(path.read_text(encoding="utf-8"))
        )
    }
    # The simulator's tests run those of the page of scenarios.
    assert with_commands - {"docs/scenarios.md"} == set(RUN_DOCUMENTS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    targets = [target for target, _ in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in target]
    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_exist(path: Path) -> None:
    targets = re.findall(r"`?\bmake ([a-z-]+)(?: [A-Z]+=\w+)?`", path.read_text(encoding="utf-8"))
    targets += re.findall(r"^make ([a-z-]+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


def test_every_configuration_key_is_documented_with_its_default() -> None:
    documented = dict(
        re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| `([^`]*)` \|", read("docs/operators.md"), re.MULTILINE)
    )
    known: dict[str, str] = {}
    for section, field in Config.model_fields.items():
        for key, value in getattr(field.annotation, "model_fields", {}).items():
            default = value.get_default(call_default_factory=True)
            known[f"{section}.{key}"] = "" if default is None else written(default)
    assert documented == known


def written(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


def test_every_metric_named_is_one_the_gateway_has() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "gateway" / "edge").glob("*.py"))
    known = set(re.findall(r'"(chakong_[a-z_]+)"', source))
    for document in DOCUMENTS:
        for name in re.findall(r"`(chakong_[a-z_]+)`", document.read_text(encoding="utf-8")):
            assert name in known or name.removesuffix("_total") in known, f"{document.name}: {name}"


def test_every_file_of_the_code_map_exists() -> None:
    rows = read("ARCHITECTURE.md").split("## Code map")[1].split("## Decisions")[0]
    for path in re.findall(r"^\| `([a-z_/.]+)`", rows, re.MULTILINE):
        assert (ROOT / path).exists(), path
    assert set(re.findall(r"\b[a-z]+\b", rows.split("Within `gateway/core`")[1])) >= {
        path.stem for path in (ROOT / "gateway" / "core").glob("*.pyx") if not path.stem.startswith("testing")
    }


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")
