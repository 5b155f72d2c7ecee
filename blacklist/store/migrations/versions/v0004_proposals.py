"""What events of cases propose, and how far they were followed.

A migration is never changed once it was released; it states its columns itself, not through tables.py.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "proposals",
        sa.Column("proposal_id", ROW_NUMBER, primary_key=True, autoincrement=False),
        sa.Column("what", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("court", sa.String(32), nullable=False),
        sa.Column("case_number", sa.String(128), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("event_id", sa.String(64), nullable=False),
        sa.Column("event_kind", sa.String(64), nullable=False),
        sa.Column("happened", sa.Integer(), nullable=False),
        sa.Column("proposed_ns", sa.BigInteger(), nullable=False),
        sa.Column("listing_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("decided_ns", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.String(64), nullable=False),
        sa.Column("note", sa.String(256), nullable=False),
        sa.Column("act", sa.LargeBinary()),
        sa.Column("digest", sa.LargeBinary()),
    )
    _index("proposals_due", ["due"], "due > 0 AND status = 1")
    _index("proposals_of_act", ["act"], "act IS NOT NULL", unique=True)
    _index("proposals_of_case", ["court", "case_number", "proposal_id"])
    _index("proposals_of_court", ["court", "status", "proposal_id"])
    _index("proposals_of_listing", ["listing_id"], "listing_id > 0 AND status = 1")
    op.create_table(
        "followed",
        sa.Column("court", sa.String(32), primary_key=True),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "suspended",
        sa.Column("court", sa.String(32), primary_key=True),
        sa.Column("case_number", sa.String(128), primary_key=True),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("empty_count", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("suspended", "followed", "proposals"):
        op.drop_table(name)


def _index(name: str, columns: list[str], condition: str = "", *, unique: bool = False) -> None:
    """Of those proposals alone that fit the condition, if there is one."""
    where: dict[str, Any] = (
        {f"{kind}_where": sa.text(condition) for kind in ("sqlite", "postgresql")} if condition else {}
    )
    op.create_index(name, "proposals", columns, unique=unique, **where)
