"""How far ahead warnings begin: the longest that any process has seen, and it never shrinks."""

from tests.tracker.world import Store
from tracker.store.head import writing
from tracker.store.leads import Leads, read_leads


def test_the_longest_is_kept(store: Store) -> None:
    ours, theirs = Leads(), Leads()
    with writing(store.engine) as connection:
        ours.load(connection)
        theirs.load(connection)
        ours.see(31, 54, 18)
        ours.see(31, 10, 20)
        ours.write(connection)
        # A process that has not heard of it.
        theirs.see(31, 60, 3)
        theirs.see(2, 1, 0)
        theirs.write(connection)
        assert read_leads(connection) == {31: (60, 20), 2: (1, 0)}


def test_nothing_is_written_when_nothing_grew(store: Store) -> None:
    leads = Leads()
    with writing(store.engine) as connection:
        leads.see(3, 3, 1)
        leads.write(connection)
        leads.see(3, 2, 1)
        connection.exec_driver_sql("DELETE FROM counters")
        leads.write(connection)
        assert read_leads(connection) == {}
