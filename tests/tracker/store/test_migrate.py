"""The migrations make the tables that the store works with, and make them once."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from tests.tracker.world import Store
from tracker.store.migrate import migrate
from tracker.store.tables import METADATA


def test_the_migrations_make_these_tables(store: Store) -> None:
    with store.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
        names = set(inspect(connection).get_table_names())
    # A variant of the type for SQLite is told as a difference of the type, which it is not.
    assert [one for one in differences if not (isinstance(one, list) and one[0][0] == "modify_type")] == []
    assert names == {*METADATA.tables, "alembic_version"}


def test_a_second_time_changes_nothing(store: Store) -> None:
    store.register(1)
    migrate(store.engine)
    assert store.register(1)[0].is_repeated
