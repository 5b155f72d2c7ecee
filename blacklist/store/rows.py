"""Rows: listings, entries, deeds and objections as their tables have them, and read back from there."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import SQLAlchemyError

from blacklist.model import (
    Act,
    Capacity,
    Circumstance,
    Deed,
    Kind,
    Listing,
    Mandate,
    Objection,
    ObjectionStatus,
    Status,
    Subject,
)
from blacklist.rules.units import bound_of
from blacklist.screening.rows import DERIVED, LISTED, RESTRICTED
from blacklist.store.tables import ENTRIES, LISTINGS
from runtime.calendar import day_of_date

# Hash of court and act id, and hash of what was asked for.
ActKey = tuple[bytes, bytes]
KINDS: Final = {
    Kind.LISTED: LISTED | RESTRICTED,
    Kind.RESTRICTED: RESTRICTED,
    Kind.DERIVED: RESTRICTED | DERIVED,
}
# What a listing's row says of how it stands; the rest is fixed when it is made.
STANDING: Final = (
    "status",
    "case_number",
    "ground",
    "until",
    "extended_months",
    "removal_due",
    "removal_reason",
    "removed",
    "unperformed",
)
# Below it PostgreSQL's COPY is not worth its two more round trips.
COPY_COUNT_MIN: Final = 32


def listing_query() -> Select[Any]:
    """Listings with their newest entries."""
    subject = (ENTRIES.c.id_type, ENTRIES.c.id_number, ENTRIES.c.name)
    both = LISTINGS.join(ENTRIES, ENTRIES.c.cursor == LISTINGS.c.entry_cursor)
    return select(LISTINGS, *subject).select_from(both)


def listing_of(row: Any) -> Listing:
    """A row of `listing_query`."""
    return Listing(
        listing_id=row.listing_id,
        kind=Kind(row.kind),
        status=Status(row.status),
        subject=Subject(row.id_type, bytes(row.id_number).decode(), row.name),
        mandate=Mandate(row.court, row.case_number, row.instrument, True, row.officer, True),
        ground=row.ground,
        since=row.since,
        until=row.until,
        extended_months=row.extended_months,
        removal_due=row.removal_due,
        removal_reason=row.removal_reason,
        removed=row.removed,
        principal_id=row.principal_id,
        capacity=Capacity(row.capacity),
        unperformed=row.unperformed,
        circumstances=frozenset(one for one in Circumstance if row.circumstances >> one & 1),
        approved_by=row.approved_by,
    )


def standing(listing: Listing) -> dict[str, Any]:
    """The columns of STANDING."""
    found = {name: getattr(listing, name) for name in STANDING if name != "case_number"}
    return found | {"status": int(listing.status), "case_number": listing.mandate.case_number}


def listing_row(listing: Listing, recorded_ns: int, actor: str, cursor: int, act: ActKey) -> tuple[Any, ...]:
    """A new row of LISTINGS, columns in their order."""
    mandate = listing.mandate
    return (
        listing.listing_id,
        int(listing.kind),
        int(listing.status),
        mandate.court,
        mandate.case_number,
        mandate.instrument,
        mandate.officer,
        listing.ground,
        listing.since,
        listing.until,
        listing.extended_months,
        listing.removal_due,
        listing.removal_reason,
        listing.removed,
        listing.principal_id,
        int(listing.capacity),
        recorded_ns,
        actor,
        cursor,
        *act,
        listing.unperformed,
        sum(1 << one for one in listing.circumstances),
        listing.approved_by,
    )


def entry_row(listing: Listing, cursor: int, deed: Deed, added_ns: int) -> tuple[Any, ...]:
    """A new row of ENTRIES, columns in their order."""
    subject = listing.subject
    return (
        cursor,
        listing.listing_id,
        subject.id_type,
        subject.id_number.encode(),
        subject.name,
        KINDS[listing.kind],
        bound_of(listing),
        day_of_date(listing.since),
        day_of_date(listing.until) if listing.until else None,
        int(deed),
        added_ns,
        None,
        None,
        None,
    )


def act_of(row: Any) -> Act:
    """A row of DEEDS."""
    return Act(
        Deed(row.deed),
        row.day,
        row.recorded_ns,
        row.court,
        row.actor,
        row.reason,
        row.instrument,
        row.objection_id,
    )


def objection_of(row: Any) -> Objection:
    """A row of OBJECTIONS."""
    return Objection(row.objection_id, row.listing_id, ObjectionStatus(row.status), row.due, row.is_settled)


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """All of them, or the transaction fails. No dictionary is made for a row."""
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(_statement(table), rows)
    elif len(rows) < COPY_COUNT_MIN:
        names = table.columns.keys()
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
    else:
        _copy(connection, table, rows)


def _copy(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    cursor: Any = connection.connection.cursor()
    driver: Any = connection.dialect.loaded_dbapi
    columns = ", ".join(f'"{name}"' for name in table.columns.keys())  # noqa: SIM118
    try:
        with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    except driver.Error as error:
        # As SQLAlchemy tells what it does itself; not its text, which may quote a row.
        raise SQLAlchemyError(f"COPY {table.name}: {type(error).__name__}") from None


@lru_cache
def _statement(table: Table) -> str:
    """As SQLite's driver takes it, with a mark for each column."""
    return str(insert(table).compile(dialect=sqlite.dialect(paramstyle="qmark")))
