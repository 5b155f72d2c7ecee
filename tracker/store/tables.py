"""Tables: the tracker's database, as SQLAlchemy Core sees it.

Cases and events are kept nowhere else; due nodes, tallies and the standing of a case follow from them, and
are changed in the same transaction. The migrations make the tables; a test compares the two. Of persons there
is only what `cases.registration` holds for inquiries.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

METADATA: Final = MetaData()
# As model.Status has it; it stands in an index.
ENDED_FOR_NOW: Final = 2
# On SQLite only an INTEGER key is the row's own number; any other is an index beside it.
ROW_NUMBER: Final = BigInteger().with_variant(Integer(), "sqlite")

# Courts and handlers stand in millions of rows: by number.
COURTS: Final = Table(
    "courts",
    METADATA,
    Column("court_id", Integer, primary_key=True, autoincrement=False),
    Column("code", String(32), nullable=False, unique=True),
)

# Number 0 is nobody, and in no row.
HANDLERS: Final = Table(
    "handlers",
    METADATA,
    Column("handler_id", Integer, primary_key=True, autoincrement=False),
    Column("court_id", Integer, nullable=False),
    Column("name", String(32), nullable=False),
    Index("handlers_of_court", "court_id", "name", unique=True),
)

# Where due days come from: rule, article, version of the rule.
ORIGINS: Final = Table(
    "origins",
    METADATA,
    Column("origin_id", Integer, primary_key=True, autoincrement=False),
    Column("rule", String(128), nullable=False),
    Column("article", String(256), nullable=False),
    Column("version", Integer, nullable=False),  # the day from which it is in force
    Index("origins_of_rule", "rule", "version", "article", unique=True),
)

# Every version of the law that was ever in force here, and how far cases have been recomputed under it.
LAWS: Final = Table(
    "laws",
    METADATA,
    Column("law_id", Integer, primary_key=True, autoincrement=False),
    Column("version", String(64), nullable=False),
    Column("texts", Text, nullable=False),  # a JSON object: file name -> text
    Column("adopted_ns", BigInteger, nullable=False),
    Column("recomputed_to", BigInteger, nullable=False),  # case_no
)

CASES: Final = Table(
    "cases",
    METADATA,
    Column("case_no", ROW_NUMBER, primary_key=True, autoincrement=False),
    Column("court_id", Integer, nullable=False),  # the court that has it now
    Column("case_number", String(128), nullable=False),
    Column("handler_id", Integer, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("status_day", Integer, nullable=False),  # since when
    Column("law_id", Integer, nullable=False),  # under which its last event was judged
    Column("registered_ns", BigInteger, nullable=False),
    Column("registration", LargeBinary, nullable=False),  # an encoded chakong.tracker.v1.Case
    Column("digest", LargeBinary, nullable=False),  # of what it was registered with
    Column("standing", LargeBinary, nullable=False),  # standing.py
    Column("things", Text, nullable=False),  # of the standing, a line each
    # By the number alone too: an officer of another court is told that it is another court's.
    Index("cases_of_number", "case_number", "court_id", unique=True),
    # Of patrols: the few that are ended for now.
    Index(
        "cases_ended_for_now",
        "status_day",
        "case_no",
        sqlite_where=text(f"status = {ENDED_FOR_NOW}"),
        postgresql_where=text(f"status = {ENDED_FOR_NOW}"),
    ),
)

EVENTS: Final = Table(
    "events",
    METADATA,
    Column("seq", ROW_NUMBER, primary_key=True, autoincrement=False),
    Column("case_no", BigInteger, nullable=False),
    Column("court_id", Integer, nullable=False),  # that had the case when it was recorded
    Column("event_id", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("effective", Integer, nullable=False),
    Column("recorded_ns", BigInteger, nullable=False),
    Column("source", SmallInteger, nullable=False),  # judge.py
    Column("body", LargeBinary, nullable=False),  # an encoded chakong.tracker.v1.Event
    Index("events_of_case", "case_no", "event_id", unique=True),
    Index("events_of_court", "court_id", "seq"),
)

# Open nodes with a due day, in the order in which they are listed; and, with 0, those that warn without one.
DUE_NODES: Final = Table(
    "due_nodes",
    METADATA,
    Column("court_id", Integer, primary_key=True, autoincrement=False),
    Column("node", SmallInteger, primary_key=True, autoincrement=False),
    Column("due", Integer, primary_key=True, autoincrement=False),
    Column("case_no", BigInteger, primary_key=True, autoincrement=False),
    Column("thing", String(64), primary_key=True),
    Column("handler_id", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("amber", Integer, nullable=False),
    Column("red", Integer, nullable=False),
    Column("flags", SmallInteger, nullable=False),  # standing.py
    Column("origin_id", Integer, nullable=False),
    Index("due_nodes_of_handler", "court_id", "handler_id", "node", "due", "case_no", "thing"),
    sqlite_with_rowid=False,
)

# How many of them there are, by due day, but 0: what is overdue is summed from here. No row says 0.
DUE_COUNTS: Final = Table(
    "due_counts",
    METADATA,
    Column("court_id", Integer, primary_key=True, autoincrement=False),
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("node", SmallInteger, primary_key=True, autoincrement=False),
    Column("due", Integer, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
)

FIGURES: Final = ("open", "done", "in_time", "late", "days_sum")
OVERDUE: Final = ("overdue", "overdue_1", "overdue_2", "overdue_3", "overdue_6")

# Counts by court, level and node; what is overdue is summed when it is asked for.
TALLIES: Final = Table(
    "tallies",
    METADATA,
    Column("court_id", Integer, primary_key=True, autoincrement=False),
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("node", SmallInteger, primary_key=True, autoincrement=False),
    *(Column(name, BigInteger, nullable=False) for name in FIGURES),
    sqlite_with_rowid=False,
)

# The figures as they stood: a row only where one differs from the row before it.
SERIES: Final = Table(
    "series",
    METADATA,
    Column("court_id", Integer, primary_key=True, autoincrement=False),
    Column("node", SmallInteger, primary_key=True, autoincrement=False),
    Column("at_ns", BigInteger, primary_key=True, autoincrement=False),
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    *(Column(name, BigInteger, nullable=False) for name in (*FIGURES, *OVERDUE)),
    Index("series_of_time", "at_ns"),
    sqlite_with_rowid=False,
)

# What the gateway told of cases that are not registered yet (follow/strays.py): the last word on each inquiry
# and each hold.
STRAYS: Final = Table(
    "strays",
    METADATA,
    Column("court", String(32), primary_key=True),
    Column("case_number", String(128), primary_key=True),
    Column("kind", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("kept_ns", BigInteger, nullable=False),
    Index("strays_of_time", "kept_ns"),
)

# Numbers given so far (head.py), how far ahead warnings begin (leads.py), cursors of those who follow.
COUNTERS: Final = Table(
    "counters",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
)
