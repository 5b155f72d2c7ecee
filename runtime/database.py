"""Database: makes SQLAlchemy engines for SQLite and PostgreSQL.

One code for both; what differs between them is set here and nowhere else. It knows no table and runs no
migration.
"""

from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

DIALECTS = ("sqlite", "postgresql")
# What is raised for a URL that cannot be used.
UNUSABLE = (SQLAlchemyError, ImportError, OSError, ValueError)
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
    """An engine for this URL; nothing is connected yet. ValueError for one that cannot be used.

    All statements of a transaction see the database as it stood at the first. A SQLite file that is not there
    is made, readable by its owner alone; what SQLite puts beside it follows it.

    Errors do not quote the parameters of their statement: those may be names and numbers of persons.
    """
    try:
        return _engine(make_url(url))
    except UNUSABLE as error:
        raise ValueError(f"projection.url: {error}") from None


def fault(url: str) -> str:
    """Why `make_engine` would refuse this URL, as far as that shows without making a file; empty: it would
    not."""
    try:
        _check(make_url(url))
    except UNUSABLE as error:
        return str(error)
    return ""


def shown(url: str | URL) -> str:
    """The URL without its password, for logs."""
    return make_url(url).render_as_string(hide_password=True)


def _check(url: URL) -> None:
    dialect = url.get_backend_name()
    if dialect not in DIALECTS:
        raise ValueError(f"dialect {dialect!r} given, one of {DIALECTS}")
    try:
        url.get_dialect().import_dbapi()
    except ImportError as error:
        raise ValueError(f"{error}; its driver must be installed") from None
    if dialect == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ValueError("no file given; a database in memory is nobody else's")
        path = Path(url.database)
        if path.is_dir() or not path.parent.is_dir():
            raise ValueError(f"{url.database!r} given; must be a file in a folder that exists")


def _engine(url: URL) -> Engine:
    _check(url)
    if url.get_backend_name() == "postgresql":
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, isolation_level="REPEATABLE READ")
    Path(str(url.database)).touch(mode=0o600)
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _set_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver's own transactions begin at the first write: neither several reads nor the tables of a
    # migration are one then.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(pragma)
    finally:
        cursor.close()
