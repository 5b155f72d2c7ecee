"""`chakong conform`: exit codes, and the real simulator as a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from conformance.registry import CHECKS
from runtime.cli import app
from runtime.config import GRPC_VARIABLE
from tests.docs.papers import ROOT, blocks

READY_S_MAX = 120.0
STOP_S_MAX = 120.0


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # Set, so that it is put back afterwards whatever the command makes of it.
    monkeypatch.setenv(GRPC_VARIABLE, os.environ.get(GRPC_VARIABLE, "NONE"))


@pytest.fixture
def fixture_path(tmp_path: Path) -> Path:
    """The one of the page for institutions."""
    path = tmp_path / "conformance.toml"
    (text,) = [one.text for one in blocks("docs/institutions.md") if one.file_name == path.name]
    path.write_text(text, encoding="utf-8")
    return path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["conform", *arguments])


class TestProcess:
    """Against `chakong simulate` with misbehaving books."""

    @pytest.fixture
    def address(self) -> Iterator[str]:
        options = (
            "--one-address",
            "--port",
            "0",
            "--test-bench",
            "--books",
            "reply_twice",
            "--books-rate",
            "1",
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "simulator", *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("ready ")
            yield line.rpartition("first=")[2].strip()
        finally:
            process.terminate()
            process.wait(STOP_S_MAX)
            if process.stdout is not None:
                process.stdout.close()

    def test_it_ends_with_1_when_a_check_fails_and_with_0_when_those_run_passed(
        self, address: str, fixture_path: Path, tmp_path: Path
    ) -> None:
        report = tmp_path / "report.json"
        options = (address, "--fixture", str(fixture_path), "--report", str(report))
        outcome = call(*options)
        assert outcome.exit_code == 1, outcome.output
        content = json.loads(report.read_text(encoding="utf-8"))
        states = {one["number"]: one["state"] for one in content["checks"]}
        assert set(states) == {check.number for check in CHECKS}
        assert [number for number, state in states.items() if state == "failed"] == [402]
        assert "402 failed" in outcome.output
        assert call(*options, "--only", "401", "--only", "501").exit_code == 0
        assert len(json.loads(report.read_text(encoding="utf-8"))["checks"]) == 2


def test_the_list_has_every_check() -> None:
    outcome = CliRunner(env={"COLUMNS": "250"}).invoke(app, ["conform", "--list"])
    assert outcome.exit_code == 0
    for check in CHECKS:
        assert f" {check.number} " in outcome.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "ADDRESS and --fixture are required"),
        (("127.0.0.1:1",), "ADDRESS and --fixture are required"),
        (("nowhere", "--fixture", "f.toml"), "ADDRESS: must be host:port"),
        (("127.0.0.1:1", "--fixture", "none.toml"), "none.toml: No such file"),
        (("--list", "--only", "3"), "--only: 3 given"),
    ],
)
def test_called_wrong_it_ends_with_2_and_says_why(arguments: tuple[str, ...], said: str) -> None:
    outcome = call(*arguments)
    assert outcome.exit_code == 2
    assert said in outcome.stderr


def test_a_report_that_cannot_be_written_is_seen_before_anything_is_held(fixture_path: Path) -> None:
    report = fixture_path.parent / "none" / "report.json"
    outcome = call("127.0.0.1:1", "--fixture", str(fixture_path), "--report", str(report))
    assert outcome.exit_code == 2
    assert "--report" in outcome.stderr
