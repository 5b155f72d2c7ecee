"""Proving: reads what the ledger kept about the removals of one listing, for the proof that they were
carried out.

A correction takes back what the listing said before, and is proven like a removal; a longer term takes
nothing back. It blocks, and is called in threads.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from blacklist.errors import UnknownListingError
from blacklist.model import Deed
from blacklist.push.marks import Failure
from blacklist.push.proof import Kept, Left, UnitProof, Ways, proofs
from blacklist.rules.units import Units
from blacklist.store.ledger import Ledger
from blacklist.store.reader import RETRY_MS
from blacklist.store.tables import ENTRIES, EXCEPTIONS, LISTINGS, MARKS
from runtime.calendar import date_of, date_of_day
from runtime.errors import UnavailableError

# Of one listing: it is corrected now and then.
REMOVALS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Removal:
    """An entry that was ended, and what each unit did about it. `removed` is a date."""

    cursor: int
    deed: Deed
    removed: int
    units: tuple[UnitProof, ...]


class Proving:
    """Of one database. UnavailableError when it cannot be read."""

    def __init__(self, engine: Engine, units: Units, ledger: Ledger) -> None:
        self._engine = engine
        self._units = units
        self._ledger = ledger

    def proof(self, listing_id: int, court: str, now_ns: int) -> list[Removal]:
        """Of a listing of this court, the newest removals first. UnknownListingError."""
        today = date_of(now_ns)
        try:
            with self._engine.connect() as connection:
                mine = (LISTINGS.c.listing_id == listing_id, LISTINGS.c.court == court)
                if connection.execute(select(LISTINGS.c.listing_id).where(*mine)).first() is None:
                    raise UnknownListingError(f"listing_id: {listing_id} given, none of this court's")
                ended = _ended(connection, listing_id)
                return [self._removal(connection, *one, today) for one in ended]
        except SQLAlchemyError as error:
            kind = type(error).__name__
            text = f"the blacklist's database cannot be read: {kind}"
            raise UnavailableError(text, retry_ms=RETRY_MS) from error

    def _removal(
        self, connection: Connection, cursor: int, deed: Deed, removed: int, bound: int, today: int
    ) -> Removal:
        units = [unit for unit in self._units.on(today) if self._units.binding(unit, today)[bound]]
        ways = Ways(units, lambda unit: self._units.predecessors(unit, today), self._ledger.working_days)
        kept = _kept(connection, cursor, self._units.known)
        return Removal(cursor, deed, removed, proofs(removed, kept, ways, today))


def _ended(connection: Connection, listing_id: int) -> list[tuple[int, Deed, int, int]]:
    """Cursor, deed, date and bound of each entry that was taken back."""
    columns = (ENTRIES.c.removed_cursor, ENTRIES.c.removed_deed, ENTRIES.c.removed_ns, ENTRIES.c.bound)
    query = select(*columns).where(
        ENTRIES.c.listing_id == listing_id,
        ENTRIES.c.removed_cursor.is_not(None),
        ENTRIES.c.removed_deed != int(Deed.EXTEND),
    )
    rows = connection.execute(query.order_by(ENTRIES.c.removed_cursor.desc()).limit(REMOVALS_MAX))
    return [(cursor, Deed(deed), date_of(at_ns), bound) for cursor, deed, at_ns, bound in rows]


def _kept(connection: Connection, cursor: int, units: Collection[str]) -> dict[str, Kept]:
    told = _first_days(connection, MARKS.c.told >= cursor)
    reached = _first_days(connection, MARKS.c.cursor >= cursor)
    left = {
        row.unit: Left(Failure(row.failure), _date(row.settled_day))
        for row in connection.execute(select(EXCEPTIONS).where(EXCEPTIONS.c.cursor == cursor))
    }
    return {unit: Kept(_date(told.get(unit)), _date(reached.get(unit)), left.get(unit)) for unit in units}


def _first_days(connection: Connection, where: ColumnElement[bool]) -> dict[str, int]:
    query = select(MARKS.c.unit, func.min(MARKS.c.day)).where(where).group_by(MARKS.c.unit)
    return {str(unit): int(day) for unit, day in connection.execute(query)}


def _date(day: int | None) -> int:
    return 0 if day is None else date_of_day(day)
