"""Database: makes SQLAlchemy engines for SQLite and PostgreSQL.

One code for both; what differs between them is set here and nowhere else. It knows no table and runs no
migration.
"""

from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

DIALECTS = ("sqlite", "postgresql")
# How long a statement waits for another's write lock before it fails.
BUSY_TIMEOUT_MS = 10_000
# What is in a projection can be made again from the journal: NORMAL loses at most the last commits, and
# never order.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys=ON",
)


def make_engine(url: str) -> Engine:
    """An engine for this URL; nothing is connected yet. ValueError for a dialect that is not supported.

    A SQLite file that is not there is made, readable by its owner alone; what SQLite puts beside it
    follows it.

    Errors do not quote the parameters of their statement: those may be names and numbers of persons.
    """
    parsed = make_url(url)
    dialect = parsed.get_backend_name()
    if dialect not in DIALECTS:
        raise ValueError(f"projection.url: dialect {dialect!r} given, one of {DIALECTS}")
    engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=dialect == "postgresql")
    if dialect == "sqlite":
        if parsed.database:
            Path(parsed.database).touch(mode=0o600)
        event.listen(engine, "connect", _set_pragmas)
    return engine


def shown(url: str | URL) -> str:
    """The URL without its password, for logs."""
    return make_url(url).render_as_string(hide_password=True)


def _set_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    try:
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(pragma)
    finally:
        cursor.close()
