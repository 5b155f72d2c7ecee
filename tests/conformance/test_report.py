"""Report: on a terminal and as JSON the same verdicts, with what was expected and what came."""

import json
from io import StringIO
from pathlib import Path

from rich.console import Console

from conformance.registry import CHECKS
from conformance.report import Printed, counted, document, write
from conformance.verdict import State, Verdict

VERDICTS = [
    Verdict(CHECKS[0].number, State.PASSED, took_ms=3),
    Verdict(CHECKS[1].number, State.FAILED, "[bold]DONE[/bold]", "REFUSED\x1b[2J"),
    Verdict(CHECKS[2].number, State.NOT_RUN, reason="the fixture names no accounts.thing"),
]
PAIRS = list(zip(CHECKS[:3], VERDICTS, strict=True))


def printed() -> str:
    stream = StringIO()
    shown = Printed(Console(file=stream, width=60))
    for check, verdict in PAIRS:
        shown.add(check, verdict)
    shown.end(VERDICTS)
    return stream.getvalue()


def test_a_failure_is_printed_with_its_basis_and_without_what_a_terminal_would_obey() -> None:
    lines = printed().splitlines()
    assert f" {CHECKS[0].number} passed   {CHECKS[0].name}" in lines
    assert "              expected [bold]DONE[/bold]" in lines
    assert "              came     REFUSED?[2J" in lines
    assert f"              basis    {CHECKS[1].basis}" in lines
    assert "              because  the fixture names no accounts.thing" in lines
    assert lines[-1] == "1 passed, 1 failed, 1 not run"


def test_the_document_has_every_verdict(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write(path, document("127.0.0.1:1", "union-11", 1_795_000_000_000_000_000, PAIRS))
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["counts"] == {"passed": 1, "failed": 1, "not run": 1}
    assert content["ended_at"].startswith("2026-11-18T")
    assert [one["number"] for one in content["checks"]] == [check.number for check in CHECKS[:3]]
    assert content["checks"][1]["expected"] == "[bold]DONE[/bold]"
    assert content["checks"][1]["basis"] == CHECKS[1].basis


def test_states_that_do_not_occur_are_counted_too() -> None:
    assert counted([]) == {"passed": 0, "failed": 0, "not run": 0}
