"""Many rows at once: a few by statements, many by each database's quick way, and sums added up."""

from sqlalchemy import select

from tests.tracker.world import Store
from tracker.store.head import writing
from tracker.store.rows import COPY_COUNT_MIN, add_rows, insert_rows, put_rows
from tracker.store.tables import CASES, COUNTERS, FIGURES, TALLIES

COUNT = 3 * COPY_COUNT_MIN


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
