"""Head: the numbers given so far, and the lock under which they are given.

One writer at a time, in whatever process: cursors are then seen in the order in which they were given, and a
change of the law lies between two transactions. Readers never wait.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, select, text

from runtime.database import WRITES
from tracker.store.rows import put_rows
from tracker.store.tables import COUNTERS

LAST_SEQ: Final = "last_seq"
LAST_CASE_NO: Final = "last_case_no"
LAW_ID: Final = "law_id"
# A number for the years that the cases are counted with (calendars.py).
CALENDAR: Final = "calendar"
CURSOR_PREFIX: Final = "cursor:"


@dataclass(slots=True)
class Head:
    """Of one transaction. 0: none yet."""

    seq: int
    case_no: int
    law_id: int
    calendar: int = 0


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that alone may write, committed at the end of the block."""
    options = {WRITES: True}
    if engine.dialect.name == "postgresql":
        with engine.execution_options(**options).begin() as connection:
            # Before any snapshot is taken, so that all of the writer before is seen.
            connection.execute(text("LOCK TABLE counters IN EXCLUSIVE MODE"))
            yield connection
    else:
        with engine.execution_options(**options).begin() as connection:
            yield connection


def read_head(connection: Connection) -> Head:
    """As it stands in this transaction."""
    names = (LAST_SEQ, LAST_CASE_NO, LAW_ID, CALENDAR)
    found = read_counters(connection, names)
    return Head(*(found.get(name, 0) for name in names))


def read_counters(connection: Connection, names: tuple[str, ...]) -> dict[str, int]:
    """Those of the counters that there are."""
    statement = select(COUNTERS).where(COUNTERS.c.name.in_(names))
    return {name: int(value) for name, value in connection.execute(statement)}


def put_counters(connection: Connection, values: Mapping[str, int]) -> None:
    """Set counters."""
    put_rows(connection, COUNTERS, [{"name": name, "value": value} for name, value in values.items()])
