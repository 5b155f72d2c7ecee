"""What the core's benchmarks share: how a loop is measured, the directory, the packaged sample.

A benchmark is grouped by the module it is of. pytest-benchmark's table shows what a loop takes; the list
behind it, what one turn of the loop does. `--benchmark-disable` runs every loop once, at a hundredth of its
size: it shows that the benchmarks still work.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from benchmarks.sample import CourtSample, load_sample
from gateway.directory import Directory

ROUND_COUNT = 15
SMALLER = 100
_LINES = pytest.StashKey[list[str]]()

Made = TypeVar("Made")
Result = TypeVar("Result")


class Measure:
    """Of one benchmark: `measure(work, make, count)`."""

    def __init__(self, benchmark: Any, module: str, lines: list[str]) -> None:
        benchmark.group = module
        self._benchmark = benchmark
        self._lines = lines

    def size(self, count: int) -> int:
        """How many things to measure with: `count`, or fewer when nothing is measured."""
        return count if self._benchmark.enabled else max(count // SMALLER, 1)

    def __call__(
        self, work: Callable[[Made], Result], make: Callable[[], Made], count: int, rounds: int = ROUND_COUNT
    ) -> set[Result]:
        """Time `work` on what `make` made, round by round, `make` outside the clock. `count`: turns of the
        loop in it. What the rounds returned: one value, if they did the same."""
        returned: set[Result] = set()

        def run(made: Made) -> None:
            returned.add(work(made))

        def setup() -> tuple[tuple[Made], dict[str, object]]:
            return (make(),), {}

        self._benchmark.pedantic(run, setup=setup, rounds=rounds, warmup_rounds=1)
        if self._benchmark.enabled:
            stats = self._benchmark.stats.stats
            least_ns, median_ns = (seconds / count * 1e9 for seconds in (stats.min, stats.median))
            self._benchmark.extra_info["ns_each"] = round(median_ns, 2)
            named = f"{self._benchmark.group:<10} {self._benchmark.name:<50}"
            self._lines.append(f"{named} {least_ns:>12,.1f} {median_ns:>12,.1f}")
        return returned


@pytest.fixture
def measure(benchmark: Any, request: pytest.FixtureRequest) -> Measure:
    """The clock of one benchmark."""
    lines = request.config.stash.setdefault(_LINES, [])
    return Measure(benchmark, Path(request.path).stem.removeprefix("test_"), lines)


@pytest.fixture(scope="session")
def directory() -> Directory:
    """The packaged one."""
    return Directory.load()


@pytest.fixture(scope="session")
def courts() -> tuple[CourtSample, ...]:
    """The packaged sample."""
    return load_sample()


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """What one turn of each benchmark's loop takes."""
    lines = config.stash.get(_LINES, [])
    if lines:
        terminalreporter.write_line(f"{'ns for each turn of the loop':<61} {'min':>12} {'median':>12}")
    for line in lines:
        terminalreporter.write_line(line)
