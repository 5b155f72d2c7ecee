"""The first tables: cases, events, what follows from them, and the law under which it does.

A migration is never changed once it was released; it states its columns itself, not through tables.py.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FIGURES = ("open", "done", "in_time", "late", "days_sum")
OVERDUE = ("overdue", "overdue_1", "overdue_2", "overdue_3", "overdue_6")
TABLES = (
    "courts",
    "handlers",
    "origins",
    "laws",
    "cases",
    "events",
    "due_nodes",
    "tallies",
    "series",
    "counters",
)


def upgrade() -> None:
    """Make the tables."""
    _make_words()
    _make_cases()
    _make_figures()


def downgrade() -> None:
    """Drop the tables, and with them every case."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _key(name: str, kind: type[sa.types.TypeEngine[int]] = sa.Integer) -> sa.Column[int]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _row_number(name: str) -> sa.Column[int]:
    """On SQLite only an INTEGER key is the row's own number."""
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _number(name: str, kind: type[sa.types.TypeEngine[int]] = sa.Integer) -> sa.Column[int]:
    return sa.Column(name, kind, nullable=False)


def _make_words() -> None:
    op.create_table("courts", _key("court_id"), sa.Column("code", sa.String(32), nullable=False, unique=True))
    op.create_table(
        "handlers", _key("handler_id"), _number("court_id"), sa.Column("name", sa.String(32), nullable=False)
    )
    op.create_index("handlers_of_court", "handlers", ["court_id", "name"], unique=True)
    op.create_table(
        "origins",
        _key("origin_id"),
        sa.Column("rule", sa.String(128), nullable=False),
        sa.Column("article", sa.String(256), nullable=False),
        _number("version"),
    )
    op.create_index("origins_of_rule", "origins", ["rule", "version", "article"], unique=True)
    op.create_table(
        "laws",
        _key("law_id"),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("texts", sa.Text, nullable=False),
        _number("adopted_ns", sa.BigInteger),
        _number("recomputed_to", sa.BigInteger),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(64), primary_key=True),
        _number("value", sa.BigInteger),
    )


def _make_cases() -> None:
    op.create_table(
        "cases",
        _row_number("case_no"),
        _number("court_id"),
        sa.Column("case_number", sa.String(128), nullable=False),
        _number("handler_id"),
        _number("level", sa.SmallInteger),
        _number("status", sa.SmallInteger),
        _number("status_day"),
        _number("law_id"),
        _number("registered_ns", sa.BigInteger),
        sa.Column("registration", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("standing", sa.LargeBinary, nullable=False),
        sa.Column("things", sa.Text, nullable=False),
    )
    op.create_index("cases_of_number", "cases", ["case_number", "court_id"], unique=True)
    op.create_index("cases_of_status", "cases", ["status", "status_day", "case_no"])
    op.create_table(
        "events",
        _row_number("seq"),
        _number("case_no", sa.BigInteger),
        _number("court_id"),
        sa.Column("event_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        _number("effective"),
        _number("recorded_ns", sa.BigInteger),
        _number("source", sa.SmallInteger),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("events_of_case", "events", ["case_no", "event_id"], unique=True)
    op.create_index("events_of_court", "events", ["court_id", "seq"])
    op.create_table(
        "due_nodes",
        _key("court_id"),
        _key("node", sa.SmallInteger),
        _key("due"),
        _key("case_no", sa.BigInteger),
        sa.Column("thing", sa.String(64), primary_key=True),
        _number("handler_id"),
        _number("level", sa.SmallInteger),
        _number("start"),
        _number("amber"),
        _number("red"),
        _number("flags", sa.SmallInteger),
        _number("origin_id"),
        sqlite_with_rowid=False,
    )
    order = ["court_id", "handler_id", "node", "due", "case_no", "thing"]
    op.create_index("due_nodes_of_handler", "due_nodes", order)


def _make_figures() -> None:
    op.create_table(
        "tallies",
        _key("court_id"),
        _key("level", sa.SmallInteger),
        _key("node", sa.SmallInteger),
        *(_number(name, sa.BigInteger) for name in FIGURES),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "series",
        _key("court_id"),
        _key("node", sa.SmallInteger),
        _key("at_ns", sa.BigInteger),
        _key("level", sa.SmallInteger),
        *(_number(name, sa.BigInteger) for name in (*FIGURES, *OVERDUE)),
        sqlite_with_rowid=False,
    )
    op.create_index("series_of_time", "series", ["at_ns"])
