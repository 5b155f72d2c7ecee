"""The demo's face: exit codes, files written, every cause told."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.claim import EXIT_CLAIMED, claim
from benchmarks.demo import __main__ as demo
from benchmarks.demo.outcome import Outcome
from benchmarks.verdicts import Mismatch
from tests.benchmarks.demo import made

RIGHT = Outcome(made.evidence(), made.figures(), (), made.hold_figures())
WRONG = Outcome(
    made.evidence(missing_final_count=2),
    made.figures(),
    (Mismatch("o-1", "ok", "bad_length"),),
    made.no_hold_figures(),
)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Outcome | BaseException], int]:
    def run_with(result: Outcome | BaseException) -> int:
        async def run_scenario(*_arguments: object) -> Outcome:
            await asyncio.sleep(0)
            if isinstance(result, BaseException):
                raise result
            return result

        monkeypatch.setattr(demo, "run_scenario", run_scenario)
        monkeypatch.setattr("sys.argv", ["demo", "--scenario", "calm", "--out", str(tmp_path)])
        return demo.main()

    return run_with


def test_right_run_writes_report_and_picture_and_exits_with_0(
    run: Callable[[Outcome | BaseException], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(RIGHT) == 0
    assert json.loads((tmp_path / "demo.json").read_text())["queries"]["total"] == made.QUERY_COUNT
    assert json.loads((tmp_path / "demo.json").read_text())["holds"]["claims"] == 1_000
    for picture in ("demo.png", "holds.png"):
        assert (tmp_path / picture).read_bytes().startswith(b"\x89PNG")
    assert "All invariants hold." in capsys.readouterr().out


def test_wrong_run_names_what_is_wrong_and_exits_with_1(
    run: Callable[[Outcome | BaseException], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(WRONG) == 1
    told = capsys.readouterr().out
    assert "VIOLATED every_accepted_inquiry_final" in told
    assert "verdict on o-1" in told
    assert (tmp_path / "demo.json").exists()


def test_break_down_tells_every_cause_and_exits_with_1(
    run: Callable[[Outcome | BaseException], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    group = ExceptionGroup(
        "g", [RuntimeError("gateway: ended with -9"), ExceptionGroup("h", [OSError("gone")])]
    )
    assert run(group) == 1
    told = capsys.readouterr().err
    assert "broken down: RuntimeError: gateway: ended with -9" in told
    assert "broken down: OSError: gone" in told
    assert not (tmp_path / "demo.json").exists()


def test_second_run_into_the_same_folder_is_refused_with_2(
    run: Callable[[Outcome | BaseException], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with claim(tmp_path):
        assert run(RIGHT) == EXIT_CLAIMED
    assert "writes there now" in capsys.readouterr().err
    assert not (tmp_path / "demo.json").exists()
    assert run(RIGHT) == 0


@pytest.mark.parametrize("error", [KeyboardInterrupt(), asyncio.CancelledError()])
def test_interrupted_run_exits_with_130(
    run: Callable[[Outcome | BaseException], int], error: BaseException
) -> None:
    assert run(error) == 130
