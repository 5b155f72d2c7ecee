"""What else of a case's events says what they propose.

A migration is never changed once it was released; it states its columns itself, not through tables.py.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of events that are there it was not kept."""
    for name in ("reason", "period"):
        op.add_column("case_events", sa.Column(name, sa.String(64), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("case_events", "period")
    op.drop_column("case_events", "reason")
