"""Turn: one transaction of the writer, and what can be done in it to listings, entries and objections.

It decides nothing: rules do, before. What is put in a turn is in the database once the transaction ends, or
not at all.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, func, select, update

from blacklist.errors import ReusedError, UnknownListingError, UnknownProposalError
from blacklist.model import (
    Act,
    Deed,
    Kind,
    Listing,
    Neighbours,
    Objection,
    ObjectionStatus,
    Proposal,
    ProposalStatus,
    Rule,
    Subject,
)
from blacklist.store import proposals
from blacklist.store.head import Head
from blacklist.store.rows import (
    ActKey,
    entry_row,
    insert_rows,
    listing_of,
    listing_query,
    listing_row,
    objection_of,
    standing,
)
from blacklist.store.tables import DEEDS, ENTRIES, LISTINGS, OBJECTIONS, PROPOSALS
from runtime.calendar import date_of
from runtime.errors import RuleError

# Of one person in one case, the newest: an older one bars nothing any more.
NEIGHBOURS_MAX: Final = 1_000
# Done by the service itself, on the day on which a rule says so.
BY_ITSELF: Final = "service"
HASH_BYTES: Final = 16
# Listings of one case; who has more has them looked at by hand.
CASE_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class By:
    """Who does it: court and officer of the certificate, and the caller's own id of the act. `proposal_id`:
    it is what was proposed there."""

    court: str
    actor: str
    act: ActKey | None = None
    proposal_id: int = 0

    @classmethod
    def of_act(cls, court: str, actor: str, act_id: str, content: bytes) -> "By":
        """`content`: what was asked for, encoded the same way each time."""
        act = hashlib.blake2b(f"{court}\0{act_id}".encode(), digest_size=HASH_BYTES).digest()
        return cls(court, actor, (act, hashlib.blake2b(content, digest_size=HASH_BYTES).digest()))


class Turn:
    """Of one transaction that writes."""

    def __init__(self, connection: Connection, head: Head, by: By, now_ns: int) -> None:
        self.connection = connection
        self.head = head
        self.by = by
        self.now_ns = now_ns
        self.today = date_of(now_ns)

    def known(self) -> int:
        """The listing that this very act was done to before, or the proposal that it dismissed; 0: it is new.
        ReusedError."""
        if self.by.act is None:
            return 0
        act, digest = self.by.act
        numbers = (LISTINGS.c.listing_id, DEEDS.c.listing_id, PROPOSALS.c.proposal_id)
        for number in numbers:
            columns = number.table.c
            found = select(number, columns.digest).where(columns.act == act)
            for known_number, known_digest in self.connection.execute(found):
                if bytes(known_digest) != digest:
                    raise ReusedError("act_id: was used before with another content")
                return int(known_number)
        return 0

    def listing(self, listing_id: int) -> Listing:
        """A listing of the court that acts. UnknownListingError."""
        mine = and_(LISTINGS.c.listing_id == listing_id, LISTINGS.c.court == self.by.court)
        found = self._listings(listing_query().where(mine))
        if not found:
            raise UnknownListingError(f"listing_id: {listing_id} given, none of this court's")
        return found[0]

    def of_case(self, case_number: str) -> list[Listing]:
        """Listings of a case of the court that acts, in any state."""
        this = and_(LISTINGS.c.court == self.by.court, LISTINGS.c.case_number == case_number)
        return self._listings(listing_query().where(this).order_by(LISTINGS.c.listing_id).limit(CASE_MAX))

    def any_listing(self, listing_id: int) -> Listing | None:
        """A listing of any court."""
        found = self._listings(listing_query().where(LISTINGS.c.listing_id == listing_id))
        return found[0] if found else None

    def near(self, whom: Subject, court: str, case_number: str, principal_id: int = 0) -> Neighbours:
        """What the list knows of a subject in a case; other cases have no part in what is done in it."""
        number = whom.id_number.encode()
        same = and_(ENTRIES.c.id_number == number, ENTRIES.c.id_type == whom.id_type)
        case = and_(LISTINGS.c.court == court, LISTINGS.c.case_number == case_number)
        query = listing_query().where(same, case).order_by(LISTINGS.c.listing_id.desc()).limit(NEIGHBOURS_MAX)
        principal = self.any_listing(principal_id) if principal_id else None
        return Neighbours(tuple(self._listings(query)), principal)

    def derived_from(self, listing_id: int) -> list[Listing]:
        """Restrictions in force that rest on a listing."""
        resting = and_(LISTINGS.c.principal_id == listing_id, LISTINGS.c.principal_id > 0)
        return [one for one in self._listings(listing_query().where(resting)) if one.is_on]

    def ending(self, today: int, limit: int) -> list[Listing]:
        """Listings whose term ended before today. What rests on one of them ends with it."""
        over = and_(LISTINGS.c.until > 0, LISTINGS.c.until < today, LISTINGS.c.status <= 2)
        own = LISTINGS.c.kind != int(Kind.DERIVED)
        return self._listings(listing_query().where(over, own).order_by(LISTINGS.c.until).limit(limit))

    def add(self, listing: Listing) -> Listing:
        """A new listing; with its number."""
        if self.by.act is None:
            raise ValueError("by.act: None given, nothing is listed without an act")
        self.head.listing_id += 1
        self.head.cursor += 1
        added = replace(listing, listing_id=self.head.listing_id)
        row = listing_row(added, self.now_ns, self.by.actor, self.head.cursor, self.by.act)
        insert_rows(self.connection, LISTINGS, [row])
        insert_rows(self.connection, ENTRIES, [entry_row(added, self.head.cursor, Deed.LIST, self.now_ns)])
        proposals.settle_listed(self.connection, added, self.by.actor, self.now_ns)
        return added

    def put(self, before: Listing, after: Listing, deed: Deed) -> None:
        """A listing as it stands now. Its entry ends with it, or is replaced where it says something else."""
        values = standing(after)
        is_other = before.subject != after.subject or before.until != after.until
        if before.is_on and (is_other or not after.is_on):
            self._end_entry(before, deed)
            if after.is_on:
                self.head.cursor += 1
                insert_rows(self.connection, ENTRIES, [entry_row(after, self.head.cursor, deed, self.now_ns)])
                values["entry_cursor"] = self.head.cursor
        this = LISTINGS.c.listing_id == after.listing_id
        self.connection.execute(update(LISTINGS).where(this).values(values))
        proposals.settle_changed(self.connection, after, deed, self.by.actor, self.now_ns)

    def record(
        self,
        listing_id: int,
        deed: Deed,
        reason: str = "",
        instrument: str = "",
        objection_id: int = 0,
        *,
        due: int = 0,
    ) -> Act:
        """A line of a listing's history. `due`: by when, of a removal that is proposed."""
        self.head.seq += 1
        by = self.by
        act = Act(deed, self.today, self.now_ns, by.court, by.actor, reason, instrument, objection_id)
        key = by.act or (None, None)
        row = (
            self.head.seq,
            listing_id,
            int(deed),
            act.day,
            act.recorded_ns,
            act.court,
            act.actor,
            act.reason,
            act.instrument,
            act.objection_id,
            *key,
            due,
        )
        insert_rows(self.connection, DEEDS, [row])
        return act

    def proposed_by_court(self, listing_id: int) -> list[tuple[int, str]]:
        """By when, and why, a listing is to be removed by its court's own word, as far as it has not taken
        that back."""
        of_listing = DEEDS.c.listing_id == listing_id
        taken_back = select(func.coalesce(func.max(DEEDS.c.seq), 0))
        taken_back = taken_back.where(of_listing, DEEDS.c.deed == int(Deed.REJECT_REMOVAL))
        own = and_(DEEDS.c.deed == int(Deed.PROPOSE_REMOVAL), DEEDS.c.act.is_not(None))
        query = select(DEEDS.c.due, DEEDS.c.reason).where(of_listing, own)
        found = self.connection.execute(query.where(DEEDS.c.seq > taken_back.scalar_subquery()))
        return [(int(due), str(reason)) for due, reason in found]

    def is_recorded(self, listing_id: int, deed: Deed) -> bool:
        """Whether its history has this today, by who acts now."""
        same = and_(DEEDS.c.listing_id == listing_id, DEEDS.c.deed == int(deed), DEEDS.c.day == self.today)
        found = select(DEEDS.c.seq).where(same, DEEDS.c.actor == self.by.actor).limit(1)
        return self.connection.execute(found).first() is not None

    def objections(self, listing_id: int) -> list[Objection]:
        """Of a listing, in the order in which they came."""
        query = select(OBJECTIONS).where(OBJECTIONS.c.listing_id == listing_id)
        return [
            objection_of(row) for row in self.connection.execute(query.order_by(OBJECTIONS.c.objection_id))
        ]

    def objection(self, listing_id: int, objection_id: int) -> Objection:
        """One of a listing. RuleError."""
        found = [one for one in self.objections(listing_id) if one.objection_id == objection_id]
        if not found:
            text = f"objection_id: {objection_id} given, none of this listing's"
            raise RuleError(text, rule=Rule.NO_SUCH_OBJECTION)
        return found[0]

    def add_objection(self, objection: Objection) -> Objection:
        """A new one; with its number."""
        self.head.objection_id += 1
        added = replace(objection, objection_id=self.head.objection_id)
        row = (added.objection_id, added.listing_id, int(added.status), added.due, added.is_settled)
        insert_rows(self.connection, OBJECTIONS, [row])
        return added

    def put_objection(self, objection: Objection) -> None:
        """As it stands now."""
        this = OBJECTIONS.c.objection_id == objection.objection_id
        values = {"status": int(objection.status), "due": objection.due, "is_settled": objection.is_settled}
        self.connection.execute(update(OBJECTIONS).where(this).values(values))

    def settle_upheld(self, listing_id: int) -> None:
        """What was upheld against a listing has been put right: it is off the list."""
        for one in self.objections(listing_id):
            if one.status is ObjectionStatus.UPHELD and not one.is_settled:
                self.put_objection(replace(one, due=0, is_settled=True))

    def open_proposal(self, proposal_id: int) -> Proposal:
        """One to the court that acts, that is still to be decided. UnknownProposalError, RuleError."""
        mine = and_(PROPOSALS.c.proposal_id == proposal_id, PROPOSALS.c.court == self.by.court)
        row = self.connection.execute(select(PROPOSALS).where(mine)).one_or_none()
        if row is None:
            raise UnknownProposalError(f"proposal_id: {proposal_id} given, none of this court's")
        found = proposals.proposal_of(row)
        if found.status is not ProposalStatus.OPEN:
            text = f"proposal_id: {proposal_id} given, which is {found.status.name} already"
            raise RuleError(text, rule=Rule.PROPOSAL_NOT_OPEN)
        return found

    def dismiss(self, proposal: Proposal) -> None:
        """Keep by which act a proposal is dismissed."""
        if self.by.act is not None:
            values = dict(zip(("act", "digest"), self.by.act, strict=True))
            this = PROPOSALS.c.proposal_id == proposal.proposal_id
            self.connection.execute(update(PROPOSALS).where(this).values(values))

    def add_proposal(self, proposal: Proposal) -> None:
        """A new one; its number is given here."""
        self.head.proposal_id += 1
        proposals.add(self.connection, replace(proposal, proposal_id=self.head.proposal_id))

    def by_itself(self) -> "Turn":
        """The same transaction, for what follows by itself from what was done in it."""
        return Turn(self.connection, self.head, By(self.by.court, BY_ITSELF), self.now_ns)

    def _end_entry(self, listing: Listing, deed: Deed) -> None:
        self.head.cursor += 1
        newest = select(LISTINGS.c.entry_cursor).where(LISTINGS.c.listing_id == listing.listing_id)
        values = {"removed_cursor": self.head.cursor, "removed_deed": int(deed), "removed_ns": self.now_ns}
        this = ENTRIES.c.cursor == newest.scalar_subquery()
        self.connection.execute(update(ENTRIES).where(this).values(values))

    def _listings(self, query: Select[Any]) -> list[Listing]:
        return [listing_of(row) for row in self.connection.execute(query)]
