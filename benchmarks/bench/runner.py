"""Runner: runs the measuring modules one after the other, each in a process of its own.

So no module finds another's memory, a module that dies takes no other's result with it, and one that hangs is
ended. A new module gets a line in MODULES. It prints nothing and judges nothing.
"""

import importlib
import multiprocessing
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import monotonic
from typing import Final

from benchmarks.bench.result import Result

# A whole run takes at most 20 minutes, a quick one 3; a module that needs longer than all of that hangs.
MODULE_S_MAX: Final = 1_200.0
QUICK_S_MAX: Final = 180.0
LOOK_EVERY_S: Final = 0.25
STOP_S_MAX: Final = 20.0


@dataclass(frozen=True, slots=True)
class Module:
    """`path` has `measure(quick: bool) -> Iterable[Result]`, which gives these results."""

    path: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A benchmark without a right result, and why: of a wrong answer, what came and what must."""

    name: str
    reason: str


Outcome = Result | Failure
# Called when a module begins, and now and then while it runs: what is measured, and for how many seconds
# already.
Look = Callable[[str, float], None]

MODULES: Final = (
    Module("benchmarks.bench.engine_broadcast", ("engine.broadcast_ns_per_query",)),
    Module("benchmarks.bench.engine_mixed", ("engine.mixed_ns_per_query",)),
    Module("benchmarks.bench.engine_targeted", ("engine.targeted_vs_floor",)),
    Module("benchmarks.bench.engine_twin", ("engine.targeted_vs_python",)),
    Module("benchmarks.bench.dedup_redis", ("engine.dedup_vs_redis",)),
    Module("benchmarks.bench.memory", ("memory.bytes_per_open_inquiry",)),
    Module("benchmarks.bench.journal", ("journal.vs_raw",)),
    Module("benchmarks.bench.projector", ("projector.rows_per_second",)),
    Module(
        "benchmarks.bench.e2e_hubs",
        ("e2e.hubs_queries_per_second", "e2e.vs_rpc_per_query", "e2e.vs_python_batching"),
    ),
    Module("benchmarks.bench.e2e_storm", ("e2e.storm_queries_per_second",)),
    Module("benchmarks.bench.e2e_direct", ("e2e.direct_vs_ceiling",)),
    Module("benchmarks.bench.e2e_targeted", ("e2e.targeted_inquiries_per_second",)),
    Module("benchmarks.bench.control", ("control.per_second",)),
    Module("benchmarks.bench.unary_echo", ("unary.vs_echo",)),
    Module("benchmarks.bench.unary_latency", ("unary.p99_ms",)),
    Module("benchmarks.bench.day", ("day.seconds",)),
)
# With 20 minutes of their own.
SERVICES: Final = (
    Module("benchmarks.services.tracker_register", ("tracker.register_per_second",)),
    Module(
        "benchmarks.services.tracker_millions",
        ("tracker.due_list_ms", "tracker.statistics_seconds", "tracker.recompute_seconds"),
    ),
    Module(
        "benchmarks.services.blacklist_core",
        (
            "blacklist.screen_core_per_second",
            "blacklist.bytes_per_entry",
            "blacklist.filter_bytes",
            "blacklist.snapshot_bytes",
            "blacklist.delta_bytes",
        ),
    ),
    Module("benchmarks.services.blacklist_grpc", ("blacklist.screen_grpc_per_second",)),
    Module(
        "benchmarks.services.blacklist_peers", ("blacklist.screen_vs_redis", "blacklist.screen_vs_sqlite")
    ),
    Module("benchmarks.services.blacklist_load", ("blacklist.load_seconds",)),
    Module("benchmarks.services.blacklist_false_hits", ("blacklist.false_hits",)),
)


def chosen(modules: Sequence[Module], only: Sequence[str]) -> list[Module]:
    """Those with a name that `only` names, whole or by its first word; all when it names none."""
    return [module for module in modules if any(is_chosen(name, only) for name in module.names)]


def is_chosen(name: str, only: Sequence[str]) -> bool:
    """`engine` stands for all of engine."""
    return not only or any(name == given or name.startswith(f"{given}.") for given in only)


def run_modules(modules: Sequence[Module], quick: bool, look: Look) -> Iterator[Outcome]:
    """An outcome for each of the modules' names, as they come."""
    for module in modules:
        yield from _run(module, quick, look)


def _run(module: Module, quick: bool, look: Look) -> Iterator[Outcome]:
    # Not forked: gRPC's threads are no friends of a fork, and memory is measured from nothing.
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=measure_into, args=(sending, module.path, quick), name=module.path)
    missing = list(module.names)
    reason = ""
    process.start()
    sending.close()
    try:
        for came in _received(receiving, module, quick, look):
            if isinstance(came, Result) and came.name in missing:
                missing.remove(came.name)
                yield came
            else:
                reason = (
                    came if isinstance(came, str) else f"{module.path}: {came.name} was not expected of it"
                )
        process.join(STOP_S_MAX)
    finally:
        _stop(process)
        receiving.close()
    for name in missing:
        yield Failure(name, reason or f"{module.path}: ended with code {process.exitcode}")


def _received(connection: Connection, module: Module, quick: bool, look: Look) -> Iterator[Result | str]:
    """Results, or the text of an error, until the process has closed its end or takes too long."""
    started_s = monotonic()
    taken_s = 0.0
    s_max = QUICK_S_MAX if quick else MODULE_S_MAX
    while taken_s < s_max:
        look(", ".join(module.names), taken_s)
        if connection.poll(LOOK_EVERY_S):
            try:
                yield connection.recv()
            except EOFError:
                return
        taken_s = monotonic() - started_s
    yield f"{module.path}: no result after {s_max:.0f} s"


def _stop(process: multiprocessing.process.BaseProcess) -> None:
    """In order if it listens, and in any case."""
    if process.is_alive():
        process.terminate()
        process.join(STOP_S_MAX)
    if process.is_alive():
        process.kill()
        process.join()


def measure_into(connection: Connection, path: str, quick: bool) -> None:
    """What the process does: send each result, and the text of an error if there is one."""
    try:
        for result in importlib.import_module(path).measure(quick):
            connection.send(result)
    except KeyboardInterrupt:
        pass  # the runner got it too, and says so
    except BaseException as error:
        connection.send("; ".join(_reasons(error)))
        raise
    finally:
        connection.close()


def _reasons(error: BaseException) -> list[str]:
    """One line each; of a group, those of its members."""
    if isinstance(error, BaseExceptionGroup):
        return [reason for inner in error.exceptions for reason in _reasons(inner)]
    return ["".join(traceback.format_exception_only(error)).strip()]
