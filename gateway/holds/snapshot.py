"""Snapshot: the ledger after one step as sheets, each to be a frame of the journal.

The same state gives the same bytes, whether it came about by deciding, by replay or from an earlier snapshot.
What can be reckoned from what is written is not written. It reads the Still and the book, piecemeal, while
steps go on, and changes neither but for noting how far it is. restoring.py reads what it writes.
"""

from collections.abc import Generator, Iterator
from typing import Final

from chakong.journal.v1 import snapshot_pb2
from gateway.holds.book import Book
from gateway.holds.model import NONE, Claim, Control, Hold, Outcome, Subject
from gateway.holds.past import PastClaim
from gateway.holds.still import Still
from gateway.holds.view import property_message, subject_message

VERSION: Final = 1
# A frame that delays the loop, and the steps beside it, by little.
SHEET_BYTES: Final = 64 << 10


Sheets = Generator[snapshot_pb2.Sheet | None, None, None]


def begin(book: Book, step_seq: int, answers_seq: int) -> Sheets:
    """The sheets, numbered, of the book as it stands now; between them None after each claim, hold or past
    claim: there the caller may turn to other things. No step may be open; close it."""
    if book.draft is not None or book.still is not None:
        raise AssertionError("ledger: a step is open, or a snapshot is being written")
    cursors = book.cursors.copy()
    book.still = Still(step_seq, book.stamp, book.now_ns, book.next_id, book.next_claim, cursors)
    sheets = _sheets(book, book.still, answers_seq)
    next(sheets)  # from here on closing it ends it
    return sheets


def _sheets(book: Book, still: Still, answers_seq: int) -> Sheets:
    try:
        yield None
        writer = _Writer(book, still)
        opening = writer.sheet.opening
        opening.next_id, opening.next_claim, opening.stepped_ns = (
            still.next_id,
            still.next_claim,
            still.now_ns,
        )
        opening.answers_seq, opening.gone_hold_id = answers_seq, book.past.gone_hold_id
        for endpoint, seq in sorted(still.cursors.items()):
            opening.cursors.add(endpoint=endpoint, seq=seq)
        for _ in writer.records():
            yield None
            if writer.size_bytes >= SHEET_BYTES:
                yield writer.turn()
        closing = writer.sheet.closing
        closing.claim_count, closing.hold_count, closing.past_count = writer.counts
        yield writer.turn()
    finally:
        book.still = None


class _Writer:
    """The sheet at hand. `counts`: of claims, holds and past claims written so far."""

    def __init__(self, book: Book, still: Still) -> None:
        self._book = book
        self._still = still
        self._number = 0
        self.counts = (0, 0, 0)
        self._begin()

    def _begin(self) -> None:
        self.size_bytes = 0
        self.sheet = snapshot_pb2.Sheet(version=VERSION, step_seq=self._still.step_seq, number=self._number)
        self._subjects: dict[Subject, int] = {}
        self._mandates: dict[bytes, int] = {}
        self._notices: dict[str, int] = {}

    def turn(self) -> snapshot_pb2.Sheet:
        """The sheet as it is; go on with the next."""
        full = self.sheet
        self._number += 1
        self._begin()
        return full

    def records(self) -> Iterator[None]:
        """Write everything, one record at a time."""
        book, still = self._book, self._still
        claims = holds = pasts = 0
        # No claim leaves meanwhile.
        for past in tuple(book.past.claims):
            self._past(past)
            pasts += 1
            self.counts = (claims, holds, pasts)
            yield
        for number in range(1, still.next_claim):
            claim = still.claims.get(number) or book.claims.get(number)
            if claim is None:
                continue
            self._claim(claim)
            claims += 1
            self.counts = (claims, holds, pasts)
            yield
            hold_ids = [hold_id for hold_id in claim.holds if hold_id < still.next_id]
            for hold_id in hold_ids:
                self._hold(still.holds.get(hold_id) or book.holds[hold_id])
                holds += 1
                self.counts = (claims, holds, pasts)
                yield
            still.written(number, hold_ids)

    # -- a claim

    def _claim(self, claim: Claim) -> None:
        kept = self.sheet.claims.add(
            number=claim.number,
            claim=claim.message,
            court_code=claim.court,
            court_codes=claim.courts,
            credited_fen=claim.credited,
            stayed=claim.stayed,
            standing=claim.standing,
            changed_ns=claim.changed_ns,
        )
        for debtor in claim.debtors:
            kept.debtors.add(
                subjects=map(subject_message, debtor.subjects),
                dead=debtor.is_dead,
                bankrupt=debtor.is_bankrupt,
            )
        for key in claim.events[: claim.event_count]:
            kept.events.add(court_code=key[0], event_id=key[1], content_hash=self._book.case_events[key])
        found = self._still.found.get(claim.number)
        sightings, ambiguous = found or (
            self._book.sightings[claim.number],
            self._book.ambiguous[claim.number],
        )
        for place in sorted(sightings):
            seen = sightings[place]
            one = kept.sightings.add(
                debtor=seen.debtor,
                inquiry_id=seen.inquiry_id,
                seen_ns=seen.seen_ns,
                earlier_inquiry_ids=seen.earlier,
            )
            one.sighting.property.CopyFrom(property_message(seen.property))
            one.sighting.amount_fen = seen.amount_fen
            if seen.available_fen != NONE:
                one.sighting.available_fen = seen.available_fen
            one.sighting.holder = seen.holder
        for (debtor_index, institution), inquiry_id in sorted(ambiguous.items()):
            kept.ambiguous.add(debtor=debtor_index, institution=institution, inquiry_id=inquiry_id)
        self.size_bytes += kept.ByteSize()

    # -- a hold

    def _hold(self, hold: Hold) -> None:
        origin = hold.origin
        kept = self.sheet.holds.add(
            hold_id=origin.hold_id,
            claim=origin.claim,
            debtor=origin.debtor,
            property=property_message(origin.property),
            subject=self._subject(origin.subject),
            mandate=self._mandate(origin.mandate),
            notice=self._notice(origin.notice),
            thing=origin.is_thing,
            whole=origin.whole,
            months=origin.months,
            requested_fen=origin.requested_fen,
            requested_ns=origin.requested_ns,
            expected_fen=origin.expected_fen if origin.expected_fen != NONE else None,
            replaces_hold_id=origin.replaces,
            life=hold.life,
            end=hold.end,
            version=hold.version,
            ceiling_fen=hold.ceiling,
            controlled_fen=hold.controlled,
            deducted_fen=hold.deducted,
            credited_fen=hold.credited,
            value_fen=hold.value,
            queue_position=hold.position,
            ahead_court_codes=hold.ahead,
            effective_from=hold.since,
            effective_until=hold.until,
            available_fen=hold.available if hold.available != NONE else None,
            stated_ns=hold.stated_ns,
            changed_ns=hold.changed_ns,
            clock_ns=hold.clock_ns,
            overdue=hold.overdue,
            lapsed=hold.lapsed,
            indivisible=hold.indivisible,
            stuck=hold.is_stuck,
            waits=hold.waits,
            pair_hold_id=hold.pair,
            pending_ids=hold.pending,
            cover_fen=hold.cover,
            kept_fen=hold.kept,
            rest_fen=hold.rest,
            flight_fen=hold.flight,
            exposed_fen=hold.exposed,
            reach_fen=hold.reach,
        )
        for objection in hold.objections:
            kept.objections.add(
                text=objection.text,
                objected_ns=objection.objected_ns,
                answer_due=objection.answer_due,
                answered=objection.is_answered,
            )
        for control_id in hold.controls:
            self._control(kept.controls.add(), self._book.controls[control_id])
        self.size_bytes += kept.ByteSize()

    def _control(self, kept: snapshot_pb2.KeptControl, control: Control) -> None:
        control_id = control.control_id
        kept.MergeFrom(
            snapshot_pb2.KeptControl(
                control_id=control_id,
                kind=control.kind,
                court_code=control.court,
                order_id=control.order_id,
                content_hash=control.content_hash,
                requested_fen=control.requested_fen,
                whole=control.whole,
                keep_fen=control.keep_fen if control.keep_fen != NONE else None,
                months=control.months,
                urgent=control.urgent,
                reason=control.reason,
                cause=control.cause,
                officer_id=control.officer,
                ordered_by=control.ordered_by,
                waits_for_approval=control.waits,
                ordered_ns=control.ordered_ns,
            )
        )
        outcome = self._book.outcomes.get(control_id)
        if outcome is not None and outcome.stamp <= self._still.stamp:
            kept.outcome.CopyFrom(_outcome(outcome))
        else:
            kept.message = self._message(control)

    def _message(self, control: Control) -> bytes:
        message = control.message or self._still.messages.get(control.control_id)
        if not message:
            raise AssertionError(f"ledger: control {control.control_id} has no message")
        return message

    def _subject(self, subject: Subject) -> int:
        place = self._subjects.setdefault(subject, len(self._subjects))
        if place == len(self.sheet.subjects):
            self.sheet.subjects.append(subject_message(subject))
        return place

    def _mandate(self, mandate: bytes) -> int:
        place = self._mandates.setdefault(mandate, len(self._mandates))
        if place == len(self.sheet.mandates):
            self.sheet.mandates.append(mandate)
            self.size_bytes += len(mandate)
        return place

    def _notice(self, notice: str) -> int:
        place = self._notices.setdefault(notice, len(self._notices))
        if place == len(self.sheet.notices):
            self.sheet.notices.append(notice)
        return place

    # -- what left

    def _past(self, claim: PastClaim) -> None:
        past = self.sheet.pasts.add(
            claim=claim.number,
            claim_id=claim.claim_id,
            court_codes=claim.courts,
            forgotten_ns=claim.forgotten_ns,
            hold_ids=claim.hold_ids,
        )
        for (court, order_id), order in claim.orders.items():
            past.orders.add(
                court_code=court,
                order_id=order_id,
                content_hash=order.content_hash,
                control_id=order.control_id,
                hold_id=order.hold_id,
                waits_for_approval=order.waits,
            )
        for key in claim.events:
            past.events.add(court_code=key[0], event_id=key[1], content_hash=self._book.case_events[key])
        self.size_bytes += past.ByteSize()


def _outcome(outcome: Outcome) -> snapshot_pb2.KeptOutcome:
    return snapshot_pb2.KeptOutcome(
        outcome=outcome.outcome,
        refusal=outcome.refusal,
        text=outcome.text,
        deducted_fen=outcome.deducted_fen,
        ended_ns=outcome.ended_ns,
        requested_fen=outcome.requested_fen,
    )
