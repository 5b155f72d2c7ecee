"""Database: pragmas, dialects, and errors that quote no parameters."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from runtime.database import make_engine, shown


def test_sqlite_runs_in_wal_mode_with_its_pragmas(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/p.db")
    try:
        with engine.connect() as connection:
            found = {
                name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
            }
    finally:
        engine.dispose()
    assert found == {"journal_mode": "wal", "synchronous": 1, "busy_timeout": 10_000, "foreign_keys": 1}


def test_errors_do_not_quote_parameters(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/p.db")
    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE t (name TEXT UNIQUE)"))
            connection.execute(text("INSERT INTO t VALUES (:name)"), {"name": "张三丰"})
        with engine.begin() as connection, pytest.raises(IntegrityError) as caught:
            connection.execute(text("INSERT INTO t VALUES (:name)"), {"name": "张三丰"})
    finally:
        engine.dispose()
    assert "张三丰" not in str(caught.value)


def test_other_dialects_are_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        make_engine("mysql://host/x")


def test_password_is_not_shown() -> None:
    assert shown("postgresql://u:geheim@host/x") == "postgresql://u:***@host/x"


def test_a_sqlite_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "projection"
    make_engine(f"sqlite:///{path}").dispose()
    assert path.stat().st_mode & 0o777 == 0o600
