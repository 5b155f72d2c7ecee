"""By when a removal is due that a court proposed itself.

A migration is never changed once it was released; it states its columns itself, not through tables.py.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what was proposed before it is not known."""
    op.add_column("deeds", sa.Column("due", sa.Integer(), nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("deeds", "due")
