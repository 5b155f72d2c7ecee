"""Engine, twin: check and admit of inquiries at one institution each, beside the same work in pure Python.

Both hold the same live inquiries (benchmarks.bench.live) and get the same messages, in turn; both must accept
all of them. There are a million live ones: the twin's objects for ten million would not fit the machine, and
it gets no faster with more.
"""

from collections.abc import Iterable
from time import perf_counter_ns

from benchmarks.bench.answering import ENGINE_KEY
from benchmarks.bench.live import MESSAGE_COUNT, LiveEngine, Targets
from benchmarks.bench.result import Result, expect
from benchmarks.bench.timing import alternate, uncollected
from benchmarks.peers.python_twin import Twin
from gateway.directory import Directory

NAME = "engine.targeted_vs_python"


def measure(quick: bool) -> Iterable[Result]:
    """A minute; filling the twin takes the most."""
    with uncollected():
        yield beside_twin(Directory.load(), 50_000 if quick else 1_000_000, 5)


def beside_twin(directory: Directory, live_count: int, run_count: int) -> Result:
    """Inquiries a second of Engine and twin, both holding the same live inquiries."""
    targets = Targets(directory)
    live, twin = LiveEngine(directory, live_count), Twin(directory, ENGINE_KEY)
    while live.open_count < live_count:
        count = min(MESSAGE_COUNT, live_count - live.open_count)
        message = targets.message(count)
        live.take([message])
        live.counted(count)
        expect("inquiries accepted by the twin", twin.check_and_admit(message), count)
    loads = targets.loads(live_count, run_count)

    def of_twin(run: int) -> float:
        load = loads[run]
        start_ns = perf_counter_ns()
        accepted = sum([twin.check_and_admit(message) for message in load.messages])
        ns = perf_counter_ns() - start_ns
        expect("inquiries accepted by the twin", accepted, load.count)
        return load.count / ns * 1e9

    ours, reference = alternate(run_count, lambda run: 1e9 / live.timed_ns(loads[run]), of_twin)
    live.expect_known(targets, 0, min(MESSAGE_COUNT, live_count))
    return Result(
        NAME,
        "inquiries/s",
        ours,
        reference,
        f"pure-Python twin, {live_count:,} live",
        extra={"live_entries": live_count},
    )
