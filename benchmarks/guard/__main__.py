"""The guard: `python -m benchmarks.guard`, or with --move to make what is measured now the baseline.

Counts the Engine's instructions under valgrind and compares them with baseline.json. Exits with 0, 1 when a
benchmark takes 2 % more instructions, or 2 % fewer, so that the baseline has to be moved; 2 when nothing can
be said. No clock is read.
"""

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.guard.counts import SLOWER_MAX, by_module, judge
from benchmarks.guard.tapes import tapes

BASELINE = Path(__file__).with_name("baseline.json")
RUN_S_MAX = 600
EXIT_SLOWER = 1
EXIT_UNKNOWN = 2


class CountError(Exception):
    """Nothing could be counted; its text is for the user."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.guard", description=__doc__)
    parser.add_argument("--move", action="store_true", help="make what is counted now the baseline")
    given = parser.parse_args()
    console = Console()
    try:
        tools = made_with()
        modules = dict(_count(console))
    except CountError as error:
        console.print(str(error), highlight=False, soft_wrap=True)
        return EXIT_UNKNOWN
    now = {name: sum(counted.values()) for name, counted in modules.items()}
    if given.move:
        made = {"made_with": tools, "instructions": now, "modules": modules}
        BASELINE.write_text(json.dumps(made, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        console.print(f"Written: {BASELINE}", highlight=False, soft_wrap=True)
        return 0
    return _compare(console, tools, now, modules)


def made_with() -> str:
    """What decides which instructions a source becomes. CountError without compiler or valgrind."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or shutil.which("valgrind") is None:
        raise CountError("valgrind and cc are needed (Debian: valgrind, gcc)")
    ran = subprocess.run([compiler, "-dumpfullversion"], capture_output=True, text=True, check=True)
    python = ".".join(platform.python_version_tuple()[:2])
    return f"cc {ran.stdout.strip()}, Cython {version('cython')}, Python {python}, {platform.machine()}"


def _count(console: Console) -> list[tuple[str, dict[str, int]]]:
    found = []
    with tempfile.TemporaryDirectory(prefix="chakong-guard-") as folder, console.status("") as status:
        for name, tape in tapes():
            status.update(f"{name}: half a minute or so")
            path = Path(folder) / "tape.json"
            tape.write(path)
            found.append((name, _instructions(path, Path(folder) / "callgrind.out")))
    return found


def _instructions(tape: Path, out: Path) -> dict[str, int]:
    command = ["env", "PYTHONHASHSEED=0", "valgrind", "--tool=callgrind", "--quiet"]
    command += [f"--callgrind-out-file={out}", sys.executable, "-m", "benchmarks.guard.replay", str(tape)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=RUN_S_MAX, check=False)
    if ran.returncode != 0:
        raise CountError(f"replay ended with {ran.returncode}: {ran.stderr.strip()[-2_000:]}")
    with out.open(encoding="utf-8") as lines:
        return by_module(lines)


def _compare(console: Console, tools: str, now: dict[str, int], modules: dict[str, dict[str, int]]) -> int:
    baseline = json.loads(BASELINE.read_text(encoding="utf-8"))
    if baseline["made_with"] != tools:
        console.print(
            f"baseline: made with {baseline['made_with']}, here is {tools}: not to be compared; "
            "check out what it was made from, then: make bench-guard MOVE=1",
            highlight=False,
            soft_wrap=True,
        )
        return EXIT_UNKNOWN
    verdicts = judge(now, baseline["instructions"])
    table = Table("benchmark", "instructions", "baseline", "change", "")
    for verdict in verdicts:
        told = "slower" if verdict.is_slower else "faster" if verdict.is_stale else "right"
        row = (verdict.name, f"{verdict.now:,}", f"{verdict.baseline:,}", f"{verdict.slower:+.2%}", told)
        table.add_row(*row)
    console.print(table)
    slower = [verdict for verdict in verdicts if verdict.is_slower]
    for verdict in slower:
        before = baseline["modules"][verdict.name]
        grown = {module: count - before.get(module, 0) for module, count in modules[verdict.name].items()}
        most = sorted(grown, key=lambda module: -grown[module])[:3]
        named = ", ".join(f"{module} {grown[module]:+,}" for module in most)
        console.print(f"{verdict.name}: most grew {named}", highlight=False, soft_wrap=True)
    if slower:
        console.print(f"More than {SLOWER_MAX:.0%} slower. On purpose? make bench-guard MOVE=1")
        return EXIT_SLOWER
    if any(verdict.is_stale for verdict in verdicts):
        console.print(
            f"More than {SLOWER_MAX:.0%} faster: the baseline lets too much pass. make bench-guard MOVE=1"
        )
        return EXIT_SLOWER
    return 0


if __name__ == "__main__":
    sys.exit(main())
