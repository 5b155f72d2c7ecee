"""Lane: a ring that grows; positions stay, and what has ended is passed over."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.testing_queue import Lane
from tests.gateway.core.samples import unhurried


@unhurried
@given(turns=st.lists(st.booleans(), max_size=200))
def test_ring_agrees_with_a_queue(turns: list[bool]) -> None:
    lane, model = Lane(), list[int]()
    for ask, is_added in enumerate(turns):
        if is_added or not model:
            assert lane.add(ask, 0)
            model.append(ask)
        else:
            lane.drop_first()
            model.pop(0)
        assert lane.asks() == model


def test_ring_grows_around_its_seam() -> None:
    lane = Lane()
    for ask in range(16):
        lane.add(ask, 0)
    for _ in range(10):
        lane.drop_first()
    for ask in range(16, 27):
        lane.add(ask, 0)
    assert (lane.room, lane.asks()) == (32, list(range(10, 27)))


def test_an_empty_lane_has_nothing_due() -> None:
    assert Lane().due_ns(0) is None


def test_the_first_entry_not_ended_says_when() -> None:
    lane = Lane()
    for ask in range(3):
        lane.add(ask, 10 + ask)
    lane.end(0)
    assert (lane.due_ns(0), lane.cursor) == (11, 1)
    lane.end(1)
    lane.end(2)
    assert (lane.due_ns(0), lane.cursor) == (None, 3)


def test_a_note_counts_until_its_time() -> None:
    lane = Lane()
    lane.add(0, 10, is_note=True, until_ns=50)
    lane.add(1, 20)
    assert lane.due_ns(50) == 10
    assert lane.due_ns(51) == 20


def test_what_stands_before_a_lifted_entry_is_due_with_it() -> None:
    lane = Lane()
    for ask in range(3):
        lane.add(ask, 30)
    lane.lift(2, 5)
    assert lane.due_ns(0) == 5
    lane.end(0)
    assert lane.due_ns(0) == 5
    lane.end(1)
    assert lane.due_ns(0) == 30
