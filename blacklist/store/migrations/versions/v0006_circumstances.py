"""The circumstances that were given with a listing, and who approved it.

A migration is never changed once it was released; it states its columns itself, not through tables.py.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of listings that are there they were not kept."""
    circumstances = sa.Column("circumstances", sa.SmallInteger(), nullable=False, server_default=sa.text("0"))
    op.add_column("listings", circumstances)
    op.add_column("listings", sa.Column("approved_by", sa.String(32), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("listings", "approved_by")
    op.drop_column("listings", "circumstances")
