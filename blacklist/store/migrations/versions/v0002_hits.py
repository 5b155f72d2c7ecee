"""Whom units were told of, and what of a listing was not performed.

A migration is never changed once it was released; it states its columns itself, not through tables.py.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Listings that are there say nothing of what was not performed."""
    unperformed = sa.Column("unperformed", sa.String(512), nullable=False, server_default="")
    op.add_column("listings", unperformed)
    op.create_table(
        "hits",
        sa.Column("hit_id", ROW_NUMBER, primary_key=True, autoincrement=True),
        sa.Column("listing_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
    )
    op.create_index("hits_of_listing", "hits", ["listing_id", "hit_id"])


def downgrade() -> None:
    """Drop both."""
    op.drop_table("hits")
    op.drop_column("listings", "unperformed")
