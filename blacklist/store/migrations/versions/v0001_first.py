"""The first tables: listings and their entries, what was done to them, and who has acknowledged what.

A migration is never changed once it was released; it states its columns itself, not through tables.py.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make them."""
    _make_counters()
    _make_deeds()
    _make_entries()
    _make_exceptions()
    _make_listings()
    _make_objections()
    _make_secrets()
    _make_watermarks()


def downgrade() -> None:
    """Drop them."""
    for name in (
        "watermarks",
        "secrets",
        "objections",
        "listings",
        "exceptions",
        "entries",
        "deeds",
        "counters",
    ):
        op.drop_table(name)


def _index(name: str, table: str, columns: list[str], condition: str = "", *, unique: bool = False) -> None:
    """Of those rows alone that fit the condition, if there is one."""
    where: dict[str, Any] = (
        {f"{kind}_where": sa.text(condition) for kind in ("sqlite", "postgresql")} if condition else {}
    )
    op.create_index(name, table, columns, unique=unique, **where)


def _make_counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
    )


def _make_deeds() -> None:
    op.create_table(
        "deeds",
        sa.Column("seq", ROW_NUMBER, primary_key=True, autoincrement=False),
        sa.Column("listing_id", sa.BigInteger(), nullable=False),
        sa.Column("deed", sa.SmallInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("recorded_ns", sa.BigInteger(), nullable=False),
        sa.Column("court", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(256), nullable=False),
        sa.Column("instrument", sa.String(128), nullable=False),
        sa.Column("objection_id", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.LargeBinary()),
        sa.Column("digest", sa.LargeBinary()),
    )
    _index("deeds_of_act", "deeds", ["act"], "act IS NOT NULL", unique=True)
    _index("deeds_of_listing", "deeds", ["listing_id", "seq"])


def _make_entries() -> None:
    op.create_table(
        "entries",
        sa.Column("cursor", ROW_NUMBER, primary_key=True, autoincrement=False),
        sa.Column("listing_id", sa.BigInteger(), nullable=False),
        sa.Column("id_type", sa.SmallInteger(), nullable=False),
        sa.Column("id_number", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("kinds", sa.SmallInteger(), nullable=False),
        sa.Column("bound", sa.SmallInteger(), nullable=False),
        sa.Column("since_day", sa.Integer(), nullable=False),
        sa.Column("until_day", sa.Integer()),
        sa.Column("deed", sa.SmallInteger(), nullable=False),
        sa.Column("added_ns", sa.BigInteger(), nullable=False),
        sa.Column("removed_cursor", sa.BigInteger()),
        sa.Column("removed_deed", sa.SmallInteger()),
        sa.Column("removed_ns", sa.BigInteger()),
    )
    _index("entries_of_number", "entries", ["id_number", "id_type"])
    _index("entries_removed", "entries", ["removed_cursor"], "removed_cursor IS NOT NULL", unique=True)


def _make_exceptions() -> None:
    op.create_table(
        "exceptions",
        sa.Column("unit", sa.String(64), primary_key=True),
        sa.Column("cursor", sa.BigInteger(), primary_key=True, autoincrement=False),
    )


def _make_listings() -> None:
    op.create_table(
        "listings",
        sa.Column("listing_id", ROW_NUMBER, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("court", sa.String(32), nullable=False),
        sa.Column("case_number", sa.String(128), nullable=False),
        sa.Column("instrument", sa.String(128), nullable=False),
        sa.Column("officer", sa.String(32), nullable=False),
        sa.Column("ground", sa.String(64), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.Column("extended_months", sa.SmallInteger(), nullable=False),
        sa.Column("removal_due", sa.Integer(), nullable=False),
        sa.Column("removal_reason", sa.String(64), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.BigInteger(), nullable=False),
        sa.Column("capacity", sa.SmallInteger(), nullable=False),
        sa.Column("recorded_ns", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("entry_cursor", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
    )
    _index("listings_due", "listings", ["removal_due"], "removal_due > 0 AND status <= 2")
    _index("listings_ending", "listings", ["until"], "until > 0 AND status <= 2")
    _index("listings_of_act", "listings", ["act"], unique=True)
    _index("listings_of_case", "listings", ["court", "case_number", "listing_id"])
    _index("listings_of_court", "listings", ["court", "status", "listing_id"])
    _index("listings_of_principal", "listings", ["principal_id"], "principal_id > 0")


def _make_objections() -> None:
    op.create_table(
        "objections",
        sa.Column("objection_id", ROW_NUMBER, primary_key=True, autoincrement=False),
        sa.Column("listing_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
    )
    _index("objections_due", "objections", ["due"], "due > 0")
    _index("objections_of_listing", "objections", ["listing_id", "objection_id"])


def _make_secrets() -> None:
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.LargeBinary(), nullable=False),
    )


def _make_watermarks() -> None:
    op.create_table(
        "watermarks",
        sa.Column("unit", sa.String(64), primary_key=True),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_ns", sa.BigInteger(), nullable=False),
    )
