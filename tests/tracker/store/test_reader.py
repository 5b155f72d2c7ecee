"""Reading a case, and the events of a court after a cursor."""

import pytest
from sqlalchemy import create_engine

from runtime.errors import ForbiddenError, UnavailableError
from tests.tracker.world import OTHERS, OURS, Store, case_number, event, recorded
from tracker.errors import UnknownCaseError
from tracker.store.reader import Reader


def test_a_case_is_read_with_its_events(store: Store) -> None:
    store.register(1, 2)
    store.do(recorded(1, event("distribution", 20261105)))
    found = Reader(store.engine).case(OURS, case_number(1))
    assert [told.event.kind for told in found.events] == ["application_received", "filing", "distribution"]
    assert (found.handler, found.level, found.law_id) == ("judge-1", 1, 1)
    with pytest.raises(ForbiddenError):
        Reader(store.engine).case(OTHERS, case_number(1))
    with pytest.raises(UnknownCaseError):
        Reader(store.engine).case(OURS, case_number(3))


def test_events_come_after_the_cursor_in_their_order(store: Store) -> None:
    store.register(1, 2)
    store.register(3, court=OTHERS)
    reader = Reader(store.engine)
    found = reader.events_after(OURS, 0, "", 100)
    assert [one.seq for one in found] == [1, 2, 3, 4]
    assert {one.case_number for one in found} == {case_number(1), case_number(2)}
    assert [one.seq for one in reader.events_after(OURS, 2, "", 1)] == [3]
    assert [one.seq for one in reader.events_after(OURS, 0, case_number(2), 100)] == [3, 4]
    assert [one.seq for one in reader.events_after(OTHERS, 0, "", 100)] == [5, 6]
    assert reader.events_after("nobody", 0, "", 100) == []
    assert reader.last_seq() == 6
    with pytest.raises(UnknownCaseError):
        reader.events_after(OURS, 0, case_number(3), 100)
    for number in ("no\0number", "no\nnumber"):
        with pytest.raises(UnknownCaseError):
            reader.events_after(OURS, 0, number, 100)
        with pytest.raises(UnknownCaseError):
            reader.case(OURS, number)
    with pytest.raises(ForbiddenError):
        reader.events_after(OTHERS, 0, case_number(1), 100)


def test_a_database_that_is_away_is_told_without_its_address() -> None:
    engine = create_engine("postgresql://someone:secret@127.0.0.1:1/x")
    with pytest.raises(UnavailableError) as caught:
        Reader(engine).last_seq()
    assert "secret" not in caught.value.message
    assert "someone" not in caught.value.message
    assert caught.value.retry_ms
