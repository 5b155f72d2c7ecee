"""Report: verdicts for people, on a terminal, and for programs, as JSON.

It quotes what the contract speaks of; no name and no number of a person is in it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from conformance.check import Check
from conformance.registry import section
from conformance.verdict import State, Verdict

FORMAT: Final = 1
SECOND_NS: Final = 1_000_000_000
STYLES: Final = {State.PASSED: "green", State.FAILED: "bold red", State.NOT_RUN: "yellow"}
INDENT: Final = " " * 14


class Printed:
    """Prints each verdict as it comes, under the heading of its section."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._section = ""

    def add(self, check: Check, verdict: Verdict) -> None:
        if section(check.number) != self._section:
            self._section = section(check.number)
            self._console.print(Text(f"\n{self._section}", style="bold"))
        line = Text(f"{check.number:>4} ")
        line.append(f"{verdict.state.value:<8} ", style=STYLES[verdict.state])
        line.append(check.name)
        self._console.print(line, soft_wrap=True)
        for word, said in _reasons(check, verdict):
            self._console.print(Text(f"{INDENT}{word:<9}{_printable(said)}", style="dim"), soft_wrap=True)

    def end(self, verdicts: Sequence[Verdict]) -> None:
        """The last line."""
        counts = counted(verdicts)
        said = ", ".join(f"{counts[state.value]} {state.value}" for state in State)
        self._console.print(Text(f"\n{said}", style="bold"))


def document(
    address: str, endpoint: str, now_ns: int, pairs: Iterable[tuple[Check, Verdict]]
) -> dict[str, object]:
    """What goes into the JSON file."""
    known = list(pairs)
    return {
        "format": FORMAT,
        "contract": "chakong.institution.v1",
        "address": address,
        "endpoint": endpoint,
        "ended_at": datetime.fromtimestamp(now_ns // SECOND_NS, UTC).isoformat(),
        "counts": counted([verdict for _, verdict in known]),
        "checks": [
            {
                "number": check.number,
                "section": section(check.number),
                "name": check.name,
                "basis": check.basis,
                "state": verdict.state.value,
                "expected": verdict.expected,
                "came": verdict.came,
                "reason": verdict.reason,
                "took_ms": verdict.took_ms,
            }
            for check, verdict in known
        ],
    }


def counted(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How many there are of each state."""
    found = Counter(verdict.state for verdict in verdicts)
    return {state.value: found[state] for state in State}


def write(path: Path, content: dict[str, object]) -> None:
    """OSError when it cannot be written."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _printable(said: str) -> str:
    """What an endpoint says may hold anything."""
    return "".join(character if character.isprintable() else "?" for character in said)


def _reasons(check: Check, verdict: Verdict) -> list[tuple[str, str]]:
    if verdict.state is State.FAILED:
        return [("expected", verdict.expected), ("came", verdict.came), ("basis", check.basis)]
    return [("because", verdict.reason)] if verdict.state is State.NOT_RUN else []
