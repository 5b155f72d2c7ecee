"""Both stores: SQLite in the test's folder, and a PostgreSQL that is started once for all tests that ask."""

import itertools
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.tracker.world import Store, opened, sqlite_url

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL of our own, which listens on a socket in a folder alone."""
    with warnings.catch_warnings():
        # Of a folder for sockets that the server does not use.
        warnings.simplefilter("ignore")
        from pgserver.postgres_server import get_server  # noqa: PLC0415 - it looks at the machine then

        # A socket's path has at most 107 bytes: not pytest's folder.
        with tempfile.TemporaryDirectory(prefix="pg-") as folder:
            server = get_server(folder, cleanup_mode="delete")
            # What a crash of the machine would lose is no matter here; its syncs are.
            server.psql("ALTER SYSTEM SET fsync = off")
            server.psql("SELECT pg_reload_conf()")
            try:
                yield server.get_uri()
            finally:
                server.cleanup()


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """Of a new, empty database."""
    name = f"tracker_{next(_numbers)}"
    engine = create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return postgresql.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a new database, of each kind."""
    if request.param == SQLITE:
        return sqlite_url(tmp_path)
    made: str = request.getfixturevalue("postgresql_url")
    return made


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An open store of each kind."""
    with opened(url) as made:
        yield made
