"""Projector: rows a second from the journal into SQLite, by the projector's own code.

A journal of broadcast inquiries and their final answers is carried into an empty database, tables and indexes
as the migrations make them. Rows of coverage and of records count; the inquiries' own rows are written too,
and do not. The tables are counted afterwards.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter_ns

from sqlalchemy import Engine, Table, func, select

from benchmarks.bench.frames import FrameSource
from benchmarks.bench.result import Result, expect
from benchmarks.bench.scratch import scratch_folder
from gateway.directory import Directory
from gateway.edge.journal import Journal
from gateway.edge.projector import Projector
from gateway.edge.tables import COVERAGE, INQUIRIES, RECORDS
from runtime.database import make_engine

NAME = "projector.rows_per_second"
WAVE_COUNT = 4_000
MESSAGE_COUNT = 1_000


def measure(quick: bool) -> Iterable[Result]:
    """Some seconds a run; the first warms up."""
    wave_count, run_count = (1, 2) if quick else (5, 5)
    with scratch_folder() as folder:
        yield over_waves(folder, [WAVE_COUNT] * wave_count, run_count)


def over_waves(folder: Path, waves: list[int], run_count: int) -> Result:
    """Waves of so many inquiries each, the same journal into a new database at every run."""
    source = FrameSource(Directory.load())
    path = folder / "journal"
    asyncio.run(_fill(path, source, waves))
    inquiry_count, found_count = sum(waves), source.found_count
    wanted = {INQUIRIES.name: inquiry_count, COVERAGE.name: inquiry_count, RECORDS.name: found_count}
    seconds = [project(path, folder / f"projection-{run}", wanted) for run in range(run_count + 1)][1:]
    return Result(
        NAME,
        "rows/s",
        tuple((inquiry_count + found_count) / one for one in seconds),
        extra={"rows": wanted, "inquiries_per_second": round(inquiry_count / min(seconds))},
    )


def project(journal: Path, database: Path, wanted: dict[str, int]) -> float:
    """Seconds to carry all of the journal into a new database, which must then hold the `wanted` rows."""
    engine = make_engine(f"sqlite:///{database}")
    projector = Projector(journal, engine)
    start_ns = perf_counter_ns()
    while projector.advance():
        pass
    ns = perf_counter_ns() - start_ns
    expect("rows", {table.name: _count(engine, table) for table in (INQUIRIES, COVERAGE, RECORDS)}, wanted)
    projector.close()
    return ns / 1e9


async def _fill(path: Path, source: FrameSource, waves: list[int]) -> None:
    journal = Journal.open(path)
    for count in waves:
        for frame in source.wave(count, MESSAGE_COUNT):
            await journal.append(frame)
    journal.close()


def _count(engine: Engine, table: Table) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())
