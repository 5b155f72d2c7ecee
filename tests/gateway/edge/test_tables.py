"""The tables that the migrations make are those that the code uses; every migration goes back again."""

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import inspect

from gateway.edge.projector import MIGRATIONS, migrate
from gateway.edge.tables import METADATA
from runtime.database import make_engine


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
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
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
