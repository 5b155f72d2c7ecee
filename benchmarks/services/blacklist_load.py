"""Load: from a store with so many entries to a list that can be screened, as at every start.

The store is the blacklist's own, on SQLite, filled by the standard library's module and read by the
blacklist's code. What was loaded is asked before it counts.
"""

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from sqlalchemy import Engine

from benchmarks.bench.result import Result, expect
from benchmarks.bench.scratch import scratch_folder
from benchmarks.services.blacklist_stage import (
    AS_OF_NS,
    ENTRY_COUNT,
    QUICK_ENTRY_COUNT,
    asked,
    binding,
    hasher,
)
from benchmarks.services.people import TODAY, rows
from blacklist.model import Deed
from blacklist.screening.current import Current
from blacklist.store.entries import ROW_COLUMNS, Entries
from blacklist.store.head import Head, put_head, writing
from blacklist.store.migrate import migrate
from blacklist.store.tables import ENTRIES
from runtime.database import make_engine

NAME: Final = "blacklist.load_seconds"


def measure(quick: bool) -> Iterable[Result]:
    """Two minutes, half of it filling the store; quick, some seconds."""
    entry_count, run_count = (QUICK_ENTRY_COUNT, 1) if quick else (ENTRY_COUNT, 2)
    with scratch_folder() as folder:
        yield asyncio.run(loaded(folder, entry_count, run_count))


async def loaded(folder: Path, entry_count: int, run_count: int) -> Result:
    """So many loads of one store, each from nothing but the file."""
    path = folder / "blacklist.sqlite"
    engine = make_engine(f"sqlite:///{path.absolute()}", is_source=True)
    try:
        await asyncio.to_thread(_fill, engine, path, entry_count)
        runs = [await _load(engine, entry_count) for _ in range(run_count)]
    finally:
        engine.dispose()
    extra = {"entries": entry_count, "store_bytes": (await asyncio.to_thread(path.stat)).st_size}
    return Result(NAME, "s", tuple(runs), extra=extra)


async def _load(engine: Engine, entry_count: int) -> float:
    current = Current(Entries(engine), hasher(), lambda: AS_OF_NS)
    started = perf_counter()
    await current.load()
    seconds = perf_counter() - started
    made = current.snapshot
    if made is None:
        raise RuntimeError("the list was not loaded")
    expect("entries", (made.entry_count, made.version), (entry_count, entry_count))
    (one,) = asked(entry_count, 1)
    one.expect_answer(made.screen(one.encoded, binding(), TODAY, AS_OF_NS)[0])
    return seconds


def _fill(engine: Engine, path: Path, entry_count: int) -> None:
    """Entries with cursors 1 and up. Indexes are made afterwards, in a third of the time."""
    migrate(engine)
    with writing(engine) as connection:
        put_head(connection, Head(listing_id=entry_count, cursor=entry_count))
        for index in ENTRIES.indexes:
            index.drop(connection)
    names = ["cursor", *(column.name for column in ROW_COLUMNS), "deed", "added_ns"]
    marks = ",".join("?" * len(names))
    connection_of_file = sqlite3.connect(path)
    with connection_of_file:
        statement = f"INSERT INTO {ENTRIES.name} ({','.join(names)}) VALUES ({marks})"  # noqa: S608 - names of ours
        connection_of_file.executemany(statement, _values(entry_count))
    connection_of_file.close()
    with writing(engine) as connection:
        for index in ENTRIES.indexes:
            index.create(connection)


def _values(entry_count: int) -> Iterator[tuple[Any, ...]]:
    for cursor, row in enumerate(rows(entry_count), 1):
        yield (cursor, *row, Deed.LIST, 0)
