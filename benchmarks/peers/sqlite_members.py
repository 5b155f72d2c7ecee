"""SQLite as a list: one SELECT ... IN for the numbers of a batch.

Fair: a table without rowid, keyed by the number, in a file that the page cache holds whole, asked by the
standard library's module in this process; parameters are made beforehand. It gives listing and name of those
found.

It leaves out, which makes it faster: comparing names, measures, days, and reading what was sent.
"""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

CACHE_KIB = 1 << 20


class SqliteMembers:
    """A table in a new file. Close it."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        self._connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._connection.execute(
            "CREATE TABLE listed (number TEXT PRIMARY KEY, listing_id INTEGER, name TEXT) WITHOUT ROWID"
        )

    def fill(self, rows: Iterable[tuple[str, int, str]]) -> None:
        """Number, listing id and name of each entry."""
        with self._connection:
            self._connection.executemany("INSERT INTO listed VALUES (?, ?, ?)", rows)

    def timed(self, batches: Sequence[tuple[str, ...]]) -> tuple[int, float]:
        """How many of all numbers are in the table, and the seconds it took."""
        found = 0
        started = time.perf_counter()
        for batch in batches:
            marks = ",".join("?" * len(batch))
            query = f"SELECT number, listing_id, name FROM listed WHERE number IN ({marks})"  # noqa: S608 - marks alone
            found += len(self._connection.execute(query, batch).fetchall())
        return found, time.perf_counter() - started

    def close(self) -> None:
        """The file stays."""
        self._connection.close()
