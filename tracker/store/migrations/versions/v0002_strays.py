"""What was told of cases that are not registered yet.

A migration is never changed once it was released; it states its columns itself, not through tables.py.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "strays",
        sa.Column("court", sa.String(32), primary_key=True),
        sa.Column("case_number", sa.String(128), primary_key=True),
        sa.Column("kind", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("kept_ns", sa.BigInteger, nullable=False),
    )
    op.create_index("strays_of_time", "strays", ["kept_ns"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("strays")
