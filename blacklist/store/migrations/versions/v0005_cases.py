"""Case numbers in their one spelling, where they were kept as they came.

A migration is never changed once it was released; it states its columns itself, not through tables.py.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from runtime.cases import normal

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROWS_PER_PIECE = 65_536
# Tables with the number of each row.
NUMBERED = {"listings": "listing_id", "proposals": "proposal_id"}
COLUMNS = ("court", "case_number", "since", "empty_count")
SUSPENDED = sa.table("suspended", *map(sa.column, COLUMNS))


def upgrade() -> None:
    """Put them right."""
    connection = op.get_bind()
    for name, key in NUMBERED.items():
        table = sa.table(name, sa.column(key), sa.column("case_number"))
        for number, spelled in _spelled(connection, table, key):
            this = sa.update(table).where(table.c[key] == number)
            connection.execute(this.values(case_number=normal(spelled)))
    for row in connection.execute(sa.select(SUSPENDED)).all():
        _join(connection, row)


def downgrade() -> None:
    """How they were spelled is not kept."""


def _spelled(connection: sa.Connection, table: sa.TableClause, key: str) -> Iterator[tuple[int, str]]:
    """Rows whose case number is spelled otherwise."""
    last = 0
    query = sa.select(table.c[key], table.c.case_number).order_by(table.c[key]).limit(ROWS_PER_PIECE)
    while piece := connection.execute(query.where(table.c[key] > last)).all():
        last = piece[-1][0]
        yield from ((number, case) for number, case in piece if normal(case) != case)


def _join(connection: sa.Connection, row: sa.Row[Any]) -> None:
    """Under two spellings one case may have been kept twice: it is ended since the first day."""
    court, case, since, count = (row.court, row.case_number, row.since, row.empty_count)
    if normal(case) == case:
        return
    of_court = SUSPENDED.c.court == court
    right = sa.and_(of_court, SUSPENDED.c.case_number == normal(case))
    connection.execute(sa.delete(SUSPENDED).where(of_court, SUSPENDED.c.case_number == case))
    known = connection.execute(sa.select(SUSPENDED).where(right)).one_or_none()
    connection.execute(sa.delete(SUSPENDED).where(right))
    if known is not None:
        since, count = min(since, known.since), count + known.empty_count
    values = dict(zip(COLUMNS, (court, normal(case), since, count), strict=True))
    connection.execute(sa.insert(SUSPENDED).values(**values))
