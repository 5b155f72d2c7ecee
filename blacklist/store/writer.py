"""Writer: does to listings what the rules allow, each act in a transaction of its own.

What is refused leaves nothing behind. An act that is known already changes nothing. It blocks, and is called
in one thread at a time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from sqlalchemy import Engine

from blacklist.errors import UnknownListingError
from blacklist.model import Deed, Draft, Listing, ObjectionStatus, ProposalStatus, Refusal, Rule, Status
from blacklist.rules import correction, entry
from blacklist.rules import exit as ways_out
from blacklist.rules.correction import Correction
from blacklist.rules.law import PRINCIPAL_CORRECTED, PRINCIPAL_ENDED, PRINCIPAL_EXTENDED, TERM_ENDED, Law
from blacklist.store.head import put_head, read_head, writing
from blacklist.store.proposer import let_go
from blacklist.store.turn import BY_ITSELF, By, Turn
from runtime.errors import RuleError

# Of one transaction.
EXPIRED_PER_TURN_MAX: Final = 1_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an act."""

    listing_id: int
    is_repeated: bool = False
    cursor: int = 0


class Writer:
    """Of one database, under one law. `superiors`: the superior court of each."""

    def __init__(self, engine: Engine, law: Law, superiors: Mapping[str, str]) -> None:
        self._engine = engine
        self._law = law
        self._superiors = superiors

    def create(self, draft: Draft, by: By, now_ns: int) -> Done:
        """List, or restrict. RuleError."""

        def do(turn: Turn) -> int:
            mandate = draft.mandate
            near = turn.near(draft.subject, mandate.court, mandate.case_number, draft.principal_id)
            since = draft.since or turn.today
            whole = replace(draft, since=since)
            _hold(entry.check(self._law, whole, near, turn.today))
            listing = Listing(
                0,
                draft.kind,
                Status.IN_FORCE,
                draft.subject,
                draft.mandate,
                draft.ground,
                since,
                entry.term_end(self._law, whole, since, near.principal),
                principal_id=draft.principal_id,
                capacity=draft.capacity,
                unperformed=draft.unperformed,
                circumstances=draft.circumstances,
                approved_by=draft.approved_by,
            )
            return turn.add(listing).listing_id

        return self._turn(by, now_ns, do)

    def correct(
        self, listing_id: int, right: Correction, reason: str, objection_id: int, by: By, now_ns: int
    ) -> Done:
        """Put right what a listing says."""

        def do(turn: Turn) -> int:
            listing = turn.listing(listing_id)
            case_number = right.case_number or listing.mandate.case_number
            near = turn.near(right.subject or listing.subject, listing.mandate.court, case_number)
            corrected = _or_raise(correction.correct(self._law, listing, right, near, turn.today))
            if objection_id:
                objection = turn.objection(listing_id, objection_id)
                turn.put_objection(_or_raise(ways_out.settle(objection)))
            turn.put(listing, corrected, Deed.CORRECT)
            turn.record(listing_id, Deed.CORRECT, reason, objection_id=objection_id)
            _follow(turn, corrected, Deed.CORRECT, PRINCIPAL_CORRECTED)
            return listing_id

        return self._turn(by, now_ns, do)

    def extend(self, listing_id: int, months: int, reason: str, instrument: str, by: By, now_ns: int) -> Done:
        """Add to a term."""

        def do(turn: Turn) -> int:
            listing = turn.listing(listing_id)
            if not instrument:
                _hold(
                    Refusal(Rule.NO_DECISION, "instrument_number: none given, a term is extended by decision")
                )
            extended = _or_raise(ways_out.extend(self._law, listing, months, turn.today))
            turn.put(listing, extended, Deed.EXTEND)
            turn.record(listing_id, Deed.EXTEND, reason, instrument)
            _follow(turn, extended, Deed.EXTEND, PRINCIPAL_EXTENDED)
            return listing_id

        return self._turn(by, now_ns, do)

    def propose(self, listing_id: int, reason: str, happened: int, by: By, now_ns: int) -> Done:
        """Say that something came to pass by which a listing ends."""

        def do(turn: Turn) -> int:
            listing = turn.listing(listing_id)
            day = happened or turn.today
            due = _or_raise(ways_out.propose(self._law, listing, reason, day, turn.today))
            turn.put(listing, due, Deed.PROPOSE_REMOVAL)
            own = ways_out.removal_limit(self._law, day).date
            turn.record(listing_id, Deed.PROPOSE_REMOVAL, reason, due=own)
            return listing_id

        return self._turn(by, now_ns, do)

    def reject(self, listing_id: int, reason: str, by: By, now_ns: int) -> Done:
        """Say that what was proposed is not so."""

        def do(turn: Turn) -> int:
            listing = turn.listing(listing_id)
            turn.put(listing, _or_raise(ways_out.reject(listing)), Deed.REJECT_REMOVAL)
            turn.record(listing_id, Deed.REJECT_REMOVAL, reason)
            return listing_id

        return self._turn(by, now_ns, do)

    def remove(
        self, listing_id: int, reason: str, instrument: str, objection_id: int, by: By, now_ns: int
    ) -> Done:
        """Take a listing off, and those that rest on it."""

        def do(turn: Turn) -> int:
            listing = turn.listing(listing_id)
            removed = _or_raise(ways_out.remove(self._law, listing, reason, instrument, turn.today))
            if objection_id:
                turn.objection(listing_id, objection_id)
            turn.put(listing, removed, Deed.REMOVE)
            turn.record(listing_id, Deed.REMOVE, removed.removal_reason, instrument, objection_id)
            _take_along(turn, listing_id)
            return listing_id

        return self._turn(by, now_ns, do)

    def object_to(
        self, listing_id: int, objection_id: int, received: int, by: By, now_ns: int, served: int = 0
    ) -> Done:
        """Take in an objection, or the wish for review of the decision on one, served on that day."""

        def do(turn: Turn) -> int:
            listing = turn.listing(listing_id)
            day = received or turn.today
            if objection_id:
                found = turn.objection(listing_id, objection_id)
                asked = _or_raise(ways_out.ask_review(self._law, found, day, turn.today, served))
                turn.put_objection(asked)
                turn.record(listing_id, Deed.ASK_REVIEW, objection_id=objection_id)
            else:
                opened = _or_raise(ways_out.object_to(self._law, listing, day, turn.today))
                added = turn.add_objection(opened)
                turn.record(listing_id, Deed.OBJECT, objection_id=added.objection_id)
            return listing_id

        return self._turn(by, now_ns, do)

    def decide(
        self, listing_id: int, objection_id: int, is_upheld: bool, instrument: str, by: By, now_ns: int
    ) -> Done:
        """Uphold or reject an objection. Review is the superior court's alone."""

        def do(turn: Turn) -> int:
            listing = turn.any_listing(listing_id)
            if listing is None or by.court not in (
                listing.mandate.court,
                self._superiors.get(listing.mandate.court),
            ):
                raise UnknownListingError(f"listing_id: {listing_id} given, none of this court's")
            if not instrument:
                _hold(
                    Refusal(
                        Rule.NO_DECISION, "instrument_number: none given, an objection is decided in writing"
                    )
                )
            objection = turn.objection(listing_id, objection_id)
            is_review = objection.status is ObjectionStatus.REVIEW_OPEN
            if is_review == (by.court == listing.mandate.court):
                text = "objection_id: is decided by the listing's court, and its review by the superior court"
                _hold(Refusal(Rule.NOT_THE_SUPERIOR, text))
            decided = _or_raise(ways_out.decide(self._law, objection, is_upheld, turn.today))
            if decided.status is ObjectionStatus.UPHELD and not listing.is_on:
                # It is off the list by now: nothing is left to be put right.
                decided = _or_raise(ways_out.settle(decided))
            turn.put_objection(decided)
            deed = Deed.UPHOLD if is_upheld else Deed.REJECT
            turn.record(listing_id, deed, instrument=instrument, objection_id=objection_id)
            return listing_id

        return self._turn(by, now_ns, do)

    def dismiss(self, proposal_id: int, reason: str, by: By, now_ns: int) -> Done:
        """Let a proposal come to nothing. The number of what is done is the proposal's."""

        def do(turn: Turn) -> int:
            proposal = turn.open_proposal(proposal_id)
            turn.dismiss(proposal)
            let_go(turn, proposal, ProposalStatus.DISMISSED, reason)
            return proposal_id

        return self._turn(by, now_ns, do)

    def show_hits(self, listing_ids: Sequence[int], instrument: str, by: By, now_ns: int) -> Done:
        """Record that an officer was shown who was told of these listings; once a day."""

        def do(turn: Turn) -> int:
            for listing_id in listing_ids:
                if not turn.is_recorded(listing_id, Deed.SHOW_HITS):
                    turn.record(listing_id, Deed.SHOW_HITS, instrument=instrument)
            return len(listing_ids)

        return self._turn(by, now_ns, do)

    def expire(self, now_ns: int) -> int:
        """End the terms that are over; how many there were. Call it again until there are none."""

        def do(turn: Turn) -> int:
            ending = turn.ending(turn.today, EXPIRED_PER_TURN_MAX)
            for listing in ending:
                one = Turn(turn.connection, turn.head, By(listing.mandate.court, BY_ITSELF), now_ns)
                one.put(listing, _or_raise(ways_out.expire(listing, turn.today)), Deed.EXPIRE)
                one.record(listing.listing_id, Deed.EXPIRE, TERM_ENDED)
                _take_along(one, listing.listing_id)
            return len(ending)

        return self._turn(By("", BY_ITSELF), now_ns, do).listing_id

    def _turn(self, by: By, now_ns: int, do: Callable[[Turn], int]) -> Done:
        with writing(self._engine) as connection:
            turn = Turn(connection, read_head(connection), by, now_ns)
            if listing_id := turn.known():
                return Done(listing_id, is_repeated=True, cursor=turn.head.cursor)
            if by.proposal_id:
                turn.open_proposal(by.proposal_id)
            done = do(turn)
            put_head(connection, turn.head)
            return Done(done, cursor=turn.head.cursor)


def _take_along(turn: Turn, listing_id: int) -> None:
    """What rested on a listing ends with it, and what was upheld against it is settled."""
    turn.settle_upheld(listing_id)
    following = turn.by_itself()
    for derived in turn.derived_from(listing_id):
        following.put(derived, ways_out.follow_principal(derived, turn.today), Deed.REMOVE)
        following.record(derived.listing_id, Deed.REMOVE, PRINCIPAL_ENDED)
        following.settle_upheld(derived.listing_id)


def _follow(turn: Turn, principal: Listing, deed: Deed, reason: str) -> None:
    """What rests on a listing is of its case, and lasts as long."""
    following, case_number = turn.by_itself(), principal.mandate.case_number
    for derived in turn.derived_from(principal.listing_id):
        mandate = replace(derived.mandate, case_number=case_number)
        right = replace(derived, mandate=mandate, until=principal.until)
        if right != derived:
            following.put(derived, right, deed)
            following.record(derived.listing_id, deed, reason)


def _hold(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise RuleError(refusal.text, rule=refusal.rule.value)


def _or_raise(found: T | Refusal) -> T:
    if isinstance(found, Refusal):
        raise RuleError(found.text, rule=found.rule.value)
    return found
