"""Which items an inquiry asked for: a column of inquiries.

Rows from before have NULL in it: they are not known.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("inquiries", sa.Column("asked", sa.LargeBinary))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("inquiries", "asked")
