"""Database: makes SQLAlchemy engines for SQLite and PostgreSQL.

One code for both; what differs between them is set here and nowhere else. It knows no table and runs no
migration.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

DIALECTS = ("sqlite", "postgresql")
# What is raised for a URL that cannot be used.
UNUSABLE = (SQLAlchemyError, ImportError, OSError, ValueError)
# How long a statement waits for another's write lock before it fails.
BUSY_TIMEOUT_MS = 10_000
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys=ON",
)
# What is in a projection can be made again from the journal: NORMAL loses at most the last commits, and
# never order. What is kept nowhere else is synced at each commit; its tables are large, and a page that is
# not in the cache costs a call.
DERIVED_PRAGMAS = ("PRAGMA synchronous=NORMAL",)
# Pages that many transactions change are written to the file once for all of them: after 32 MiB, not 4.
SOURCE_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA cache_size=-131072",
    "PRAGMA wal_autocheckpoint=8192",
)
# Execution option of a connection that will write: it waits for the lock when it begins. A transaction that
# has read, and finds that another has written since, could not write any more.
WRITES = "chakong_writes"


def make_engine(url: str, field: str = "projection.url", *, is_source: bool = False) -> Engine:
    """An engine for this URL; nothing is connected yet. ValueError, which names `field`, for one that cannot
    be used. `is_source`: what is in it is kept nowhere else.

    All statements of a transaction see the database as it stood at the first. A SQLite file that is not there
    is made, readable by its owner alone; what SQLite puts beside it follows it.

    Errors do not quote the parameters of their statement: those may be names and numbers of persons.
    """
    try:
        return _engine(make_url(url), is_source)
    except UNUSABLE as error:
        raise ValueError(f"{field}: {error}") from None


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


def answers(engine: Engine) -> bool:
    """Whether the database can be asked. Blocks."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return False
    return True


def takes(engine: Engine) -> bool:
    """Whether the database, whose tables migrations made, can be written: a full disk is read as ever.
    Nothing is changed. Blocks."""
    try:
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
    except (SQLAlchemyError, OSError):
        return False
    return True


def _engine(url: URL, is_source: bool) -> Engine:
    _check(url)
    if url.get_backend_name() == "postgresql":
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, isolation_level="REPEATABLE READ")
    Path(str(url.database)).touch(mode=0o600)
    engine = create_engine(url, hide_parameters=True)
    pragmas = SQLITE_PRAGMAS + (SOURCE_PRAGMAS if is_source else DERIVED_PRAGMAS)
    event.listen(engine, "connect", partial(_set_pragmas, pragmas))
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _set_pragmas(pragmas: Sequence[str], connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver's own transactions begin at the first write: neither several reads nor the tables of a
    # migration are one then.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        for pragma in pragmas:
            cursor.execute(pragma)
    finally:
        cursor.close()
