"""Numbers and the writers' lock: two writers never run side by side, and what is given is seen afterwards."""

import threading

import pytest

from tests.patience import DEADLINE_S
from tests.tracker.world import Store
from tracker.store.head import put_counters, read_counters, read_head, writing


def test_counters_are_put_and_read(store: Store) -> None:
    with writing(store.engine) as connection:
        put_counters(connection, {"a": 1, "b": 2**40})
        put_counters(connection, {"a": 3})
    with store.engine.connect() as connection:
        assert read_counters(connection, ("a", "b", "c")) == {"a": 3, "b": 2**40}
        assert read_head(connection).law_id == 1


def test_a_failed_transaction_puts_nothing(store: Store) -> None:
    def fail() -> None:
        with writing(store.engine) as connection:
            put_counters(connection, {"a": 1})
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with store.engine.connect() as connection:
        assert read_counters(connection, ("a",)) == {}


def test_the_second_writer_waits_and_sees_what_the_first_gave(store: Store) -> None:
    begun, seen = threading.Event(), []

    def second() -> None:
        begun.set()
        with writing(store.engine) as connection:
            seen.append(read_counters(connection, ("a",)))

    thread = threading.Thread(target=second)
    with writing(store.engine) as connection:
        thread.start()
        assert begun.wait(DEADLINE_S)
        put_counters(connection, {"a": 7})
    thread.join(DEADLINE_S)
    assert seen == [{"a": 7}]
