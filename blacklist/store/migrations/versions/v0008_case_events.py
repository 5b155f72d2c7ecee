"""The events by which a case is ended for now and inquiries are counted, where only their count was kept.

A migration is never changed once it was released; it states its columns itself, not through tables.py.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Inquiries that proposed something since the case was ended for now, the first proposed first.
PROPOSING = sa.text(
    "SELECT event_id, MIN(happened) AS happened FROM proposals"
    " WHERE court = :court AND case_number = :case_number"
    " AND reason = 'two_inquiries_found_nothing_after_suspension' AND happened >= :since"
    " GROUP BY event_id ORDER BY MIN(proposal_id)"
)


def upgrade() -> None:
    """Which events were counted is not known, but for those that proposed something: the others have no ids,
    so that none is found void."""
    made = op.create_table(
        "case_events",
        sa.Column("court", sa.String(32), primary_key=True),
        sa.Column("case_number", sa.String(128), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("event_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("manner", sa.String(64), nullable=False),
        sa.Column("happened", sa.Integer(), nullable=False),
        sa.Column("is_void", sa.Boolean(), nullable=False),
    )
    connection = op.get_bind()
    known = connection.execute(sa.text("SELECT court, case_number, since, empty_count FROM suspended")).all()
    for court, case_number, since, empty_count in known:
        key = {"court": court, "case_number": case_number}
        found = connection.execute(PROPOSING, key | {"since": since}).all()
        events = _events(since, empty_count, [(row.event_id, row.happened) for row in found])
        rows = [one | key | {"place": place} for place, one in enumerate(events, 1)]
        connection.execute(sa.insert(made), rows)
    op.drop_table("suspended")


def _events(since: int, empty_count: int, proposing: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """The ending, and the inquiries: from the second one on each proposed, unless another waited already."""
    last = proposing[max(0, len(proposing) - max(0, empty_count - 1)) :]
    found = [("", since), *last]
    found += [("", found[-1][1])] * (empty_count - len(found))
    rest = {"manner": "", "is_void": False}
    ending = {"event_id": "", "kind": "suspension_ruled", "happened": since} | rest
    inquiry = {"kind": "no_property_found"} | rest
    return [ending, *(inquiry | {"event_id": one, "happened": day} for one, day in found[:empty_count])]


def downgrade() -> None:
    """Drop them; what was counted is told again."""
    op.drop_table("case_events")
    op.create_table(
        "suspended",
        sa.Column("court", sa.String(32), primary_key=True),
        sa.Column("case_number", sa.String(128), primary_key=True),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("empty_count", sa.Integer(), nullable=False),
    )
