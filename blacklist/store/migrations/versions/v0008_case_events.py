"""The events by which a case is ended for now and inquiries are counted, where only their count was kept.

A migration is never changed once it was released; it states its columns itself, not through tables.py.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Which events were counted is not known: they have no ids, so that none is found void."""
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
        kinds = ["suspension_ruled", *["no_property_found"] * empty_count]
        rest = {"event_id": "", "manner": "", "happened": since, "is_void": False}
        key = {"court": court, "case_number": case_number}
        connection.execute(
            sa.insert(made),
            [key | rest | {"place": place, "kind": kind} for place, kind in enumerate(kinds, 1)],
        )
    op.drop_table("suspended")


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
