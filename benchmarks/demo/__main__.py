"""The demo: `python -m benchmarks.demo --scenario calm|storm|outage|liars|night`.

Writes demo.json, demo.png and holds.png and exits with 0 only if every invariant of the scenario holds.
Parses arguments, prints, writes; the run itself is benchmarks.demo.run.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.claim import EXIT_CLAIMED, ClaimError, claim
from benchmarks.demo.hold_picture import draw_holds
from benchmarks.demo.invariants import ACCEPTED_COUNT, COMMON, QUERY_COUNT, SENT_COUNT, judge
from benchmarks.demo.outcome import Outcome
from benchmarks.demo.picture import draw
from benchmarks.demo.progress import RunProgress
from benchmarks.demo.run import run_scenario
from benchmarks.demo.scenarios import PLANS
from benchmarks.demo.summary import (
    print_blacklist,
    print_holds,
    print_judgement,
    print_summary,
    print_tracker,
)
from benchmarks.interrupt import EXIT_INTERRUPTED, cancel_on_signals

EXIT_WRONG = 1


def main() -> int:
    """The exit code: 0 right, 1 wrong or broken down, 2 the folder is another run's, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.demo", description=__doc__)
    parser.add_argument("--scenario", choices=sorted(PLANS), default="calm")
    parser.add_argument("--seed", type=int, default=1, help="of the simulated population")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of report, picture and logs")
    given = parser.parse_args()
    errors = Console(stderr=True)
    try:
        with claim(given.out):
            return _demo(given.scenario, given.seed, given.out, errors)
    except ClaimError as error:
        errors.print(str(error), style="bold red", markup=False, highlight=False, soft_wrap=True)
        return EXIT_CLAIMED


def _demo(scenario: str, seed: int, out: Path, errors: Console) -> int:
    try:
        outcome = asyncio.run(_run(scenario, seed, out, errors))
    except (KeyboardInterrupt, asyncio.CancelledError):
        errors.print("interrupted; everything that was started is stopped")
        return EXIT_INTERRUPTED
    except Exception as error:  # the end of the program: every cause is told, and the exit code says it
        for cause in _causes(error):
            errors.print(
                f"broken down: {type(cause).__name__}: {cause}",
                style="bold red",
                markup=False,
                soft_wrap=True,
            )
        return EXIT_WRONG
    return _conclude(outcome, scenario, out)


async def _run(scenario: str, seed: int, out: Path, errors: Console) -> Outcome:
    """The run, ended in order also by signals."""
    cancel_on_signals()
    with RunProgress(errors, SENT_COUNT, ACCEPTED_COUNT, QUERY_COUNT) as progress:
        return await run_scenario(scenario, PLANS[scenario], seed, out, progress)


def _conclude(outcome: Outcome, scenario: str, out: Path) -> int:
    """Write report and picture, print summary and judgement."""
    report = outcome.evidence.report
    violations = judge(outcome.evidence, {**COMMON, **PLANS[scenario].invariants})
    text = json.dumps(report.as_json(), indent=2) + "\n"
    (out / "demo.json").write_text(text, encoding="utf-8")
    draw(report, outcome.figures, out / "demo.png")
    draw_holds(scenario, report.holds, outcome.hold_figures, out / "holds.png")
    console = Console()
    print_summary(console, report, outcome.figures, outcome.evidence.truth_query_count)
    print_holds(console, report.holds, outcome.hold_figures)
    print_tracker(console, report.tracker, report.tracked_seconds)
    print_blacklist(console, report.blacklist, report.listed_seconds)
    written = ", ".join(str(out / name) for name in ("demo.json", "demo.png", "holds.png"))
    console.print(f"Written: {written}", highlight=False, soft_wrap=True)
    print_judgement(console, violations, outcome.mismatches)
    return EXIT_WRONG if violations else 0


def _causes(error: BaseException) -> list[BaseException]:
    """What is at the leaves of a tree of exception groups."""
    if isinstance(error, BaseExceptionGroup):
        return [cause for inner in error.exceptions for cause in _causes(inner)]
    return [error]


if __name__ == "__main__":
    sys.exit(main())
