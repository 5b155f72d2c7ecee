"""Hits: whom units were told of, as the database has it: which listing, which unit, which version, when.

Nothing of a person is kept here: whose hit it was says the entry that the listing had at that version. It
blocks; it is called in threads. What waits to be written is recording.py's.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, or_, select

from blacklist.model import Subject
from blacklist.screening.folding import folding
from blacklist.store.head import writing
from blacklist.store.tables import ENTRIES, HITS, LISTINGS

# Deleted in one transaction, so that other writers wait milliseconds.
PRUNED_PER_TURN_MAX: Final = 10_000
# Columns of one statement: SQLite takes 32,766 parameters.
WRITTEN_AT_ONCE: Final = 5_000
# Of one person at one court, the newest; who has more is shown the rest by hand.
LISTINGS_MAX: Final = 1_000


class Hit(NamedTuple):
    """A unit was told of a listing."""

    listing_id: int
    unit: str
    version: int
    outcome: int
    at_ns: int


class Hits:
    """Of one database. Raises what the database raises."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write(self, hits: Sequence[Hit]) -> None:
        """All of them, or none."""
        with writing(self._engine) as connection:
            for start in range(0, len(hits), WRITTEN_AT_ONCE):
                rows = [one._asdict() for one in hits[start : start + WRITTEN_AT_ONCE]]
                connection.execute(HITS.insert(), rows)

    def listings_of(self, whom: Subject, court: str) -> dict[int, str]:
        """Listings of this court that are, or were, of whoever has this number and name; their cases."""
        with self._engine.connect() as connection:
            return _listings(connection, whom, court)

    def page(self, whom: Subject, court: str, before_id: int, limit: int) -> list[tuple[int, Hit]]:
        """The newest hits of a person with ids below `before_id` (0: from the newest); their ids."""
        with self._engine.connect() as connection:
            ids = list(_listings(connection, whom, court))
            # Of the entry that was in the list then: a corrected listing was of somebody else before.
            is_of_entry = and_(
                ENTRIES.c.listing_id == HITS.c.listing_id,
                ENTRIES.c.cursor <= HITS.c.version,
                or_(ENTRIES.c.removed_cursor.is_(None), ENTRIES.c.removed_cursor > HITS.c.version),
            )
            where = [HITS.c.listing_id.in_(ids), _has_number(whom)]
            if before_id:
                where.append(HITS.c.hit_id < before_id)
            query = select(HITS).select_from(HITS.join(ENTRIES, is_of_entry)).where(*where)
            found = connection.execute(query.order_by(HITS.c.hit_id.desc()).limit(limit)) if ids else ()
            return [
                (row.hit_id, Hit(row.listing_id, row.unit, row.version, row.outcome, row.at_ns))
                for row in found
            ]

    def prune(self, before_ns: int) -> int:
        """Delete hits that are older, oldest first; how many. Call it again until there are none."""
        with writing(self._engine) as connection:
            oldest = select(HITS.c.hit_id, HITS.c.at_ns).order_by(HITS.c.hit_id).limit(PRUNED_PER_TURN_MAX)
            ids = [hit_id for hit_id, at_ns in connection.execute(oldest) if at_ns < before_ns]
            if ids:
                connection.execute(delete(HITS).where(HITS.c.hit_id.in_(ids)))
            return len(ids)


def _listings(connection: Connection, whom: Subject, court: str) -> dict[int, str]:
    query = (
        select(LISTINGS.c.listing_id, LISTINGS.c.case_number, ENTRIES.c.name)
        .select_from(LISTINGS.join(ENTRIES, ENTRIES.c.listing_id == LISTINGS.c.listing_id))
        .where(_has_number(whom), LISTINGS.c.court == court)
        .order_by(LISTINGS.c.listing_id.desc())
        .limit(LISTINGS_MAX)
    )
    name = folding().folded(whom.name.encode())
    return {
        row.listing_id: row.case_number
        for row in connection.execute(query)
        if folding().folded(row.name.encode()) == name
    }


def _has_number(whom: Subject) -> ColumnElement[bool]:
    return and_(ENTRIES.c.id_number == whom.id_number.encode(), ENTRIES.c.id_type == whom.id_type)
