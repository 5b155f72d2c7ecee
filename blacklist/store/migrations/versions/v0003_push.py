"""What units were told, why something is not carried out, and how far they were on each day.

A migration is never changed once it was released; it states its columns itself, not through tables.py.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Exceptions that are there have no reason, units that are there were told nothing."""
    told = sa.Column("told", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    op.add_column("watermarks", told)
    failure = sa.Column("failure", sa.SmallInteger(), nullable=False, server_default=sa.text("4"))
    op.add_column("exceptions", failure)
    op.add_column("exceptions", sa.Column("settled_day", sa.Integer()))
    op.create_table(
        "marks",
        sa.Column("unit", sa.String(64), primary_key=True),
        sa.Column("day", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
    )
    ended = sa.text("removed_cursor IS NOT NULL")
    op.create_index("entries_ended", "entries", ["listing_id"], sqlite_where=ended, postgresql_where=ended)


def downgrade() -> None:
    """Drop all of it."""
    op.drop_index("entries_ended", "entries")
    op.drop_table("marks")
    op.drop_column("exceptions", "settled_day")
    op.drop_column("exceptions", "failure")
    op.drop_column("watermarks", "told")
