"""Numbers of courts, handlers and origins: given once, found again, also by another process."""

import pytest

from tests.tracker.world import Store
from tracker.store.head import writing
from tracker.store.names import NOBODY, Names, Origin

ORIGIN = Origin("filing", "art 16", 20220410)


def test_a_number_is_given_once(store: Store) -> None:
    with writing(store.engine) as connection:
        ours, theirs = Names(), Names()
        assert ours.find_court(connection, "a") is None
        first = ours.court(connection, "a")
        assert ours.court(connection, "b") != first
        assert theirs.court(connection, "a") == first
        assert theirs.court_of(connection, first) == "a"
        judge = ours.handler(connection, first, "judge")
        assert theirs.find_handler(connection, first, "judge") == judge
        assert theirs.find_handler(connection, first + 1, "judge") is None
        assert theirs.handler_of(connection, judge) == "judge"
        origin = ours.origin(connection, ORIGIN)
        assert theirs.origin(connection, ORIGIN) == origin
        assert theirs.origin_of(connection, origin) == ORIGIN
        assert ours.origin(connection, ORIGIN._replace(version=20240101)) != origin


def test_nobody_has_a_number_without_a_row(store: Store) -> None:
    with writing(store.engine) as connection:
        names = Names()
        assert names.handler(connection, 1, "") == NOBODY
        assert names.handler_of(connection, NOBODY) == ""


def test_a_number_in_no_row_is_a_fault_of_ours(store: Store) -> None:
    with writing(store.engine) as connection, pytest.raises(LookupError):
        Names().court_of(connection, 99)


def test_what_a_failed_transaction_gave_is_forgotten(store: Store) -> None:
    names = Names()

    def fail() -> None:
        with writing(store.engine) as connection:
            names.court(connection, "a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    names.forget()
    with writing(store.engine) as connection:
        assert names.find_court(connection, "a") is None
