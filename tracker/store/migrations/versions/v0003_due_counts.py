"""Counts of due nodes by day, so that what is overdue is summed and not looked up; the level stands there.

A migration is never changed once it was released; it states its columns itself, not through tables.py.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COUNTED = """
INSERT INTO due_counts (court_id, level, node, due, count)
SELECT court_id, level, node, due, count(*) FROM due_nodes GROUP BY court_id, level, node, due
"""
LEVELS = "UPDATE due_nodes SET level = (SELECT level FROM cases WHERE cases.case_no = due_nodes.case_no)"
ENDED_FOR_NOW = sa.text("status = 2")


def upgrade() -> None:
    """Make the table from what is there."""
    op.create_table(
        "due_counts",
        sa.Column("court_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("level", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("node", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("due", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute(COUNTED)
    op.drop_column("due_nodes", "level")
    op.drop_index("cases_of_status", "cases")
    op.create_index(
        "cases_ended_for_now",
        "cases",
        ["status_day", "case_no"],
        sqlite_where=ENDED_FOR_NOW,
        postgresql_where=ENDED_FOR_NOW,
    )


def downgrade() -> None:
    """Drop it, and put the level back where it was."""
    op.drop_index("cases_ended_for_now", "cases")
    op.create_index("cases_of_status", "cases", ["status", "status_day", "case_no"])
    op.add_column("due_nodes", sa.Column("level", sa.SmallInteger, nullable=False, server_default="1"))
    op.execute(LEVELS)
    op.drop_table("due_counts")
