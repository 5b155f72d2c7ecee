"""The tables that the migrations make are those that the code uses; every migration goes back again."""

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Engine, insert, inspect, select

from gateway.edge.projector import MIGRATIONS, migrate
from gateway.edge.tables import METADATA, RECORDS
from runtime.database import make_engine

ACCOUNT_AMOUNTS = {"protected_fen", "held_fen", "available_fen"}
OLD_ROW = {
    "inquiry_id": 1,
    "position": 0,
    "finding": 0,
    "institution": 7,
    "state": 1,
    "is_late": False,
    "reason": "",
    "item": 1,
    "locator": "6222",
    "kind": "personal",
    "amount_fen": 100,
    "currency": "CNY",
    "holder_number": "110105",
    "holder_name": "测试",
    "description": "",
}


def go_back(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_migrations_make_the_tables(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/projection")
    migrate(engine)
    migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_migrations_go_back(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/projection")
    migrate(engine)
    go_back(engine, "base")
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_a_record_from_before_the_amounts_of_accounts_has_zeros(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/projection")
    migrate(engine)
    go_back(engine, "0001")
    with engine.begin() as connection:
        assert not ACCOUNT_AMOUNTS & {column["name"] for column in inspect(connection).get_columns("records")}
        connection.execute(insert(RECORDS).values(OLD_ROW))
    migrate(engine)
    with engine.connect() as connection:
        row = connection.execute(select(RECORDS)).mappings().one()
        assert row == OLD_ROW | dict.fromkeys(ACCOUNT_AMOUNTS, 0)
    go_back(engine, "0001")
    with engine.connect() as connection:
        old_columns = [RECORDS.c[name] for name in OLD_ROW]
        assert connection.execute(select(*old_columns)).mappings().one() == OLD_ROW
    engine.dispose()


def test_a_migration_that_was_cut_short_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/projection")
    create_for_real = Operations.create_table

    def cut_short(operations: Any, name: str, *columns: Any, **settings: Any) -> Any:
        if name == "records":
            raise OSError("killed")
        return create_for_real(operations, name, *columns, **settings)

    with monkeypatch.context() as patch:
        patch.setattr(Operations, "create_table", cut_short)
        with pytest.raises(OSError, match="killed"):
            migrate(engine)
    migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()
