"""Book: a step changes copies, and what is dropped was never there."""

from gateway.holds import Limits
from gateway.holds.book import Book, mark
from gateway.holds.model import Claim
from tests.gateway.holds.world import directory, law


def book() -> Book:
    return Book(law(), directory(), Limits())


def test_readers_see_what_is_kept_while_a_step_is_open() -> None:
    known = book()
    known.open(1)
    known.new_claim(Claim(1, known.stamp))
    assert known.kept_claim(1) is None
    known.close()
    assert known.kept_claim(1) is not None
    known.open(2)
    known.edit_claim(1).credited = 7
    kept = known.kept_claim(1)
    assert kept is not None
    assert (kept.credited, known.claims[1].credited) == (0, 7)
    known.drop()
    assert known.claims[1].credited == 0


def test_claim_is_forked_once_a_step() -> None:
    known = book()
    known.open(1)
    known.new_claim(Claim(1, known.stamp))
    first = known.edit_claim(1)
    assert known.edit_claim(1) is first
    known.close()
    known.open(2)
    second = known.edit_claim(1)
    assert second is not first
    assert known.edit_claim(1) is second
    known.drop()


def test_indexes_lists_and_sets_are_put_back() -> None:
    known = book()
    index, values, members = {"a": 1, "b": 2}, [1, 2], {1}
    known.open(1)
    known.put(index, "a", 5)
    known.put(index, "c", 6)
    known.remove(index, "b")
    known.insert(values, 1, 9)
    known.include(members, 2, included=True)
    known.include(members, 1, included=False)
    known.include(members, 2, included=True)
    known.set_cursor(3, 8)
    assert (index, values, members) == ({"a": 5, "c": 6}, [1, 9, 2], {2})
    assert known.kept_cursor(3) == 0
    known.drop()
    assert (index, values, members) == ({"a": 1, "b": 2}, [1, 2], {1})
    assert known.kept_cursor(3) == 0


def test_step_within_a_step_is_dropped_alone() -> None:
    known = book()
    known.open(1)
    known.new_claim(Claim(1, known.stamp))
    known.open(2)
    known.edit_claim(1).credited = 7
    known.new_claim(Claim(2, known.stamp))
    known.drop()
    assert (known.claims[1].credited, 2 in known.claims) == (0, False)
    known.edit_claim(1).credited = 5
    known.close()
    kept = known.kept_claim(1)
    assert kept is not None
    assert kept.credited == 5


def test_mark_makes_sure() -> None:
    values = {1}
    mark(values, 1, True)
    mark(values, 2, True)
    mark(values, 3, False)
    mark(values, 1, False)
    assert values == {2}
