"""Rows: puts many rows into a table at once, the quickest way each database has.

No message object and no dictionary is made for a row: a tuple has the table's columns in their order.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import postgresql, sqlite

# Below it PostgreSQL's COPY is not worth its two more round trips.
COPY_COUNT_MIN: Final = 32

Row = tuple[Any, ...]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """All of them, or the transaction fails."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        if len(rows) >= COPY_COUNT_MIN:
            _copy(connection, table, rows)
        else:
            names = table.columns.keys()
            connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
    else:
        connection.exec_driver_sql(_statement(table), rows)


def add_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], figures: Sequence[str]
) -> None:
    """Add the figures to those of the rows with the same key; a row that is not there is made."""
    if not rows:
        return
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement: Any = kind.insert(table)
    sums = {name: table.c[name] + statement.excluded[name] for name in figures}
    keys = [column.name for column in table.primary_key]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=sums), list(rows))


def put_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Each in the place of the row with the same key, if there is one."""
    if not rows:
        return
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement: Any = kind.insert(table)
    keys = [column.name for column in table.primary_key]
    others = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), list(rows))


@lru_cache
def _statement(table: Table) -> str:
    """As SQLite's driver takes it, with a mark for each column."""
    return str(insert(table).compile(dialect=sqlite.dialect(paramstyle="qmark")))


def _copy(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    cursor: Any = connection.connection.cursor()
    columns = ", ".join(table.columns.keys())
    with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
