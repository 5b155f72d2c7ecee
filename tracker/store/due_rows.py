"""Due rows: puts the due nodes of new cases into their table.

Cases come by the thousand that stand alike. SQLite is given what each mould has due, and which cases are of
which mould, and multiplies them itself: a third of the values, and one statement that runs without the
interpreter's lock. It decides nothing.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from tracker.store.rows import Row, insert_rows
from tracker.store.tables import DUE_NODES

if TYPE_CHECKING:
    from tracker.store.draft import Mould

# Of one statement; SQLite takes 32,766 values. For fewer cases, or for moulds of one case each, rows are
# made here.
CASES_AT_ONCE: Final = 4_096
CASES_MIN: Final = 64
DUE_MAX: Final = 1_500
_MULTIPLY: Final = """
WITH due_of (node, due, thing, mould, start, amber, red, flags, origin_id) AS (VALUES {due}),
case_of (mould, court_id, case_no, handler_id) AS (VALUES {cases})
INSERT INTO due_nodes (court_id, node, due, case_no, thing, handler_id, start, amber, red, flags, origin_id)
SELECT court_id, node, due, case_no, thing, handler_id, start, amber, red, flags, origin_id
FROM due_of CROSS JOIN case_of ON case_of.mould = due_of.mould
"""


# A new case: the number of its mould in this transaction, court_id, case_no, handler_id.
CaseOf = tuple[int, int, int, int]


def due_rows(court_id: int, case_no: int, handler_id: int, mould: "Mould") -> list[Row]:
    """Of one case."""
    return [(court_id, *listed, case_no, thing, handler_id, *rest) for listed, thing, rest in mould.due]


def insert_due(connection: Connection, moulds: "Mapping[int, Mould]", cases: Sequence[CaseOf]) -> None:
    """Those of all these cases."""
    # Nearly in the order in which they will stand: pages are filled one after the other.
    due = sorted(
        (*listed, thing, number, *rest)
        for number, mould in moulds.items()
        for listed, thing, rest in mould.due
    )
    is_alike = len(cases) >= max(CASES_MIN, len(due)) and len(due) <= DUE_MAX
    if connection.dialect.name == "postgresql" or not is_alike:
        rows = [
            row
            for number, court_id, case_no, handler_id in cases
            for row in due_rows(court_id, case_no, handler_id, moulds[number])
        ]
        insert_rows(connection, DUE_NODES, sorted(rows))
        return
    for start in range(0, len(cases) if due else 0, CASES_AT_ONCE):
        some = cases[start : start + CASES_AT_ONCE]
        statement = _MULTIPLY.format(due=_marks(due), cases=_marks(some))
        connection.exec_driver_sql(statement, tuple(chain(*due, *some)))


def _marks(rows: Sequence[Row]) -> str:
    row = f"({', '.join('?' * len(rows[0]))})"
    return ", ".join([row] * len(rows))
