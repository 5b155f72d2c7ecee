"""Proposals: the table of what was proposed, read and written within a transaction.

It decides nothing. A proposal is settled by what becomes of its listing, whoever does that; so it never waits
for a decision that was made already.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from blacklist.model import Deed, Kind, Listing, Proposal, ProposalKind, ProposalStatus
from blacklist.store.tables import PROPOSALS

OPEN: Final = PROPOSALS.c.status == int(ProposalStatus.OPEN)
# Of one case, or one listing; who has more has them looked at by hand.
PROPOSALS_MAX: Final = 1_000


def proposal_of(row: Any) -> Proposal:
    """A row of PROPOSALS."""
    return Proposal(
        proposal_id=row.proposal_id,
        what=ProposalKind(row.what),
        status=ProposalStatus(row.status),
        court=row.court,
        case_number=row.case_number,
        kind=Kind(row.kind),
        event_id=row.event_id,
        event_kind=row.event_kind,
        happened=row.happened,
        proposed_ns=row.proposed_ns,
        listing_id=row.listing_id,
        reason=row.reason,
        due=row.due,
        decided_ns=row.decided_ns,
        decided_by=row.decided_by,
        note=row.note,
    )


def add(connection: Connection, proposal: Proposal) -> None:
    """A new one, with its number."""
    row = {name: getattr(proposal, name) for name in proposal.__slots__}
    numbers = {name: int(row[name]) for name in ("what", "status", "kind")}
    connection.execute(insert(PROPOSALS), row | numbers)


def of_listing(connection: Connection, listing_id: int) -> list[Proposal]:
    """Open ones to remove a listing, those first that are due first."""
    return _found(connection, and_(_to_remove(listing_id), OPEN))


def of_case(connection: Connection, court: str, case_number: str) -> list[Proposal]:
    """All of a case, in any state."""
    where = and_(PROPOSALS.c.court == court, PROPOSALS.c.case_number == case_number)
    return _found(connection, where)


def waiting_to_list(
    connection: Connection, courts: Sequence[str], case_numbers: Sequence[str]
) -> set[tuple[str, str, int]]:
    """Court, case and kind of open ones to list somebody in one of these cases of these courts."""
    columns = (PROPOSALS.c.court, PROPOSALS.c.case_number, PROPOSALS.c.kind)
    where = and_(PROPOSALS.c.court.in_(courts), PROPOSALS.c.case_number.in_(case_numbers), OPEN)
    query = select(*columns).where(where, PROPOSALS.c.what == int(ProposalKind.LISTING))
    return {(court, case_number, kind) for court, case_number, kind in connection.execute(query)}


def move(connection: Connection, proposal: Proposal, happened: int, due: int) -> None:
    """Its event was of another day."""
    this = PROPOSALS.c.proposal_id == proposal.proposal_id
    connection.execute(update(PROPOSALS).where(this).values(happened=happened, due=due))


def settle_one(
    connection: Connection, proposal: Proposal, status: ProposalStatus, by: str, now_ns: int, note: str = ""
) -> None:
    """It is open no more."""
    _settle(connection, PROPOSALS.c.proposal_id == proposal.proposal_id, status, by, now_ns, note=note)


def settle_listed(connection: Connection, listing: Listing, by: str, now_ns: int) -> None:
    """Somebody was listed in the case, as was proposed."""
    where = _to_list(listing.mandate.court, listing.mandate.case_number)
    where = and_(where, PROPOSALS.c.kind == int(listing.kind))
    _settle(connection, where, ProposalStatus.ACCEPTED, by, now_ns, listing_id=listing.listing_id)


def settle_changed(connection: Connection, listing: Listing, deed: Deed, by: str, now_ns: int) -> None:
    """A deed was done to a listing that may have been proposed to be removed."""
    if deed is Deed.REMOVE:
        _settle(connection, _to_remove(listing.listing_id), ProposalStatus.ACCEPTED, by, now_ns)
    elif deed is Deed.REJECT_REMOVAL:
        _settle(connection, _to_remove(listing.listing_id), ProposalStatus.DISMISSED, by, now_ns)
    elif deed is Deed.EXPIRE:
        _settle(connection, _to_remove(listing.listing_id), ProposalStatus.OVERTAKEN, by, now_ns)


def settle_ended(connection: Connection, court: str, case_number: str, by: str, now_ns: int) -> None:
    """The case ended: nobody is to be listed in it."""
    _settle(connection, _to_list(court, case_number), ProposalStatus.OVERTAKEN, by, now_ns)


def _to_remove(listing_id: int) -> ColumnElement[bool]:
    # The second condition lets both databases use the index of open ones.
    known = and_(PROPOSALS.c.listing_id == listing_id, PROPOSALS.c.listing_id > 0)
    return and_(known, PROPOSALS.c.what == int(ProposalKind.REMOVAL))


def _to_list(court: str, case_number: str) -> ColumnElement[bool]:
    this = and_(PROPOSALS.c.court == court, PROPOSALS.c.case_number == case_number)
    return and_(this, PROPOSALS.c.what == int(ProposalKind.LISTING))


def _settle(
    connection: Connection,
    where: ColumnElement[bool],
    status: ProposalStatus,
    by: str,
    now_ns: int,
    **more: Any,
) -> None:
    values = {"status": int(status), "decided_by": by, "decided_ns": now_ns, **more}
    connection.execute(update(PROPOSALS).where(where, OPEN).values(values))


def _found(connection: Connection, where: ColumnElement[bool]) -> list[Proposal]:
    query = select(PROPOSALS).where(where).order_by(PROPOSALS.c.due, PROPOSALS.c.proposal_id)
    return [proposal_of(row) for row in connection.execute(query.limit(PROPOSALS_MAX))]
