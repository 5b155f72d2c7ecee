"""The tables that the migrations make are those of tables.py, on both stores, and what older ones kept is put
right in them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData, Table, create_engine, insert, inspect, select, text

from blacklist.rules.proposing import CaseEvent, standing
from blacklist.store import case_events
from blacklist.store.migrate import MIGRATIONS, migrate
from blacklist.store.tables import LISTINGS, METADATA, PROPOSALS
from runtime.database import WRITES, make_engine
from tests.blacklist.conftest import POSTGRESQL, SQLITE

WIDE, NARROW = "（2026）京0105执1号", "(2026)京0105执1号"


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of each kind without a table."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    if request.param == POSTGRESQL:
        server: str = request.getfixturevalue("postgresql")
        admin = create_engine(server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS old"))
            connection.execute(text("CREATE DATABASE old"))
        admin.dispose()
        url = server.replace("/postgres?", "/old?")
    engine = make_engine(url, is_source=True)
    yield engine
    engine.dispose()


def raised_to(engine: Engine, revision: str) -> None:
    """As a version left it that went no further."""
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def put(engine: Engine, table: str, **values: Any) -> None:
    """A row; what is not given is 0 or empty."""
    old = Table(table, MetaData(), autoload_with=engine)
    empty = {one.name: one.type.python_type() for one in old.columns if not one.nullable}
    with engine.begin() as connection:
        connection.execute(insert(old), empty | values)


def test_migrations_make_the_tables_and_running_again_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        names = set(inspect(connection).get_table_names())
    assert names == {*METADATA.tables, "alembic_version"}


def test_case_numbers_of_older_versions_get_their_one_spelling(bare: Engine) -> None:
    raised_to(bare, "0004")
    for number, case in enumerate((WIDE, NARROW), 1):
        put(bare, "listings", listing_id=number, case_number=case, court="c", act=bytes([number]))
        put(bare, "proposals", proposal_id=number, case_number=case, court="c")
        put(bare, "suspended", case_number=case, court="c", since=20261100 + number, empty_count=1)
    put(bare, "suspended", case_number=f" {WIDE}", court="d", since=20261109)
    raised_to(bare, "0005")
    with bare.connect() as connection:
        for column in (LISTINGS.c.case_number, PROPOSALS.c.case_number):
            assert list(connection.execute(select(column)).scalars()) == [NARROW, NARROW]
        kept = text("SELECT court, case_number, since, empty_count FROM suspended ORDER BY court")
        assert connection.execute(kept).all() == [("c", NARROW, 20261101, 2), ("d", NARROW, 20261109, 0)]


def test_count_of_older_versions_goes_on(bare: Engine) -> None:
    raised_to(bare, "0007")
    put(bare, "suspended", case_number=NARROW, court="c", since=20261101, empty_count=1)
    migrate(bare)
    with bare.connect() as connection:
        kept = case_events.of_case(connection, "c", NARROW)
    found = standing(kept)
    assert found is not None
    assert (found.since, len(found.empty)) == (20261101, 1)


FOUND_NOTHING = "two_inquiries_found_nothing_after_suspension"


@pytest.mark.parametrize(("count", "left"), [(2, 1), (3, 2)])
def test_inquiries_that_proposed_in_older_versions_are_known_by_their_ids(
    bare: Engine, count: int, left: int
) -> None:
    raised_to(bare, "0007")
    put(bare, "suspended", case_number=NARROW, court="c", since=20261101, empty_count=count)
    told = {"court": "c", "case_number": NARROW, "reason": FOUND_NOTHING, "status": 1}
    for number in (2, 3):
        put(bare, "proposals", proposal_id=number, event_id="n2", happened=20261111, **told)
    put(bare, "proposals", proposal_id=1, event_id="of-an-earlier-ending", happened=20261011, **told)
    migrate(bare)
    with bare.begin() as connection:
        found = standing(case_events.of_case(connection, "c", NARROW))
        case_events.put_right(connection, "c", CaseEvent(NARROW, "v", "corrected", 0, voids="n2"))
        after = standing(case_events.of_case(connection, "c", NARROW))
    assert found is not None
    assert after is not None
    assert [(one.event_id, one.happened) for one in found.proposing][:1] == [("n2", 20261111)]
    assert len(found.empty) == count
    assert len(after.empty) == left
