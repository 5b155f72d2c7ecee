"""With which years cases are counted: less by whoever writes, more by whoever counts all anew."""

from sqlalchemy import Connection

from tests.tracker.store.knowing import OFF, YEAR, Knowing
from tests.tracker.world import Store
from tracker.store import calendars
from tracker.store.head import read_head, writing

WRONG = {YEAR: OFF - {max(OFF)}}


def whole(connection: Connection) -> bool:
    return calendars.standing(connection).get(YEAR) == calendars.ours()[YEAR]


def test_a_new_database_is_counted_with_what_its_first_process_knows(store: Store) -> None:
    with writing(store.engine) as connection:
        assert calendars.standing(connection) == calendars.ours()
        assert not calendars.knows_more(connection)
        assert not calendars.knows_otherwise(connection)
        assert calendars.unknown_here(connection) == []


def test_a_year_is_whole_until_somebody_writes_without_it(store: Store, knowing: Knowing) -> None:
    with writing(store.engine) as connection:
        before = read_head(connection).calendar
        knowing.learn()
        assert calendars.knows_more(connection)
        calendars.narrow(connection)
        assert not whole(connection)
        calendars.widen(connection)
        assert whole(connection)
        assert not calendars.knows_more(connection)
        assert read_head(connection).calendar != before
        knowing.forget()
        assert not calendars.knows_more(connection)
        assert calendars.unknown_here(connection) == [YEAR]
        calendars.narrow(connection)
        assert calendars.unknown_here(connection) == []
        knowing.learn()
        assert calendars.knows_more(connection)
        assert not calendars.knows_otherwise(connection)


def test_who_writes_with_the_same_year_changes_nothing(store: Store, knowing: Knowing) -> None:
    knowing.learn()
    with writing(store.engine) as connection:
        calendars.widen(connection)
        before = read_head(connection).calendar
        calendars.narrow(connection)
        assert whole(connection)
        assert read_head(connection).calendar == before


def test_the_same_year_with_other_days_is_known_otherwise(store: Store, knowing: Knowing) -> None:
    with writing(store.engine) as connection:
        knowing.learn(WRONG)
        calendars.widen(connection)
        knowing.learn()
        assert calendars.knows_more(connection)
        assert calendars.knows_otherwise(connection)
        # Also after others wrote, with and without the year.
        for years in (None, {}, WRONG):
            knowing.learn(years)
            calendars.narrow(connection)
            knowing.learn()
            assert calendars.knows_otherwise(connection)
        calendars.widen(connection)
        assert whole(connection)
        assert not calendars.knows_otherwise(connection)
