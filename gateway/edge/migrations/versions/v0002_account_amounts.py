"""What of an account is protected, held and free: three columns of records.

Rows from before have 0 in them: until then the gateway did not pass these amounts on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = ("protected_fen", "held_fen", "available_fen")


def upgrade() -> None:
    """Add the columns."""
    for name in COLUMNS:
        op.add_column("records", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop the columns."""
    for name in COLUMNS:
        op.drop_column("records", name)
