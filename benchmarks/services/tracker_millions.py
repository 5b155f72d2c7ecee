"""Tracker millions: lists, statistics and a new law with five million open cases.

The database is filled once on SQLite and once on PostgreSQL. Lists and statistics are asked for over gRPC of
a tracker in a process of its own; a dry run of a new law is the command's own code, and what it finds is
compared with what the cases were made to come to.
"""

import asyncio
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter_ns
from typing import Final

import numpy as np
from sqlalchemy import Engine, func, select

from benchmarks.bench.result import Result, expect
from benchmarks.bench.scratch import scratch_folder
from benchmarks.services.tracker_cases import COURT_COUNT, Filled, court_code, fill
from benchmarks.services.tracker_server import Called, as_court, as_operator, serving
from chakong.tracker.v1 import case_pb2, tracker_pb2
from runtime.calendar import add_days, date_of
from runtime.chance import Chance
from runtime.clock import now_ns
from runtime.data import law_texts
from runtime.database import make_engine
from tracker.rules import law as laws
from tracker.rules.law import Law
from tracker.store.difference import Differ, LawOf
from tracker.store.judge import COURT, Told
from tracker.store.laws import texts_of
from tracker.store.recomputing import Recomputing
from tracker.store.ruling import Ruling
from tracker.store.standing import OPEN
from tracker.store.tables import DUE_NODES

DUE_LIST: Final = "tracker.due_list_ms"
STATISTICS: Final = "tracker.statistics_seconds"
RECOMPUTE: Final = "tracker.recompute_seconds"
CASE_COUNT: Final = 5_000_000
QUICK_COUNT: Final = 200_000
LISTS: Final = 2_000
PAGE: Final = 100
# Below, not every court has a page full of what is due.
FULL_PAGES_FROM: Final = 1_000_000
QUICK_LISTS: Final = 300
URGENCIES: Final = (
    case_pb2.URGENCY_UNSPECIFIED,
    case_pb2.URGENCY_AMBER,
    case_pb2.URGENCY_RED,
    case_pb2.URGENCY_OVERDUE,
)
CLOSING: Final = 31
NEW_LAW: Final = """
profile = "national"
effective_from = {day}

[[node]]
number = 31
key = "closing"
zh = "结案"
en = "Case closed"
kind = "duty"
per = "case"
from = "filing"
limit = {{ months = 5 }}
non_litigation_limit = {{ months = 3 }}
extension = {{ months = 3, by = "president" }}
basis = "a law that the benchmark made"
status = "own"
clock = "case"
"""


def measure(quick: bool) -> Iterable[Result]:
    """Some minutes for each database."""
    case_count, list_count = (QUICK_COUNT, QUICK_LISTS) if quick else (CASE_COUNT, LISTS)
    with scratch_folder() as folder:
        url = f"sqlite:///{folder}/tracker.db"
        one = Measured(url, case_count)
        sqlite_ms, statistics_s = asyncio.run(asked(folder, one, list_count))
        dry_s, apply_s, extra = recomputed(one)
        one.close()
        (folder / "tracker.db").unlink()
        with postgresql(folder) as server_url:
            other = Measured(server_url, case_count)
            postgresql_ms, postgresql_s = asyncio.run(asked(folder, other, list_count))
            other.close()
    p99 = {"sqlite": percentile(sqlite_ms, 99), "postgresql": percentile(postgresql_ms, 99)}
    p50 = {"sqlite": percentile(sqlite_ms, 50), "postgresql": percentile(postgresql_ms, 50)}
    sizes = {"cases": case_count, "open_nodes": one.filled.open_count, "due_nodes": one.filled.due_count}
    filled_s = {"sqlite": one.filled_s, "postgresql": other.filled_s}
    lists = {"p99_ms": p99, "p50_ms": p50, "lists": list_count, "filled_s": filled_s, **sizes}
    # The slower of the two must be within the target.
    yield Result(DUE_LIST, "ms", (max(p99.values()),), extra=lists)
    beside = {"postgresql_s": postgresql_s, "courts": COURT_COUNT, **sizes}
    yield Result(STATISTICS, "s", tuple(statistics_s), extra=beside)
    yield Result(RECOMPUTE, "s", (dry_s,), extra={"apply_s": apply_s, **extra, **sizes})


class Measured:
    """A database with cases in it."""

    def __init__(self, url: str, case_count: int) -> None:
        self.url = url
        self.engine = make_engine(url, is_source=True)
        start_ns = perf_counter_ns()
        self.filled: Filled = fill(self.engine, case_count)
        if self.engine.dialect.name == "postgresql":
            with self.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql("VACUUM (ANALYZE)")
        self.filled_s = round((perf_counter_ns() - start_ns) / 1e9, 1)
        self.engine.dispose()

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


async def asked(folder: Path, one: Measured, list_count: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each list, seconds of each statistic."""
    async with serving(folder, one.url) as called:
        lists = [await listed(called, number, one.filled.case_count) for number in range(list_count)]
        statistics = [await counted(called, one) for _ in range(3)]
    return lists, statistics


async def listed(called: Called, number: int, case_count: int) -> float:
    """One list of any kind, of any court: milliseconds."""
    chance = Chance(number)
    court = court_code(1 + chance.below(COURT_COUNT))
    today = date_of(now_ns())
    request = tracker_pb2.ListNodesRequest(urgency=URGENCIES[number % 4], page_size=PAGE)
    if number % 3 == 1:
        request.handler = f"judge-{number % 5}"
    if number % 5 == 2:
        request.node = (2, 3, 4, CLOSING)[number % 4]
    if number % 7 == 3:
        request.due_from, request.due_until = today, add_days(today, 7)
    start_ns = perf_counter_ns()
    response = await called.call("ListNodes", request, as_court(court))
    ms = (perf_counter_ns() - start_ns) / 1e6
    expect("in order", [one.due for one in response.nodes], sorted(one.due for one in response.nodes))
    if not (request.handler or request.node or request.due_from or number % 4):
        expect("a full page", len(response.nodes) == PAGE or case_count < FULL_PAGES_FROM, True)
    return ms


async def counted(called: Called, one: Measured) -> float:
    """All courts' statistics: seconds."""
    start_ns, open_count = perf_counter_ns(), 0
    request, is_last = tracker_pb2.GetStatisticsRequest(), False
    while not is_last:
        response = await called.call("GetStatistics", request, as_operator())
        open_count += sum(row.open for row in response.figures)
        request.page_token = response.next_page_token
        is_last = not request.page_token
    seconds = (perf_counter_ns() - start_ns) / 1e9
    expect("open nodes", open_count, one.filled.open_count)
    return seconds


def recomputed(one: Measured) -> tuple[float, float, dict[str, object]]:
    """Seconds of the dry run, seconds to apply, and what it came to."""
    day = add_days(date_of(now_ns()), -120)
    text = NEW_LAW.format(day=f"{day // 10_000}-{day // 100 % 100:02}-{day % 100:02}")
    texts = laws.amended(law_texts(), "benchmark.toml", text)
    new = laws.load(texts)
    start_ns, start_cpu_s = perf_counter_ns(), time.process_time()
    difference = Differ(one.engine, law_of(one.engine), new).whole()
    dry_s, cpu_s = (perf_counter_ns() - start_ns) / 1e9, time.process_time() - start_cpu_s
    expect("cases", difference.case_count, one.filled.case_count)
    # Their events are not there.
    expect("folded", difference.folded, 0)
    expect("open nodes", difference.node_count, one.filled.open_count)
    expect("moved", difference.moves[CLOSING].earlier, moved(one.filled, day))
    start_ns = perf_counter_ns()
    making = Recomputing(one.engine, law_of(one.engine), new)
    making.adopt(texts, now_ns())
    making.run()
    apply_s = (perf_counter_ns() - start_ns) / 1e9
    expect("due days of closing", applied(one.engine), closings(one, new))
    extra: dict[str, object] = {"moved": difference.changed_case_count, "dry_cpu_s": cpu_s}
    return dry_s, apply_s, extra


def moved(filled: Filled, day: int) -> int:
    """Cases filed since, but those of the profile with a limit of its own: a month less moves each one."""
    return sum(
        count
        for kind, count in zip(filled.kinds, filled.kind_counts, strict=True)
        if kind.filed >= day and kind.case.profile != "local-a"
    )


def closings(one: Measured, new: Law) -> Counter[int]:
    """How many cases are due on each day, as the rules fold them under the new law, one of each kind."""
    found = Counter[int]()
    for kind, count in zip(one.filled.kinds, one.filled.kind_counts, strict=True):
        told = [Told(event, now_ns(), COURT) for event in kind.events]
        for node in Ruling(new).stand(kind.case, told, now_ns()).nodes:
            if node.number == CLOSING and node.due and node.state == OPEN:
                found[node.due] += count
    return found


def applied(engine: Engine) -> Counter[int]:
    """The same as it stands in the database."""
    statement = select(DUE_NODES.c.due, func.count()).where(DUE_NODES.c.node == CLOSING)
    with engine.connect() as connection:
        return Counter(dict(connection.execute(statement.group_by(DUE_NODES.c.due)).tuples().all()))


def law_of(engine: Engine) -> LawOf:
    """Laws by their numbers, as this database has them."""
    known: dict[int, Law] = {}

    def read(law_id: int) -> Law:
        if law_id not in known:
            with engine.connect() as connection:
                known[law_id] = laws.load(texts_of(connection, law_id))
        return known[law_id]

    return read


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL of our own, which listens on a socket in a folder alone."""
    with warnings.catch_warnings():
        # Of a folder for sockets that the server does not use.
        warnings.simplefilter("ignore")
        from pgserver.postgres_server import get_server  # noqa: PLC0415 - it looks at the machine then

    server = get_server(folder.absolute() / "pg", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def percentile(values: list[float], percent: int) -> float:
    """Of the values."""
    return round(float(np.percentile(values, percent)), 3)
