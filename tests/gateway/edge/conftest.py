"""The projection's database in both stores: SQLite in the test's folder, and PostgreSQL."""

import itertools
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/projection"
    postgresql: str = request.getfixturevalue("postgresql")
    name = f"projection_{next(_numbers)}"
    engine = create_engine(postgresql, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    return postgresql.replace("/postgres?", f"/{name}?")
