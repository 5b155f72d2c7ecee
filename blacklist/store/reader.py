"""Reader: what courts ask of the list: a listing with its history, and listings in pages.

Each call is one transaction and blocks; it is made in a thread. A court sees its own listings alone.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from blacklist.errors import UnknownListingError
from blacklist.model import Act, Deed, Listing, Objection, ObjectionStatus, Status
from blacklist.store.rows import act_of, listing_of, listing_query, objection_of
from blacklist.store.tables import DEEDS, LISTINGS, OBJECTIONS
from runtime.calendar import date_of
from runtime.errors import UnavailableError

RETRY_MS: Final = 2_000
# Of one listing.
HISTORY_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Whole:
    """A listing with all that was done to it."""

    listing: Listing
    history: tuple[Act, ...]
    objections: tuple[Objection, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of the whole list."""

    # (kind, status) -> listings.
    listings: dict[tuple[int, int], int]
    # Removals that are due, and those that are past their day.
    removals_due: int
    removals_overdue: int
    # Objections whose next step is past its day.
    objections_overdue: int


class Reader:
    """Of one database. UnavailableError when it cannot be read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def whole(self, listing_id: int, court: str = "") -> Whole:
        """A listing of this court; of any court when none is given. UnknownListingError."""
        where = LISTINGS.c.listing_id == listing_id
        if court:
            where = and_(where, LISTINGS.c.court == court)
        with self._transaction() as connection:
            row = connection.execute(listing_query().where(where)).one_or_none()
            if row is None:
                raise UnknownListingError(f"listing_id: {listing_id} given, none of this court's")
            begun = date_of(row.recorded_ns)
            first = Act(Deed.LIST, begun, row.recorded_ns, row.court, row.actor, row.ground, row.instrument)
            deeds = select(DEEDS).where(DEEDS.c.listing_id == listing_id).order_by(DEEDS.c.seq)
            later = [act_of(one) for one in connection.execute(deeds.limit(HISTORY_MAX))]
            query = select(OBJECTIONS).where(OBJECTIONS.c.listing_id == listing_id)
            found = connection.execute(query.order_by(OBJECTIONS.c.objection_id))
            return Whole(listing_of(row), (first, *later), tuple(objection_of(one) for one in found))

    def some(self, listing_ids: Sequence[int]) -> list[Listing]:
        """Those of these listings that there are, newest first; one statement whatever there is."""
        query = listing_query().where(LISTINGS.c.listing_id.in_(listing_ids))
        with self._transaction() as connection:
            return [
                listing_of(row) for row in connection.execute(query.order_by(LISTINGS.c.listing_id.desc()))
            ]

    def page(
        self, court: str, case_number: str, status: int, after_id: int, limit: int, overdue_on: int = 0
    ) -> list[Listing]:
        """Listings with ids above `after_id`. `overdue_on`: only where a step was due before this date."""
        where: list[ColumnElement[bool]] = [LISTINGS.c.court == court, LISTINGS.c.listing_id > after_id]
        if case_number:
            where.append(LISTINGS.c.case_number == case_number)
        if status:
            where.append(LISTINGS.c.status == status)
        if overdue_on:
            where.append(or_(_is_overdue(overdue_on), LISTINGS.c.listing_id.in_(_objected(overdue_on))))
        query = listing_query().where(*where).order_by(LISTINGS.c.listing_id).limit(limit)
        with self._transaction() as connection:
            return [listing_of(row) for row in connection.execute(query)]

    def figures(self, today: int) -> Figures:
        """Counts on this date."""
        kinds = (LISTINGS.c.kind, LISTINGS.c.status)
        with self._transaction() as connection:
            counted = connection.execute(select(*kinds, func.count()).group_by(*kinds))
            listings = {(int(row[0]), int(row[1])): int(row[2]) for row in counted}
            due = sum(count for (_, status), count in listings.items() if status == Status.REMOVAL_DUE)
            return Figures(
                listings,
                due,
                _count(connection, select(func.count()).select_from(LISTINGS).where(_is_overdue(today))),
                _count(connection, select(func.count()).select_from(_objected(today).subquery())),
            )

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            # Not its text, which quotes the statement and may name the database's host and user.
            kind = type(error).__name__
            raise UnavailableError(
                f"the blacklist's database cannot be read: {kind}", retry_ms=RETRY_MS
            ) from error


def _is_overdue(today: int) -> ColumnElement[bool]:
    due = LISTINGS.c.removal_due
    return and_(due > 0, due < today, LISTINGS.c.status <= int(Status.REMOVAL_DUE))


def _objected(today: int) -> Any:
    """Listings with an objection whose next step, other than the subject's own, is past its day."""
    is_late = and_(
        OBJECTIONS.c.due > 0, OBJECTIONS.c.due < today, OBJECTIONS.c.status != int(ObjectionStatus.REJECTED)
    )
    return select(OBJECTIONS.c.listing_id).where(is_late)


def _count(connection: Connection, query: Any) -> int:
    found: Sequence[Any] = connection.execute(query).one()
    return int(found[0])
