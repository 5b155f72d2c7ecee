"""Due nodes of new cases: multiplied by the database or made one by one, they are the same rows."""

import pytest
from sqlalchemy import select

from tests.tracker.world import Store
from tracker.store.draft import Mould
from tracker.store.due_rows import CASES_AT_ONCE, CASES_MIN, DUE_MAX, due_rows, insert_due
from tracker.store.head import writing
from tracker.store.tables import DUE_NODES


def mould(*due: tuple[tuple[int, int], str, tuple[int, ...]]) -> Mould:
    return Mould(1, 0, b"", "", due, ())


PLAIN = mould(((3, 20261201), "", (20261123, 20261128, 20261130, 0, 1)))
NOTHING = mould()
TWICE = mould(
    ((3, 20261201), "", (20261124, 0, 0, 1, 2)),
    ((31, 20270523), "存款-1", (20261123, 20270401, 20270501, 0, 3)),
)
LONG = mould(*(((31, day), "", (1, 2, 3, 0, 1)) for day in range(1, DUE_MAX + 2)))


@pytest.mark.parametrize("count", [0, 1, CASES_MIN - 1, CASES_MIN, CASES_AT_ONCE + 7])
def test_each_case_has_the_due_nodes_of_its_mould(store: Store, count: int) -> None:
    moulds = {7: PLAIN, 8: NOTHING, 9: TWICE}
    cases = [(7 + case_no % 3, 1 + case_no % 2, case_no, case_no % 5) for case_no in range(1, count + 1)]
    check(store, moulds, cases)


@pytest.mark.parametrize("made", [NOTHING, LONG])
def test_moulds_with_nothing_due_and_with_more_than_a_statement_takes(store: Store, made: Mould) -> None:
    check(store, {1: made}, [(1, 1, case_no, 1) for case_no in range(1, CASES_MIN + 1)])


def test_moulds_of_one_case_each(store: Store) -> None:
    numbers = range(1, CASES_MIN + 1)
    check(store, dict.fromkeys(numbers, TWICE), [(case_no, 1, case_no, 1) for case_no in numbers])


def check(store: Store, moulds: dict[int, Mould], cases: list[tuple[int, int, int, int]]) -> None:
    with writing(store.engine) as connection:
        insert_due(connection, moulds, cases)
    with store.engine.connect() as connection:
        found = sorted(tuple(row) for row in connection.execute(select(DUE_NODES)))
    wanted = [
        row
        for number, court_id, case_no, handler_id in cases
        for row in due_rows(court_id, case_no, handler_id, moulds[number])
    ]
    assert found == sorted(wanted)
