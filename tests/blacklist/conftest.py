"""Both stores: SQLite in the test's folder, and PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from blacklist.store.head import secret
from blacklist.store.migrate import migrate
from blacklist.store.tables import METADATA
from runtime.database import make_engine

SQLITE = "sqlite"
POSTGRESQL = "postgresql"


@pytest.fixture(scope="session")
def postgresql_tables(postgresql: str) -> Iterator[tuple[str, Engine]]:
    """One database with all tables, for all tests, and its URL."""
    engine = create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE blacklist"))
    engine.dispose()
    url = postgresql.replace("/postgres?", "/blacklist?")
    made = make_engine(url, is_source=True)
    migrate(made)
    yield url, made
    made.dispose()


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("tables") / "list.db"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    return path


@pytest.fixture
def postgresql_url(postgresql_tables: tuple[str, Engine]) -> str:
    """Of the database, emptied."""
    url, engine = postgresql_tables
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(METADATA.tables)}"))
    return url


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def url(request: pytest.FixtureRequest, tmp_path: Path, sqlite_tables: Path) -> str:
    """Of a database with all tables and nothing in them, of each kind."""
    if request.param == SQLITE:
        shutil.copy(sqlite_tables, tmp_path / "list.db")
        return f"sqlite:///{tmp_path / 'list.db'}"
    made: str = request.getfixturevalue("postgresql_url")
    return made


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """An open database of each kind, with nothing in it but its secret."""
    made = make_engine(url, is_source=True)
    secret(made, b"s" * 32)
    yield made
    made.dispose()
