"""Head: the numbers given so far, and the lock under which they are given.

One writer at a time, in whatever process: cursors are then seen in the order in which they were given.
Readers never wait.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select, text

from blacklist.store.tables import COUNTERS, SECRETS
from runtime.database import WRITES

OF_LIST: Final = "list"


@dataclass(slots=True)
class Head:
    """The last number given of each kind; 0: none yet. Names are those of the counters."""

    listing_id: int = 0
    cursor: int = 0
    seq: int = 0
    objection_id: int = 0
    proposal_id: int = 0


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that alone may write, committed at the end of the block."""
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        if engine.dialect.name == "postgresql":
            # Before any snapshot is taken, so that all of the writer before is seen.
            connection.execute(text("LOCK TABLE counters IN EXCLUSIVE MODE"))
        yield connection


def read_head(connection: Connection) -> Head:
    """As it stands in this transaction."""
    found = {name: int(value) for name, value in connection.execute(select(COUNTERS))}
    return Head(**{one.name: found.get(one.name, 0) for one in fields(Head)})


def put_head(connection: Connection, head: Head) -> None:
    """Keep it."""
    connection.execute(delete(COUNTERS))
    rows = [{"name": one.name, "value": getattr(head, one.name)} for one in fields(Head)]
    connection.execute(insert(COUNTERS), rows)


def secret(engine: Engine, fresh: bytes) -> bytes:
    """What this list's hashes are made from; `fresh` when it has none yet."""
    with writing(engine) as connection:
        found = connection.execute(select(SECRETS.c.value).where(SECRETS.c.name == OF_LIST)).scalar()
        if found is None:
            connection.execute(insert(SECRETS), {"name": OF_LIST, "value": fresh})
        return fresh if found is None else bytes(found)
