"""Database: pragmas, dialects, and errors that quote no parameters."""

from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from runtime.database import answers, fault, make_engine, shown, takes


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


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:////nowhere/at/all", "a folder that exists"),
        ("sqlite:///:memory:", "no file given"),
        ("sqlite://", "no file given"),
        ("postgresql+nix://host/x", "nix"),
        ("no url", "URL"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_by_its_field(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"projection.url: .*{words}"):
        make_engine(url)


def test_reads_of_a_transaction_see_one_state(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/p.db")
    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE t (value INTEGER)"))
        with engine.connect() as reading:
            count = text("SELECT count(*) FROM t")
            before = reading.execute(count).scalar_one()
            with engine.begin() as writing:
                writing.execute(text("INSERT INTO t VALUES (1)"))
            assert reading.execute(count).scalar_one() == before
    finally:
        engine.dispose()


def test_tables_made_in_a_transaction_that_is_given_up_are_not_there(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/p.db")
    try:
        with engine.connect() as connection:
            connection.execute(text("CREATE TABLE t (value INTEGER)"))
            connection.rollback()
        assert not inspect(engine).get_table_names()
    finally:
        engine.dispose()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////nowhere/at/all", "must be a file in a folder that exists"),
        ("sqlite:///:memory:", "no file given"),
        ("sqlite+pysqlcipher:///x", "its driver must be installed"),
        ("postgresql+nix://host/x", "nix"),
        ("mysql://host/x", "mysql"),
        ("no url", "URL"),
    ],
)
def test_what_is_wrong_with_a_url_shows_without_connecting(url: str, said: str) -> None:
    assert said in fault(url)


def test_nothing_is_made_by_looking_at_a_url(tmp_path: Path) -> None:
    assert fault(f"sqlite:///{tmp_path}/p.db") == ""
    assert not list(tmp_path.iterdir())


def test_a_database_that_can_be_read_alone_takes_nothing(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'there.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
    assert takes(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    assert answers(engine)
    assert not takes(engine)
    engine.dispose()


def test_a_database_that_is_not_there_does_not_answer(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'there.db'}")
    assert answers(engine)
    engine.dispose()
    away = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert not answers(away)
    away.dispose()
