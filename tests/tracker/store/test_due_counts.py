"""Counts of due nodes by day: always those of the due nodes, whatever happened to the cases."""

from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, select, text

from chakong.tracker.v1 import case_pb2
from runtime.database import WRITES
from tests.tracker.store.filled import fill
from tests.tracker.store.test_recomputing import miscounted
from tests.tracker.world import OTHERS, Store, event, recorded
from tracker.store.due_counts import DueCounts
from tracker.store.head import writing
from tracker.store.migrate import MIGRATIONS, migrate
from tracker.store.tables import DUE_COUNTS


def test_counts_follow_registrations_events_corrections_and_transfers(store: Store) -> None:
    fill(store, with_events=True)
    assert miscounted(store) == []
    moved = event("case_transferred", 20261120, "moved", detail=case_pb2.Detail(court=OTHERS), basis="b")
    void = case_pb2.Correction(event_id="property_found", is_void=True)
    works = [
        recorded(1, moved),
        recorded(2, event("distribution", 20261121)),
        recorded(3, event("corrected", 20261121, "void", correction=void, basis="b")),
        recorded(4, event("closing", 20261121, detail=case_pb2.Detail(manner="completed"), basis="b")),
    ]
    assert [outcome.error for outcome in store.do(*works)] == [None] * len(works)
    assert miscounted(store) == []


def test_what_comes_and_goes_leaves_no_row(store: Store) -> None:
    key = (1, 1, 31, 20270101)
    counts = DueCounts()
    for added, there in ((2, [(*key, 2)]), (-1, [(*key, 1)]), (0, [(*key, 1)]), (-1, [])):
        counts.add(key, added)
        with writing(store.engine) as connection:
            counts.flush(connection)
        with store.engine.connect() as connection:
            assert [tuple(row) for row in connection.execute(select(DUE_COUNTS))] == there


def test_a_database_of_the_version_before_is_counted_when_it_is_opened(store: Store) -> None:
    fill(store, with_events=True)
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    with store.engine.execution_options(**{WRITES: True}).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
    store.engine.dispose()
    with store.engine.connect() as connection:
        assert "due_counts" not in inspect(connection).get_table_names()
        levels = connection.execute(text("SELECT DISTINCT level FROM due_nodes")).scalars().all()
    assert levels == [1]
    migrate(store.engine)
    assert miscounted(store) == []
