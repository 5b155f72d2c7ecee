"""A watermark with exceptions says the same as a row for each change and unit would."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from blacklist.push.marks import Failure, Mark, inherited

CHANGES = range(1, 21)
CURSORS = st.integers(0, max(CHANGES))


@st.composite
def acknowledgements(draw: st.DrawFn) -> tuple[int, dict[int, Failure]]:
    cursor = draw(CURSORS)
    left = draw(st.sets(st.integers(1, cursor), max_size=5)) if cursor else set()
    return cursor, dict.fromkeys(left, Failure.OWN_SYSTEM)


@dataclass
class Rows:
    """A row for each change: whether it is carried out. Newer acknowledgements say how all of them are."""

    done: set[int] = field(default_factory=set)
    highest: int = 0

    def acknowledge(self, cursor: int, left: dict[int, Failure]) -> None:
        if cursor >= self.highest:
            self.highest = cursor
            self.done = {one for one in CHANGES if one <= cursor and one not in left}


def of(given_acknowledgements: list[tuple[int, dict[int, Failure]]]) -> tuple[Mark, Rows]:
    mark, rows = Mark(), Rows()
    for number, (cursor, left) in enumerate(given_acknowledgements, 1):
        mark = mark.acknowledged(cursor, left, number)
        rows.acknowledge(cursor, left)
    return mark, rows


@given(st.lists(acknowledgements(), max_size=8))
def test_mark_covers_what_the_rows_say(given_acknowledgements: list[tuple[int, dict[int, Failure]]]) -> None:
    mark, rows = of(given_acknowledgements)
    assert {one for one in CHANGES if mark.covers(one)} == rows.done
    assert mark.told >= mark.cursor


@given(st.lists(st.lists(acknowledgements(), max_size=4), min_size=1, max_size=4))
def test_successor_has_carried_out_what_all_before_it_have(
    units: list[list[tuple[int, dict[int, Failure]]]],
) -> None:
    marks = [of(one)[0] for one in units]
    found = inherited(marks)
    assert {one for one in CHANGES if found.covers(one)} == {
        one for one in CHANGES if all(mark.covers(one) for mark in marks)
    }
    assert all(one <= found.cursor for one in found.exceptions)


@given(st.lists(st.tuples(CURSORS, CURSORS), max_size=10))
def test_told_is_up_to_where_nothing_was_left_out(pieces: list[tuple[int, int]]) -> None:
    mark, told = Mark(), set()
    for after, reached in pieces:
        mark = mark.given(after, reached)
        # What comes after a gap counts only once the gap is told.
        if all(one in told for one in range(1, after + 1)):
            told |= set(range(after + 1, reached + 1))
    assert set(range(1, mark.told + 1)) == told


def test_who_succeeds_nobody_begins_at_the_beginning() -> None:
    assert inherited(()) == Mark()


def test_successor_of_one_who_never_acknowledged_begins_at_the_beginning() -> None:
    assert inherited((Mark(7, {}, 7, 99), Mark())) == Mark()
