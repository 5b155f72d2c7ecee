"""Proposal reader: what courts ask of proposals: one, some in pages, and how many wait.

Each call is one transaction and blocks; it is made in a thread. A court sees its own proposals alone.
"""

from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, select

from blacklist.errors import UnknownProposalError
from blacklist.model import Proposal
from blacklist.store.proposals import OPEN, proposal_of
from blacklist.store.reader import Reader
from blacklist.store.tables import PROPOSALS


class Waiting(NamedTuple):
    """Proposals that are to be decided, and those of them that are past their day."""

    open_count: int
    overdue_count: int


class ProposalReader(Reader):
    """Of one database. UnavailableError when it cannot be read."""

    def proposal(self, court: str, proposal_id: int) -> Proposal:
        """One to this court. UnknownProposalError."""
        mine = and_(PROPOSALS.c.proposal_id == proposal_id, PROPOSALS.c.court == court)
        with self._transaction() as connection:
            row = connection.execute(select(PROPOSALS).where(mine)).one_or_none()
        if row is None:
            raise UnknownProposalError(f"proposal_id: {proposal_id} given, none of this court's")
        return proposal_of(row)

    def proposals(
        self, court: str, case_number: str, status: int, after_id: int, limit: int, overdue_on: int = 0
    ) -> list[Proposal]:
        """Those with ids above `after_id`. `overdue_on`: open ones that were due before this date alone."""
        where: list[ColumnElement[bool]] = [PROPOSALS.c.court == court, PROPOSALS.c.proposal_id > after_id]
        if case_number:
            where.append(PROPOSALS.c.case_number == case_number)
        if status:
            where.append(PROPOSALS.c.status == status)
        if overdue_on:
            where.append(_is_overdue(overdue_on))
        query = select(PROPOSALS).where(*where).order_by(PROPOSALS.c.proposal_id).limit(limit)
        with self._transaction() as connection:
            return [proposal_of(row) for row in connection.execute(query)]

    def waiting(self, today: int) -> Waiting:
        """Of all courts, on this date."""
        count = select(func.count()).select_from(PROPOSALS)
        with self._transaction() as connection:
            open_count = connection.execute(count.where(OPEN)).scalar()
            overdue_count = connection.execute(count.where(_is_overdue(today))).scalar()
        return Waiting(int(open_count or 0), int(overdue_count or 0))


def _is_overdue(today: int) -> ColumnElement[bool]:
    return and_(PROPOSALS.c.due > 0, PROPOSALS.c.due < today, OPEN)
