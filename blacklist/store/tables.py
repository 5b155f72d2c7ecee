"""Tables: the blacklist's database, as SQLAlchemy Core sees it.

A listing is a row, and what it says of whom is an entry, which is never changed: a correction ends one entry
and begins another. So the list at any version, and what changed since, is read from entries alone. The
migrations make the tables; a test compares the two.
"""

from typing import Any, Final

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
    text,
)

METADATA: Final = MetaData()
# On SQLite only an INTEGER key is the row's own number; any other is an index beside it.
ROW_NUMBER: Final = BigInteger().with_variant(Integer(), "sqlite")


def _where(condition: str) -> dict[str, Any]:
    """An index of those rows alone; nearly all others are never looked for by it."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


LISTINGS: Final = Table(
    "listings",
    METADATA,
    Column("listing_id", ROW_NUMBER, primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("court", String(32), nullable=False),
    Column("case_number", String(128), nullable=False),
    Column("instrument", String(128), nullable=False),
    Column("officer", String(32), nullable=False),
    Column("ground", String(64), nullable=False),
    Column("since", Integer, nullable=False),
    Column("until", Integer, nullable=False),
    Column("extended_months", SmallInteger, nullable=False),
    Column("removal_due", Integer, nullable=False),
    Column("removal_reason", String(64), nullable=False),
    Column("removed", Integer, nullable=False),
    Column("principal_id", BigInteger, nullable=False),
    Column("capacity", SmallInteger, nullable=False),
    Column("recorded_ns", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("entry_cursor", BigInteger, nullable=False),  # its newest entry
    Column("act", LargeBinary, nullable=False),  # of court and act id
    Column("digest", LargeBinary, nullable=False),  # of what was asked for
    Column("unperformed", String(512), nullable=False),
    # A bit for each, the first one that of number 0.
    Column("circumstances", SmallInteger, nullable=False, server_default=text("0")),
    Column("approved_by", String(32), nullable=False, server_default=""),
    Index("listings_of_act", "act", unique=True),
    Index("listings_of_case", "court", "case_number", "listing_id"),
    Index("listings_of_court", "court", "status", "listing_id"),
    Index("listings_of_principal", "principal_id", **_where("principal_id > 0")),
    Index("listings_ending", "until", **_where("until > 0 AND status <= 2")),
    Index("listings_due", "removal_due", **_where("removal_due > 0 AND status <= 2")),
)

# What screening is made from. Days count from 1970.
ENTRIES: Final = Table(
    "entries",
    METADATA,
    Column("cursor", ROW_NUMBER, primary_key=True, autoincrement=False),  # of the change that added it
    Column("listing_id", BigInteger, nullable=False),
    Column("id_type", SmallInteger, nullable=False),
    Column("id_number", LargeBinary, nullable=False),
    Column("name", String(256), nullable=False),
    Column("kinds", SmallInteger, nullable=False),
    Column("bound", SmallInteger, nullable=False),
    Column("since_day", Integer, nullable=False),
    Column("until_day", Integer),
    Column("deed", SmallInteger, nullable=False),
    Column("added_ns", BigInteger, nullable=False),
    Column("removed_cursor", BigInteger),  # of the change that ended it
    Column("removed_deed", SmallInteger),
    Column("removed_ns", BigInteger),
    Index("entries_of_number", "id_number", "id_type"),
    Index("entries_ended", "listing_id", **_where("removed_cursor IS NOT NULL")),
    Index("entries_removed", "removed_cursor", unique=True, **_where("removed_cursor IS NOT NULL")),
)

# What was done to a listing after it was made; never changed.
DEEDS: Final = Table(
    "deeds",
    METADATA,
    Column("seq", ROW_NUMBER, primary_key=True, autoincrement=False),
    Column("listing_id", BigInteger, nullable=False),
    Column("deed", SmallInteger, nullable=False),
    Column("day", Integer, nullable=False),
    Column("recorded_ns", BigInteger, nullable=False),
    Column("court", String(32), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("reason", String(256), nullable=False),
    Column("instrument", String(128), nullable=False),
    Column("objection_id", BigInteger, nullable=False),
    Column("act", LargeBinary),  # None: done by the service itself
    Column("digest", LargeBinary),
    # Of a removal that a court proposed: by when. 0: there is no such day, or it was not kept.
    Column("due", Integer, nullable=False, server_default=text("0")),
    Index("deeds_of_listing", "listing_id", "seq"),
    Index("deeds_of_act", "act", unique=True, **_where("act IS NOT NULL")),
)

OBJECTIONS: Final = Table(
    "objections",
    METADATA,
    Column("objection_id", ROW_NUMBER, primary_key=True, autoincrement=False),
    Column("listing_id", BigInteger, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("due", Integer, nullable=False),
    Column("is_settled", Boolean, nullable=False),
    Index("objections_of_listing", "listing_id", "objection_id"),
    Index("objections_due", "due", **_where("due > 0")),
)

# What events of cases proposed. `listing_id` 0: nobody has been listed by it yet.
PROPOSALS: Final = Table(
    "proposals",
    METADATA,
    Column("proposal_id", ROW_NUMBER, primary_key=True, autoincrement=False),
    Column("what", SmallInteger, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("court", String(32), nullable=False),
    Column("case_number", String(128), nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("event_id", String(64), nullable=False),
    Column("event_kind", String(64), nullable=False),
    Column("happened", Integer, nullable=False),
    Column("proposed_ns", BigInteger, nullable=False),
    Column("listing_id", BigInteger, nullable=False),
    Column("reason", String(64), nullable=False),
    Column("due", Integer, nullable=False),
    Column("decided_ns", BigInteger, nullable=False),
    Column("decided_by", String(64), nullable=False),
    Column("note", String(256), nullable=False),
    Column("act", LargeBinary),  # of its dismissal
    Column("digest", LargeBinary),
    Index("proposals_of_act", "act", unique=True, **_where("act IS NOT NULL")),
    Index("proposals_of_case", "court", "case_number", "proposal_id"),
    Index("proposals_of_court", "court", "status", "proposal_id"),
    Index("proposals_of_listing", "listing_id", **_where("listing_id > 0 AND status = 1")),
    Index("proposals_due", "due", **_where("due > 0 AND status = 1")),
)
# How far each court's events were followed, and of its cases the events that say whether one is ended for now
# and what was found since, or that propose something by themselves. `place`: in the order in which they were
# told.
FOLLOWED: Final = Table(
    "followed",
    METADATA,
    Column("court", String(32), primary_key=True),
    Column("cursor", BigInteger, nullable=False),
)
CASE_EVENTS: Final = Table(
    "case_events",
    METADATA,
    Column("court", String(32), primary_key=True),
    Column("case_number", String(128), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("event_id", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("manner", String(64), nullable=False),
    Column("happened", Integer, nullable=False),
    Column("is_void", Boolean, nullable=False),
    Column("reason", String(64), nullable=False, server_default=""),
    Column("period", String(64), nullable=False, server_default=""),
)

# How far each unit was told of the changes, and has carried them out, but for the exceptions.
WATERMARKS: Final = Table(
    "watermarks",
    METADATA,
    Column("unit", String(64), primary_key=True),
    Column("cursor", BigInteger, nullable=False),
    Column("acknowledged_ns", BigInteger, nullable=False),
    Column("told", BigInteger, nullable=False, server_default=text("0")),
)
# The same as it was at the end of a day: a row a day and unit, whatever they did. Days count from 1970.
MARKS: Final = Table(
    "marks",
    METADATA,
    Column("unit", String(64), primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("cursor", BigInteger, nullable=False),
    Column("told", BigInteger, nullable=False),
)
# What a unit left out, and the day on which it carried it out after all.
EXCEPTIONS: Final = Table(
    "exceptions",
    METADATA,
    Column("unit", String(64), primary_key=True),
    Column("cursor", BigInteger, primary_key=True, autoincrement=False),
    Column("failure", SmallInteger, nullable=False, server_default=text("4")),
    Column("settled_day", Integer),
)

# Whom units were told of: who asked, of which version of the list, and when; no number of a person.
HITS: Final = Table(
    "hits",
    METADATA,
    Column("hit_id", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("listing_id", BigInteger, nullable=False),
    Column("unit", String(64), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("outcome", SmallInteger, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Index("hits_of_listing", "listing_id", "hit_id"),
)

# The numbers given so far.
COUNTERS: Final = Table(
    "counters",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
)
# What this list's hashes and keys are made from; a row.
SECRETS: Final = Table(
    "secrets",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
