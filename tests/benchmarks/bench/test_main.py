"""The command: its exit code, its file, and what it refuses."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.bench import __main__ as module
from benchmarks.bench.runner import Module
from benchmarks.bench.targets import TARGETS

HERE = "tests.benchmarks.bench"
NAMES = ("memory.bytes_per_open_inquiry", "journal.vs_raw")


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """The command takes both signals for itself."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def run(monkeypatch: pytest.MonkeyPatch, measuring: str, *arguments: str) -> int:
    monkeypatch.setattr(module, "MODULES", (Module(f"{HERE}.{measuring}", NAMES),))
    monkeypatch.setattr("sys.argv", ["bench", "--quick", *arguments])
    return module.main()


def test_all_measured_right(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "measuring_right", "--out", str(tmp_path / "out")) == 0
    made = json.loads((tmp_path / "out" / "bench.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in made["results"]] == list(TARGETS)
    assert [row["name"] for row in made["results"] if row["ours"] is not None] == list(reversed(NAMES))
    assert made["machine"]["cores"]
    shown = capsys.readouterr()
    assert "journal.vs_raw" in shown.out
    assert "memory.bytes_per_open_inquiry, journal.vs_raw ..." in shown.err


def test_wrong_answer_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert run(monkeypatch, "measuring_wrong", "--out", str(tmp_path)) == 1
    made = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    (failed,) = [row for row in made["results"] if row["name"] == "journal.vs_raw"]
    assert "final answers: 3999 came, must be 4000" in failed["note"]


def test_only_the_named_are_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert run(monkeypatch, "measuring_right", "--only", "journal", "--out", str(tmp_path)) == 0
    made = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in made["results"] if row["ours"] is not None] == ["journal.vs_raw"]


def test_name_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        run(monkeypatch, "measuring_right", "--only", "journal.speed")
    assert exit_.value.code == 2
    assert "journal.speed given" in capsys.readouterr().err
