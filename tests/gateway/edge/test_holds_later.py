"""What a watcher is told now and what later: nothing is missed, and what an institution said never waits."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.edge import holds_later as module
from gateway.edge.holds_later import LATER_MAX, LATER_NS, Later, Step

NOW_NS = 10 * LATER_NS


def busy(cursor: int = 0) -> Later:
    """One that was told something just now."""
    later = Later(cursor)
    assert later.take([Step(cursor + 1, [1])], NOW_NS, is_last=False) == [1]
    return later


def test_where_nothing_happened_lately_an_order_is_told_at_once() -> None:
    later = Later(3)
    assert later.take([Step(4, [], [7, 8])], NOW_NS, is_last=False) == [7, 8]
    assert (later.cursor, later.due_ns) == (4, 0)
    # Then the next ones wait.
    assert later.take([Step(5, [], [9])], NOW_NS + 1, is_last=False) == []
    assert (later.cursor, later.due_ns) == (4, NOW_NS + 1 + LATER_NS)


def test_what_an_institution_said_is_told_at_once_and_the_order_with_it() -> None:
    later = busy()
    assert later.take([Step(2, [], [7, 8]), Step(3, [8])], NOW_NS, is_last=False) == [8]
    # The order of the other waits, so the cursor stays before it.
    assert later.cursor == 1
    assert later.take([Step(4, [7], [])], NOW_NS, is_last=False) == [7]
    assert (later.cursor, later.due_ns) == (4, 0)


def test_an_order_on_a_hold_that_is_told_now_is_told_with_it() -> None:
    later = busy()
    assert later.take([Step(2, [7]), Step(3, [], [7])], NOW_NS, is_last=False) == [7]
    assert (later.cursor, later.due_ns) == (3, 0)


def test_an_order_that_nobody_answers_is_told_when_its_time_has_come() -> None:
    later = busy()
    assert later.take([Step(2, [], [7])], NOW_NS, is_last=False) == []
    assert later.take([Step(3, [], [8])], NOW_NS + 5, is_last=False) == []
    assert later.take([], later.due_ns - 1, is_last=False) == []
    assert later.take([], later.due_ns, is_last=False) == [7]
    assert (later.cursor, later.due_ns) == (2, NOW_NS + 5 + LATER_NS)


def test_no_more_wait_than_there_is_room_for() -> None:
    later = busy()
    ids = list(range(100, 100 + LATER_MAX + 2))
    assert later.take([Step(2, [], ids)], NOW_NS, is_last=False) == ids[:2]
    assert later.cursor == 1


def test_at_the_end_all_is_told() -> None:
    later = busy()
    assert later.take([Step(2, [], [7])], NOW_NS, is_last=False) == []
    assert later.take([], NOW_NS, is_last=True) == [7]
    assert (later.cursor, later.due_ns) == (2, 0)


IDS = st.lists(st.integers(1, 6), max_size=4, unique=True)
MOVES = st.lists(st.tuples(IDS, IDS, st.integers(0, LATER_NS), st.booleans()), max_size=30)


@given(MOVES)
def test_after_a_break_at_any_cursor_nothing_is_missed(
    moves: list[tuple[list[int], list[int], int, bool]],
) -> None:
    later, now_ns = Later(0), NOW_NS
    steps: list[Step] = []
    # By hold: the newest step that a watcher with this cursor has been told of.
    told_of: dict[int, int] = {}
    last_cursor = 0
    for changed, ordered, passed_ns, is_step in moves:
        now_ns += passed_ns
        new = (
            [Step(len(steps) + 1, changed, [one for one in ordered if one not in changed])] if is_step else []
        )
        steps += new
        for hold_id in later.take(new, now_ns, is_last=False):
            told_of[hold_id] = len(steps)
        assert last_cursor <= later.cursor <= len(steps)
        last_cursor = later.cursor
        for step in steps[: later.cursor]:
            for hold_id in (*step.changed, *step.ordered):
                assert told_of[hold_id] >= step.seq
        assert all(told_of[hold_id] == len(steps) for step in new for hold_id in step.changed)
        assert later.due_ns == 0 or now_ns < later.due_ns <= now_ns + module.LATER_NS
