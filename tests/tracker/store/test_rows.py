"""Many rows at once: a few by statements, many by each database's quick way, and sums added up."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.tracker.world import Store
from tracker.store.head import writing
from tracker.store.rows import (
    COPY_COUNT_MIN,
    TOGETHER_COUNT,
    add_rows,
    change_rows,
    find_rows,
    insert_rows,
    put_rows,
    remove_rows,
)
from tracker.store.tables import CASES, COUNTERS, FIGURES, TALLIES

COUNT = 3 * COPY_COUNT_MIN + TOGETHER_COUNT


def test_rows_arrive_as_they_were_given(store: Store) -> None:
    rows = [
        (number, 1, f"号\t\\N\n{number}", 1, 1, 1, 0, 1, 2**62, b"\x00\xff\t\\", b"d", b"", "a\nb")
        for number in range(1, COUNT)
    ]
    with writing(store.engine) as connection:
        insert_rows(connection, CASES, rows[:3])
        insert_rows(connection, CASES, rows[3:])
        insert_rows(connection, CASES, [])
        found = connection.execute(select(CASES).order_by(CASES.c.case_no)).all()
    assert [tuple(row) for row in found] == rows


@pytest.mark.parametrize("count", [2, COUNT])
def test_a_row_that_is_there_already_is_told_alike_however_many_come(store: Store, count: int) -> None:
    with pytest.raises(IntegrityError), writing(store.engine) as connection:
        insert_rows(connection, TALLIES, [(1, 1, 1, 0, 0, 0, 0, 0)] * count)


def test_rows_are_found_by_a_list_of_values(store: Store) -> None:
    rows = [(1, 1, node, 10, 20, 30, 40, 50) for node in range(1, COUNT)]
    with writing(store.engine) as connection:
        insert_rows(connection, TALLIES, rows)
        found = find_rows(connection, TALLIES, ("node", "late"), [2, COUNT, 5, 5])
        assert sorted(map(tuple, found)) == [(2, 40), (5, 40)]
        assert find_rows(connection, TALLIES, ("node", "late"), []) == ()


def test_rows_are_changed_and_removed_by_their_keys(store: Store) -> None:
    rows = [(1, 1, node, 10, 20, 30, 40, 50) for node in range(1, COUNT)]
    with writing(store.engine) as connection:
        insert_rows(connection, TALLIES, rows)
        change_rows(connection, TALLIES, ("late", "open"), [(1, 1, node, node, 7) for node in range(1, 4)])
        change_rows(connection, TALLIES, ("late",), [])
        remove_rows(connection, TALLIES, [(1, 1, node) for node in range(3, COUNT)])
        remove_rows(connection, TALLIES, [(2, 1, 1)])
        remove_rows(connection, TALLIES, [])
        found = connection.execute(select(TALLIES).order_by(TALLIES.c.node)).all()
    assert [tuple(row) for row in found] == [(1, 1, 1, 7, 20, 30, 1, 50), (1, 1, 2, 7, 20, 30, 2, 50)]


def test_sums_are_added_and_values_replaced(store: Store) -> None:
    row = {"court_id": 1, "level": 1, "node": 3, **dict.fromkeys(FIGURES, 2)}
    with writing(store.engine) as connection:
        add_rows(connection, TALLIES, [row], FIGURES)
        add_rows(connection, TALLIES, [{**row, "open": -1}], FIGURES)
        add_rows(connection, TALLIES, [], FIGURES)
        assert tuple(connection.execute(select(TALLIES)).one()) == (1, 1, 3, 1, 4, 4, 4, 4)
        put_rows(connection, COUNTERS, [{"name": "x", "value": 1}])
        put_rows(connection, COUNTERS, [{"name": "x", "value": 2}])
        found = connection.execute(select(COUNTERS.c.value).where(COUNTERS.c.name == "x"))
        assert found.scalar_one() == 2
