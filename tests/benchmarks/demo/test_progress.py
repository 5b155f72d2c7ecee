"""Progress: plain lines now and then where there is no terminal, bars where there is one."""

import io

from rich.console import Console

from benchmarks.demo.figures import Moment
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
    assert "10,000 of 10,000 inquiries acknowledged, 4,000 answered; 20 queries sent, 28 ended" in lines[2]
    assert "\x1b" not in "".join(lines)


def test_terminal_gets_bars() -> None:
    written = shown(terminal=True)
    assert "\x1b" in written
    assert "7000/9124" in written
