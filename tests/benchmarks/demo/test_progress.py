"""Progress: plain lines now and then where there is no terminal, bars where there is one."""

import io

from rich.console import Console

from benchmarks.demo.figures import Moment
from benchmarks.demo.hold_figures import HoldMoment
from benchmarks.demo.progress import RunProgress


def shown(*, terminal: bool) -> str:
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=120)
    with RunProgress(console, 10_000, 9_124, 23_896_870) as progress:
        progress.stage("Starting")
        for step in range(8):
            progress.show(Moment(step * 0.5, 10_000, step * 1_000, step * 5, step * 7))
    return written.getvalue()


def test_plain_lines_come_every_two_seconds() -> None:
    lines = shown(terminal=False).splitlines()
    assert lines[0] == "Starting"
    assert len(lines) == 3
    assert "10,000 of 10,000 inquiries acknowledged; 20 queries sent; " in lines[2]
    assert lines[2].endswith("4,000 inquiries answered, with all their 28 queries")
    assert "\x1b" not in "".join(lines)


def test_controls_are_shown_too() -> None:
    for terminal in (False, True):
        written = io.StringIO()
        console = Console(file=written, force_terminal=terminal, width=120)
        with RunProgress(console, 1, 1, 1) as progress:
            for step in range(5):
                progress.show_holds(HoldMoment(step * 1.0, 3_000, step * 500, 123_400))
        text = written.getvalue()
        assert (
            "2000/3000" if terminal else "2,000 of 3,000 controls have an outcome; 1,234 yuan held"
        ) in text
        assert terminal or len(text.splitlines()) == 3


def test_events_at_the_tracker_are_shown_too() -> None:
    for terminal in (False, True):
        written = io.StringIO()
        console = Console(file=written, force_terminal=terminal, width=120)
        with RunProgress(console, 1, 1, 1) as progress:
            for step in range(5):
                progress.show_events(step * 1.0, step * 500, 3_000)
        text = written.getvalue()
        wanted = "2000/3000" if terminal else "2,000 of 3,000 answers and holds are at the tracker"
        assert wanted in text
        assert terminal or len(text.splitlines()) == 3


def test_terminal_gets_bars() -> None:
    written = shown(terminal=True)
    assert "\x1b" in written
    assert "7000/9124" in written


def test_clock_of_the_bars_starts_with_the_first_message() -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=120)
    with RunProgress(console, 10, 9, 8) as progress:
        progress.show(Moment(0.0, 0, 0, 0, 0))
    assert "0:00:0" not in written.getvalue()
    assert "-:--:--" in written.getvalue()
    with RunProgress(console, 10, 9, 8) as progress:
        progress.show(Moment(0.1, 1, 0, 0, 0))
    assert "0:00:0" in written.getvalue()
