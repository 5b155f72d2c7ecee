"""The first tables: inquiries, coverage, records, journal_cursor.

A migration is never changed once it was released; it states its columns itself, not through tables.py.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

COUNTS = (
    "total",
    "open",
    "found",
    "none",
    "ambiguous",
    "refused",
    "incapable",
    "late",
    "unreachable",
    "cancelled",
    "joined",
    "late_answered",
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "inquiries",
        sa.Column("inquiry_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("court", sa.String(32), nullable=False),
        sa.Column("order_id", sa.String(64), nullable=False),
        sa.Column("case_number", sa.String(128), nullable=False),
        sa.Column("admitted_ns", sa.BigInteger, nullable=False),
        sa.Column("deadline_ns", sa.BigInteger, nullable=False),
        sa.Column("urgency", sa.SmallInteger, nullable=False),
        sa.Column("scope", sa.LargeBinary, nullable=False),
    )
    op.create_index("inquiries_of_case", "inquiries", ["court", "case_number", "inquiry_id"])
    op.create_index("inquiries_of_order", "inquiries", ["court", "order_id"])
    op.create_table(
        "coverage",
        sa.Column("inquiry_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("stage", sa.SmallInteger, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("answered_ns", sa.BigInteger, nullable=False),
        sa.Column("asked_ns", sa.BigInteger, nullable=False),
        *(sa.Column(f"{name}_count", sa.Integer, nullable=False) for name in COUNTS),
        sa.Column("missing", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "records",
        sa.Column("inquiry_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("finding", sa.Integer, nullable=False),
        sa.Column("institution", sa.Integer, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("is_late", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String(256), nullable=False),
        sa.Column("item", sa.SmallInteger, nullable=False),
        sa.Column("locator", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(16), nullable=False),
        sa.Column("holder_number", sa.String(32), nullable=False),
        sa.Column("holder_name", sa.String(256), nullable=False),
        sa.Column("description", sa.String(512), nullable=False),
    )
    op.create_table(
        "journal_cursor",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("journal", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables; the projector makes their content again."""
    for table in ("journal_cursor", "records", "coverage", "inquiries"):
        op.drop_table(table)
