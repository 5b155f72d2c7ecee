"""Tables: the projection database, as SQLAlchemy Core sees it.

Everything in it can be made again from the journal. The migrations make it; a test compares the two. It holds
personal data: the records found, and nothing else of a subject.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
)

METADATA: Final = MetaData()

# One row for each inquiry admitted; never changed.
INQUIRIES: Final = Table(
    "inquiries",
    METADATA,
    Column("inquiry_id", BigInteger, primary_key=True, autoincrement=False),
    Column("court", String(32), nullable=False),
    Column("order_id", String(64), nullable=False),
    Column("case_number", String(128), nullable=False),
    Column("admitted_ns", BigInteger, nullable=False),
    Column("deadline_ns", BigInteger, nullable=False),
    Column("urgency", SmallInteger, nullable=False),
    Column("scope", LargeBinary, nullable=False),  # an encoded chakong.gateway.v1.Scope
    Column("asked", LargeBinary),  # an encoded chakong.gateway.v1.Asked; NULL: not known
    Index("inquiries_of_case", "court", "case_number", "inquiry_id"),
    Index("inquiries_of_order", "court", "order_id"),
)

COUNTS: Final = (
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

# One row for each inquiry with an answer: the newest.
COVERAGE: Final = Table(
    "coverage",
    METADATA,
    Column("inquiry_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),  # of the answer's frame
    Column("stage", SmallInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("answered_ns", BigInteger, nullable=False),
    Column("asked_ns", BigInteger, nullable=False),
    *(Column(f"{name}_count", Integer, nullable=False) for name in COUNTS),
    Column("missing", LargeBinary, nullable=False),  # an encoded Coverage with `missing` alone
)

# Of an account, beside its balance.
ACCOUNT_AMOUNTS: Final = ("protected_fen", "held_fen", "available_fen")

# A row for each record found; one with item 0 for a finding without records.
RECORDS: Final = Table(
    "records",
    METADATA,
    Column("inquiry_id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("finding", Integer, nullable=False),
    Column("institution", Integer, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("is_late", Boolean, nullable=False),
    Column("reason", String(256), nullable=False),
    Column("item", SmallInteger, nullable=False),
    Column("locator", String(128), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("holder_number", String(32), nullable=False),
    Column("holder_name", String(256), nullable=False),
    Column("description", String(512), nullable=False),
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in ACCOUNT_AMOUNTS),
)

# One row: everything up to `seq` of this journal is in the tables.
CURSOR: Final = Table(
    "journal_cursor",
    METADATA,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("journal", String(64), nullable=False),
)
