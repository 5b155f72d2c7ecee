"""What stands in the tables, and what is looked up by an index."""

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from blacklist.store.rows import insert_rows
from blacklist.store.tables import ENTRIES, LISTINGS
from tests.blacklist.store.world import World


def test_an_act_stands_once(engine: Engine) -> None:
    world = World(engine)
    world.enter()
    with engine.connect() as connection:
        row = connection.execute(select(LISTINGS)).one()
    with engine.connect() as connection, pytest.raises(IntegrityError):
        insert_rows(connection, LISTINGS, [(2, *row[1:])])


def test_number_and_changes_are_found_by_an_index(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        assert {index.name for index in ENTRIES.indexes} == {
            "entries_ended",
            "entries_of_number",
            "entries_removed",
        }
        return
    with engine.connect() as connection:
        for where in (
            "id_number = x'31' AND id_type = 1",
            "removed_cursor IS NOT NULL AND removed_cursor > 5",
            "removed_cursor IS NOT NULL AND listing_id = 5",
        ):
            plan = connection.execute(text(f"EXPLAIN QUERY PLAN SELECT * FROM entries WHERE {where}")).all()  # noqa: S608
            assert any("USING INDEX" in str(line) for line in plan)
