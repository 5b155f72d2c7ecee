"""Rows: puts many rows into a table, changes or removes them at once, the quickest way each database has.

No message object and no dictionary is made for a row: a tuple has the table's columns in their order.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

# Below it PostgreSQL's COPY is not worth its two more round trips.
COPY_COUNT_MIN: Final = 32
# Rows of one statement of SQLite's. For each step of a statement the driver lets go of the interpreter's lock
# and takes it again, which may cost the time that a busy event loop keeps it.
TOGETHER_COUNT: Final = 1_024

Row = tuple[Any, ...]


def find_rows(
    connection: Connection, table: Table, names: Sequence[str], values: Sequence[str | int]
) -> Sequence[Any]:
    """These columns of the rows in which the first of them is one of the values; SQLite takes 32,766."""
    if not values:
        return ()
    if connection.dialect.name == "postgresql":
        statement = _finding(table, names, "= ANY(%s)")
        return connection.exec_driver_sql(statement, (list(values),)).all()
    statement = _finding(table, names, f"IN ({', '.join('?' * len(values))})")
    return connection.exec_driver_sql(statement, tuple(values)).all()


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
        _insert_together(connection, table, rows)


def add_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], figures: Sequence[str]
) -> None:
    """Add the figures to those of the rows with the same key; a row that is not there is made."""
    if rows:
        names = table.columns.keys()
        statement = _adding(table, tuple(figures), connection.dialect.name)
        _run(connection, statement, [tuple(row[name] for name in names) for row in rows])


def put_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Each in the place of the row with the same key, if there is one."""
    if not rows:
        return
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement: Any = kind.insert(table)
    keys = [column.name for column in table.primary_key]
    others = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), list(rows))


def change_rows(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Row]) -> None:
    """Set these columns: a row has its key first, then their values."""
    if rows:
        _run(connection, _changing(table, tuple(names), connection.dialect.name), rows)


def remove_rows(connection: Connection, table: Table, keys: Sequence[Row], none_left: str = "") -> None:
    """Those with these keys; with `none_left` only where this column is 0."""
    if keys:
        _run(connection, _removing(table, none_left, connection.dialect.name), keys)


def _run(connection: Connection, statement: str, rows: Sequence[Row]) -> None:
    if connection.dialect.name == "postgresql":
        # One statement with a list for each column; one for each row would be a round trip each.
        connection.exec_driver_sql(statement, tuple(list(column) for column in zip(*rows, strict=True)))
    else:
        connection.exec_driver_sql(statement, rows)


def _finding(table: Table, names: Sequence[str], one_of: str) -> str:
    return f"SELECT {', '.join(names)} FROM {table.name} WHERE {names[0]} {one_of}"  # noqa: S608 - names of ours


@lru_cache
def _changing(table: Table, names: tuple[str, ...], dialect: str) -> str:
    keys = [column.name for column in table.primary_key]
    if dialect == "postgresql":
        sets = ", ".join(f"{name} = given.{name}" for name in names)
        given = _given(table, (*keys, *names))
        return f"UPDATE {table.name} SET {sets} FROM {given} WHERE {_same(table)}"  # noqa: S608 - names of ours
    # By number: the key comes first in a row, and last in the statement.
    sets = ", ".join(f"{name} = ?{place}" for place, name in enumerate(names, len(keys) + 1))
    where = " AND ".join(f"{name} = ?{place}" for place, name in enumerate(keys, 1))
    return f"UPDATE {table.name} SET {sets} WHERE {where}"  # noqa: S608 - names of ours


@lru_cache
def _adding(table: Table, figures: tuple[str, ...], dialect: str) -> str:
    names = table.columns.keys()
    sums = ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in figures)
    keys = ", ".join(column.name for column in table.primary_key)
    rows = f"VALUES ({', '.join('?' * len(names))})"
    if dialect == "postgresql":
        rows = f"SELECT {', '.join(f'given.{name}' for name in names)} FROM {_given(table, names)}"  # noqa: S608 - the same
    begin = f"INSERT INTO {table.name} ({', '.join(names)}) {rows}"
    return f"{begin} ON CONFLICT ({keys}) DO UPDATE SET {sums}"


@lru_cache
def _removing(table: Table, none_left: str, dialect: str) -> str:
    where = f" AND {table.name}.{none_left} = 0" if none_left else ""
    if dialect == "postgresql":
        given = _given(table, [column.name for column in table.primary_key])
        return f"DELETE FROM {table.name} USING {given} WHERE {_same(table)}{where}"  # noqa: S608 - the same
    keys = " AND ".join(f"{column.name} = ?" for column in table.primary_key)
    return f"DELETE FROM {table.name} WHERE {keys}{where}"  # noqa: S608 - the same


def _given(table: Table, names: Sequence[str]) -> str:
    """PostgreSQL's lists as rows."""
    dialect: Any = postgresql.dialect
    kinds = (table.c[name].type.compile(dialect()) for name in names)
    return f"unnest({', '.join(f'%s::{kind}[]' for kind in kinds)}) AS given ({', '.join(names)})"


def _same(table: Table) -> str:
    return " AND ".join(f"{table.name}.{column.name} = given.{column.name}" for column in table.primary_key)


def _insert_together(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    end = len(rows) - len(rows) % TOGETHER_COUNT
    for start in range(0, end, TOGETHER_COUNT):
        together = tuple(chain.from_iterable(rows[start : start + TOGETHER_COUNT]))
        connection.exec_driver_sql(_statement(table, TOGETHER_COUNT), together)
    if end < len(rows):
        connection.exec_driver_sql(_statement(table, 1), rows[end:])


@lru_cache
def _statement(table: Table, row_count: int) -> str:
    """As SQLite's driver takes it, with a mark for each column of each row; it takes 32,766 marks."""
    names = table.columns.keys()
    row = f"({', '.join('?' * len(names))})"
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {', '.join([row] * row_count)}"  # noqa: S608 - names of ours


def _copy(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    cursor: Any = connection.connection.cursor()
    errors: Any = connection.dialect.loaded_dbapi
    statement = f"COPY {table.name} ({', '.join(table.columns.keys())}) FROM STDIN"
    try:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except errors.Error as error:
        # As of every other statement: who writes tells by its kind what is away, and logs no text of it.
        made = DBAPIError.instance(
            statement, None, error, errors.Error, hide_parameters=True, dialect=connection.dialect
        )
        raise made from error
