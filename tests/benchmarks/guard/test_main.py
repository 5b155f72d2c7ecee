"""The guard as a command: exit codes, and what is said. Nothing is counted here."""

import json
import sys
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.guard import __main__ as guard

BASELINE = {
    "made_with": "cc 1, Cython 3, Python 3, x86_64",
    "instructions": {"engine.mixed": 1000},
    "modules": {"engine.mixed": {"route": 600, "book": 400}},
}


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """What will be counted, by module; to be changed by the test."""
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps(BASELINE))
    found = {"route": 600, "book": 400}
    monkeypatch.setattr(guard, "BASELINE", path)
    monkeypatch.setattr(guard, "made_with", lambda: BASELINE["made_with"])
    monkeypatch.setattr(guard, "_count", lambda console: [("engine.mixed", found)])
    monkeypatch.setattr(guard, "Console", lambda: Console(width=200))
    monkeypatch.setattr(sys, "argv", ["guard"])
    return found


@pytest.mark.usefixtures("counted")
def test_an_engine_as_fast_as_its_baseline_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert guard.main() == 0
    assert "+0.00%" in capsys.readouterr().out


def test_an_engine_five_hundredths_slower_fails_and_its_module_is_named(
    counted: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    counted["book"] += 50
    assert guard.main() == 1
    said = capsys.readouterr().out
    assert "+5.00%" in said
    assert "most grew book +50" in said


def test_a_baseline_that_lets_too_much_pass_fails(
    counted: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    counted["book"] -= 50
    assert guard.main() == 1
    assert "MOVE=1" in capsys.readouterr().out


def test_the_baseline_is_moved_on_purpose(counted: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    counted["book"] += 50
    monkeypatch.setattr(sys, "argv", ["guard", "--move"])
    assert guard.main() == 0
    monkeypatch.setattr(sys, "argv", ["guard"])
    assert guard.main() == 0


@pytest.mark.usefixtures("counted")
def test_another_compiler_is_not_compared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(guard, "made_with", lambda: "cc 2")
    assert guard.main() == 2
    assert "not to be compared" in capsys.readouterr().out
