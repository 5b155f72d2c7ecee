"""A day, much smaller: all is answered and projected; the command's exit code says whether it was right."""

import io

import pytest
from rich.console import Console

from benchmarks.bench import day
from benchmarks.bench.day import INQUIRY_COUNT, MESSAGE_INQUIRIES, MESSAGES_PER_COURT, Day, Moment, Say, Show
from benchmarks.bench.result import WrongAnswerError
from benchmarks.bench.streams import COURTS

SHARE = 455
RIGHT = Day(14.0, 5.0, 54_600, 213_813_600, 280_000, {"gateway": 4.0}, {"gateway": 1})


async def test_small_day_is_answered_and_projected() -> None:
    moments: list[Moment] = []
    said: list[str] = []
    came = await day.one_day(SHARE, moments.append, said.append)
    assert came.inquiry_count == INQUIRY_COUNT // SHARE
    assert came.query_count == came.inquiry_count * 3_916
    assert 0 < came.answered_s <= came.seconds
    assert (moments[-1].final_count, moments[-1].behind_frames) == (came.inquiry_count, 0)
    assert moments[-1].query_count == came.query_count
    assert [line.partition(";")[0] for line in said] == ["The clock has stopped"]


def test_courts_messages_make_a_whole_day() -> None:
    assert len(COURTS) * MESSAGES_PER_COURT * MESSAGE_INQUIRIES == INQUIRY_COUNT


def run_with(monkeypatch: pytest.MonkeyPatch, error: BaseException | None) -> tuple[int, str]:
    async def one_day(share: int, show: Show, say: Say) -> Day:
        show(Moment(1.0, 10, 5, 19_580, 8, 3))
        say("The clock has stopped")
        if error is not None:
            raise error
        assert share == 1
        return RIGHT

    monkeypatch.setattr(day, "one_day", one_day)
    written = io.StringIO()
    return day.run_day(Console(file=written, width=200)), written.getvalue()


def test_right_day_is_shown_and_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = run_with(monkeypatch, None)
    assert code == 0
    assert "19,580 queries" in text
    assert "The clock has stopped\n" in text
    assert "213,813,600 queries answered in 5.0 s, 42.8 million a second" in text
    assert "All of it in the tables after 14.0 s" in text


def test_wrong_answer_fails_the_day_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = run_with(monkeypatch, ExceptionGroup("both", [WrongAnswerError("final answers: 3 came")]))
    assert code == 1
    assert "WrongAnswerError: final answers: 3 came" in text


def test_interrupted_day_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = run_with(monkeypatch, KeyboardInterrupt())
    assert code == 130
    assert "stopped" in text


def test_bars_on_a_terminal_show_all_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async def one_day(share: int, show: Show, say: Say) -> Day:
        show(Moment(1.0, 10, 5, 19_580, 8, 3))
        show(Moment(9.0, INQUIRY_COUNT, INQUIRY_COUNT, 213_813_600, 900, 300))
        show(Moment(14.0, INQUIRY_COUNT, INQUIRY_COUNT, 213_813_600, 900, 0))
        return RIGHT

    monkeypatch.setattr(day, "one_day", one_day)
    written = io.StringIO()
    console = Console(file=written, width=120, force_terminal=True, color_system=None)
    assert day.run_day(console) == 0
    text = written.getvalue()
    for name, total in (
        ("inquiries accepted", "54,600 of 54,600"),
        ("inquiries answered", "54,600 of 54,600"),
        ("queries answered", "213,813,600 of 213,813,600"),
        ("frames in the tables", "900 of 900"),
    ):
        assert any(name in line and total in line for line in text.splitlines())
