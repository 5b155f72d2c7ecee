"""The benchmarks: `python -m benchmarks.bench [--quick] [--only NAME ...]`.

Runs all named benchmarks, or with --services those of the services beside the gateway, prints a table and
writes out/bench.json, where what was measured before and not now stays. Exits with 0 when all were measured
right, 1 when one failed; a target that was missed is no failure. It measures nothing itself.
"""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.bench import machine, report
from benchmarks.bench.runner import (
    MODULES,
    SERVICES,
    Failure,
    Module,
    Outcome,
    chosen,
    is_chosen,
    run_modules,
)
from benchmarks.bench.scratch import OUT
from benchmarks.bench.targets import TARGETS
from benchmarks.interrupt import EXIT_INTERRUPTED
from runtime.config import quiet_grpc

EXIT_FAILED = 1
NAME = "bench.json"
PLAIN_COLUMNS = 160


def main() -> int:
    """The exit code: 0 right, 1 wrong or broken down, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="smaller and fewer runs: 3 minutes instead of 20"
    )
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="names, or first words of names"
    )
    parser.add_argument(
        "--services", action="store_true", help="the services beside the gateway, within 20 minutes"
    )
    parser.add_argument("--out", type=Path, default=OUT, help="folder of bench.json")
    given = parser.parse_args()
    unknown = [name for name in given.only if not any(is_chosen(known, [name]) for known in TARGETS)]
    if unknown:
        parser.error(f"--only: {', '.join(unknown)} given, must be of {', '.join(TARGETS)}")
    # Also where a shell started it with SIGINT ignored; both end the module that runs.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    # Of the processes that measure: what they start, they start beside their own calls.
    quiet_grpc()
    errors = Console(stderr=True)
    where = machine.describe()
    try:
        outcomes = _measure(SERVICES if given.services else MODULES, given.only, given.quick, errors)
    except KeyboardInterrupt:
        errors.print("interrupted; everything that was started is stopped")
        return EXIT_INTERRUPTED
    made = report.document(where, outcomes, quick=given.quick, before=_before(given.out))
    return _conclude(made, outcomes, given.out)


def _before(out: Path) -> dict[str, Any]:
    """What was measured before; empty: nothing, or nothing that can be read."""
    try:
        made = json.loads((out / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return made if isinstance(made, dict) else {}


def _measure(among: Sequence[Module], only: Sequence[str], quick: bool, errors: Console) -> list[Outcome]:
    """A line for each benchmark as it comes; on a terminal also what is measured now."""
    outcomes: list[Outcome] = []
    modules = chosen(among, only)
    with errors.status("") as status:

        def look(names: str, taken_s: float) -> None:
            status.update(f"{names}: {taken_s:.0f} s")
            if not (taken_s or errors.is_terminal):
                errors.print(f"{names} ...", highlight=False, soft_wrap=True)

        for outcome in run_modules(modules, quick, look):
            if is_chosen(outcome.name, only):
                outcomes.append(outcome)
                errors.print(report.result_line(outcome), markup=False, highlight=False, soft_wrap=True)
    return outcomes


def _conclude(made: dict[str, object], outcomes: Sequence[Outcome], out: Path) -> int:
    """Write the document, print table and growth."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / NAME
    path.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    terminal = Console()
    # Elsewhere than on a terminal there is no width to keep to.
    console = terminal if terminal.is_terminal else Console(width=PLAIN_COLUMNS)
    console.print(report.machine_line(made), highlight=False, soft_wrap=True)
    console.print(report.table(made))
    for line in (*report.growth_lines(made), *report.kept_lines(made)):
        console.print(line, highlight=False, soft_wrap=True)
    console.print(f"Written: {path}", highlight=False, soft_wrap=True)
    return EXIT_FAILED if any(isinstance(outcome, Failure) for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
