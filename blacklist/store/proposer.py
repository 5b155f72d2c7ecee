"""Proposer: makes proposals of a court's events, in one transaction with the cursor up to which they reach.

So events that are told again, also to another process, are passed over whole. It lists and removes nothing; a
removal that is proposed is due from then on.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from blacklist.model import Deed, Kind, Listing, Proposal, ProposalKind, ProposalStatus, Refusal, Status
from blacklist.rules import exit as ways_out
from blacklist.rules import proposing
from blacklist.rules.law import Law
from blacklist.rules.proposing import CORRECTED, CaseEvent, Meaning, Suspension
from blacklist.store import case_events, proposals
from blacklist.store.head import put_head, read_head, writing
from blacklist.store.tables import FOLLOWED, LISTINGS
from blacklist.store.turn import BY_ITSELF, By, Turn
from runtime.errors import UnavailableError

RETRY_MS: Final = 2_000
COURTS_MAX: Final = 10_000
REMOVAL: Final = "removal"
LISTING: Final = "listing"
# A reason that does not end this kind of listing.
UNFIT: Final = "unfit"
# It waits for a decision on the same already.
TOLD: Final = "told"
WITHDRAWN: Final = "withdrawn"
OUTCOMES: Final = (REMOVAL, LISTING, UNFIT, TOLD, WITHDRAWN)

Counts = Counter[str]


class Proposer:
    """Of one database, under one law."""

    def __init__(self, engine: Engine, law: Law) -> None:
        self._engine = engine
        self._law = law

    def courts(self) -> list[str]:
        """Those that have listings. UnavailableError."""
        found: list[str] = []
        try:
            with self._engine.connect() as connection:
                # One step in the index for each: there are millions of listings and few courts.
                while len(found) < COURTS_MAX:
                    query = select(func.min(LISTINGS.c.court)).where(LISTINGS.c.court > (found or [""])[-1])
                    court = connection.execute(query).scalar()
                    if court is None:
                        break
                    found.append(court)
        except SQLAlchemyError as error:
            raise _unreadable(error) from error
        return found

    def cursor(self, court: str) -> int:
        """How far its events were followed. UnavailableError."""
        try:
            with self._engine.connect() as connection:
                query = select(FOLLOWED.c.cursor).where(FOLLOWED.c.court == court)
                return int(connection.execute(query).scalar() or 0)
        except SQLAlchemyError as error:
            raise _unreadable(error) from error

    def take(
        self, court: str, after: int, events: Sequence[CaseEvent], cursor: int, now_ns: int
    ) -> Counts | None:
        """What became of the events after `after`, up to `cursor`. None: another process followed meanwhile,
        and they are to be told again from where it is."""
        with writing(self._engine) as connection:
            kept = select(FOLLOWED.c.cursor).where(FOLLOWED.c.court == court)
            if int(connection.execute(kept).scalar() or 0) != after:
                return None
            turn = Turn(connection, read_head(connection), By(court, BY_ITSELF), now_ns)
            counts: Counts = Counter()
            for event in events:
                self._take(turn, event, counts)
            connection.execute(delete(FOLLOWED).where(FOLLOWED.c.court == court))
            connection.execute(insert(FOLLOWED), {"court": court, "cursor": cursor})
            put_head(connection, turn.head)
        return counts

    def _take(self, turn: Turn, event: CaseEvent, counts: Counts) -> None:
        if event.kind == CORRECTED:
            self._correct(turn, event, counts)
            return
        after = _standing_after(turn, event)
        meant = proposing.meaning(event, after)
        if meant.reason == proposing.FOUND_NOTHING:
            event = proposing.source(event, after)
        self._propose(turn, event, meant, counts)

    def _propose(self, turn: Turn, event: CaseEvent, meant: Meaning, counts: Counts) -> None:
        if meant == proposing.NOTHING:
            return
        listings = turn.of_case(event.case_number)
        told = proposals.of_case(turn.connection, turn.by.court, event.case_number)
        # The day is the court's word; of one to come nothing can be due yet.
        event = replace(event, happened=min(event.happened, turn.today))
        if meant.lists is not None:
            counts[_propose_listing(turn, event, meant.lists, listings, told)] += 1
            return
        for listing in listings:
            if listing.is_on:
                counts[self._propose_removal(turn, event, meant.reason, listing, told)] += 1
        if meant.is_end:
            proposals.settle_ended(turn.connection, turn.by.court, event.case_number, BY_ITSELF, turn.now_ns)

    def _correct(self, turn: Turn, event: CaseEvent, counts: Counts) -> None:
        """What came of an event that never happened, or was another, is withdrawn, and what came of one of
        another day moves; so does what comes of the inquiries after an ending for now, by those that are
        left."""
        kept = case_events.of_case(turn.connection, turn.by.court, event.case_number)
        case_events.put_right(turn.connection, turn.by.court, proposing.without_words(event))
        left = case_events.of_case(turn.connection, turn.by.court, event.case_number)
        before, after = proposing.standing(kept), proposing.standing(left)
        told = proposals.of_case(turn.connection, turn.by.court, event.case_number)
        waiting = [one for one in told if one.status is ProposalStatus.OPEN]
        # Not those that something else took back since: what was due on their day stays due.
        fallen = proposing.proposed(kept) - proposing.proposed(left)
        is_again = bool(after and after.proposing) and not (before and before.proposing)
        other, void = _other(event, kept, left), []
        for one in waiting:
            is_by_count = one.reason == proposing.FOUND_NOTHING
            if event.voids and one.event_id == event.voids:
                _withdraw(turn, one, f"event {event.voids} never happened", counts)
                void.append(one)
            elif other is not None and one.event_id == event.moves and not is_by_count:
                _withdraw(turn, one, f"event {event.moves} says something else", counts)
                void.append(one)
            elif is_by_count and one.event_id in fallen:
                _withdraw(turn, one, "of the inquiries too few have found nothing", counts)
            else:
                if event.moves and one.event_id == event.moves:
                    self._move(turn, one, event)
                continue
            is_again |= is_by_count
        if after and after.proposing and is_again:
            self._propose(turn, after.proposing[0], Meaning(proposing.FOUND_NOTHING), counts)
        if other is not None:
            self._propose(turn, other, proposing.meaning(other, None), counts)
        for one in void:
            self._stand_in(turn, one, left, counts)

    def _stand_in(self, turn: Turn, void: Proposal, left: list[CaseEvent], counts: Counts) -> None:
        """Another event proposes what one did that never happened, if it was not asked for itself yet."""
        told = proposals.of_case(turn.connection, turn.by.court, void.case_number)
        same = [one for one in told if (one.what, one.listing_id) == (void.what, void.listing_id)]
        asked = {one.event_id for one in same}
        listing = turn.any_listing(void.listing_id)
        for event in left:
            meant = proposing.meaning(event, None)
            if event.event_id in asked or meant == proposing.NOTHING:
                continue
            event = replace(event, happened=min(event.happened, turn.today))  # noqa: PLW2901
            if void.what is ProposalKind.LISTING and meant.lists is void.kind:
                counts[_propose_listing(turn, event, void.kind, turn.of_case(void.case_number), told)] += 1
                return
            if listing is not None and meant.reason and self._reason(meant.reason, listing) == void.reason:
                counts[self._propose_removal(turn, event, meant.reason, listing, told)] += 1
                return

    def _reason(self, wanted: str, listing: Listing) -> str:
        """Why an event that means this ends the listing; empty: it does not."""
        return proposing.fitting(wanted, ways_out.reasons_of(self._law, listing))

    def _move(self, turn: Turn, proposal: Proposal, event: CaseEvent) -> None:
        """To the day on which its event happened."""
        happened = min(event.happened, turn.today)
        due = ways_out.removal_limit(self._law, happened).date if proposal.due else 0
        proposals.move(turn.connection, proposal, happened, due)
        if proposal.what is ProposalKind.REMOVAL:
            stand_again(turn, proposal.listing_id, f"event {event.moves} was of another day")

    def _propose_removal(
        self, turn: Turn, event: CaseEvent, wanted: str, listing: Listing, told: list[Proposal]
    ) -> str:
        reason = self._reason(wanted, listing)
        if not reason:
            return UNFIT
        of_listing = [one for one in told if one.listing_id == listing.listing_id]
        if any(one.reason == reason and one.status is ProposalStatus.OPEN for one in of_listing):
            return TOLD
        due = ways_out.removal_limit(self._law, event.happened).date
        turn.add_proposal(proposing.to_remove(listing, event, reason, due, turn.now_ns))
        proposed = ways_out.propose(self._law, listing, reason, event.happened, turn.today)
        if not isinstance(proposed, Refusal) and proposed != listing:
            turn.put(listing, proposed, Deed.PROPOSE_REMOVAL)
            turn.record(listing.listing_id, Deed.PROPOSE_REMOVAL, reason)
        return REMOVAL


def let_go(turn: Turn, proposal: Proposal, status: ProposalStatus, reason: str) -> None:
    """A proposal comes to nothing; where its listing was to be removed by it alone, that stays."""
    proposals.settle_one(turn.connection, proposal, status, turn.by.actor, turn.now_ns, reason)
    if proposal.what is ProposalKind.REMOVAL:
        stand_again(turn, proposal.listing_id, reason)


def stand_again(turn: Turn, listing_id: int, reason: str) -> None:
    """A listing is due as what is left says: open proposals, and its court's own word; by the first of
    them. If nothing is left it stays, for this reason."""
    listing = turn.any_listing(listing_id)
    if listing is None or listing.status is not Status.REMOVAL_DUE:
        return
    left = [(one.due, one.reason) for one in proposals.of_listing(turn.connection, listing_id)]
    left += turn.proposed_by_court(listing_id)
    first = min((due for due, _ in left), default=0)
    if not left:
        stays = ways_out.reject(listing)
        if not isinstance(stays, Refusal):
            turn.put(listing, stays, Deed.REJECT_REMOVAL)
            turn.record(listing_id, Deed.REJECT_REMOVAL, reason)
        return
    if not first or (first, listing.removal_reason) in left:
        # Of a word of the court no day was kept; or it was due for this reason before.
        why = listing.removal_reason
    else:
        why = next(one for due, one in left if due == first)
    due = replace(listing, removal_due=first or listing.removal_due, removal_reason=why)
    if due != listing:
        # Not as a word of whoever made the other come to nothing.
        following = turn.by_itself()
        following.put(listing, due, Deed.PROPOSE_REMOVAL)
        following.record(listing_id, Deed.PROPOSE_REMOVAL, why)


def _propose_listing(
    turn: Turn, event: CaseEvent, lists: Kind, listings: list[Listing], told: list[Proposal]
) -> str:
    if any(proposing.is_answered(one, lists, event.happened) for one in listings):
        return UNFIT
    for one in told:
        is_same = one.what is ProposalKind.LISTING and one.kind is lists
        if is_same and one.status is ProposalStatus.OPEN:
            return TOLD
    turn.add_proposal(proposing.to_list(turn.by.court, event, lists, turn.now_ns))
    return LISTING


def _other(right: CaseEvent, kept: list[CaseEvent], left: list[CaseEvent]) -> CaseEvent | None:
    """The event that a correction makes of one that was void, or proposed something else."""
    before = next((one for one in kept if one.event_id == right.moves), None)
    after = next((one for one in left if one.event_id == right.moves), None)
    if not right.moves or after is None:
        return None
    is_same = before is not None and proposing.meaning(before, None) == proposing.meaning(after, None)
    return None if is_same else after


def _withdraw(turn: Turn, proposal: Proposal, note: str, counts: Counts) -> None:
    let_go(turn, proposal, ProposalStatus.WITHDRAWN, note)
    counts[WITHDRAWN] += 1


def _standing_after(turn: Turn, event: CaseEvent) -> Suspension | None:
    """How the case stands after the event, which is kept if it has a part in anything."""
    if (kept := proposing.kept(event)) is not None:
        case_events.keep(turn.connection, turn.by.court, kept)
    return _standing(turn, event.case_number)


def _standing(turn: Turn, case_number: str) -> Suspension | None:
    return proposing.standing(case_events.of_case(turn.connection, turn.by.court, case_number))


def _unreadable(error: Exception) -> UnavailableError:
    # Not its text, which quotes the statement and may name the database's host and user.
    kind = type(error).__name__
    return UnavailableError(f"the blacklist's database cannot be read: {kind}", retry_ms=RETRY_MS)
