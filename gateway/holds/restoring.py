"""Restoring: the sheets of a snapshot, read into an empty book.

What was not written is reckoned: the sums and sets of claims, every index, and what is due when. Decisions
are not made again. What a control may have done that had left is not known any more: the first in line of
each hold counts as having left, as after a replay.
"""

from collections.abc import Iterable
from typing import Final

from chakong.journal.v1 import ledger_pb2, snapshot_pb2
from gateway.holds import forgetting
from gateway.holds.book import Book
from gateway.holds.case_file import reckon_figures, subject_of
from gateway.holds.model import (
    DEDUCT,
    EFFECTIVE,
    NONE,
    Claim,
    Control,
    Debtor,
    Hold,
    Objection,
    Origin,
    Outcome,
    Property,
    Sighting,
)
from gateway.holds.past import PastClaim, PastOrder
from gateway.holds.snapshot import VERSION

# Before the first step of this process.
BEFORE: Final = 0


def restore(book: Book, sheets: Iterable[snapshot_pb2.Sheet]) -> int:
    """Read the sheets in their order into a book that is new; their `answers_seq`. ValueError for sheets that
    are not a whole snapshot of a known version."""
    restoring = _Restoring(book)
    for sheet in sheets:
        restoring.read(sheet)
    if not restoring.is_whole:
        raise ValueError("journal: the last sheet of a snapshot is missing")
    return restoring.answers_seq


class _Restoring:
    """What was read so far."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._next_number = 0
        self._step_seq = 0
        self.is_whole = False
        self.answers_seq = 0

    def read(self, sheet: snapshot_pb2.Sheet) -> None:
        """Take the next sheet in."""
        if sheet.version != VERSION:
            raise ValueError(f"journal: a snapshot of version {sheet.version}, this gateway reads {VERSION}")
        if sheet.number != self._next_number or (sheet.number and sheet.step_seq != self._step_seq):
            raise ValueError(f"journal: sheet {sheet.number} of a snapshot, {self._next_number} expected")
        self._next_number += 1
        self._step_seq = sheet.step_seq
        book = self._book
        if sheet.HasField("opening"):
            self._open(sheet.opening)
        for past in sheet.pasts:
            self._past(past)
        for kept in sheet.claims:
            self._claim(kept)
        subjects = [subject_of(one) for one in sheet.subjects]
        mandates, notices = list(sheet.mandates), list(sheet.notices)
        for one in sheet.holds:
            place = one.property
            institution = place.institution
            origin = Origin(
                one.hold_id,
                one.claim,
                one.debtor,
                book.directory.institutions[institution].endpoint,
                Property(institution, place.item, place.locator, place.kind, place.currency),
                subjects[one.subject],
                one.thing,
                mandates[one.mandate],
                notices[one.notice],
                one.months,
                one.requested_fen,
                one.whole,
                one.requested_ns,
                one.expected_fen if one.HasField("expected_fen") else NONE,
                one.replaces_hold_id,
            )
            self._hold(one, origin)
        if sheet.HasField("closing"):
            self._close(sheet.closing)

    def _open(self, opening: snapshot_pb2.Opening) -> None:
        book = self._book
        book.next_id, book.next_claim = opening.next_id, opening.next_claim
        book.set_clock(opening.stepped_ns)
        book.past.gone_hold_id = opening.gone_hold_id
        book.cursors.update({one.endpoint: one.seq for one in opening.cursors})
        self.answers_seq = opening.answers_seq

    def _close(self, closing: snapshot_pb2.Closing) -> None:
        book = self._book
        found = (len(book.claims), len(book.holds), len(book.past.claims))
        written = (closing.claim_count, closing.hold_count, closing.past_count)
        if found != written:
            raise ValueError(
                f"journal: {found} claims, holds and past claims of a snapshot, {written} written"
            )
        self._index()
        self.is_whole = True

    # -- one record

    def _claim(self, kept: snapshot_pb2.KeptClaim) -> None:
        book, number = self._book, kept.number
        claim = Claim(number, BEFORE)
        claim.message.CopyFrom(kept.claim)
        claim.claim_id = kept.claim.claim_id
        claim.court, claim.courts = kept.court_code, tuple(kept.court_codes)
        claim.case_number = kept.claim.case_number
        caps = [one.cap_fen if one.HasField("cap_fen") else NONE for one in kept.claim.debtors]
        claim.debtors = tuple(
            Debtor(tuple(map(subject_of, one.subjects)), cap_fen, one.dead, one.bankrupt)
            for one, cap_fen in zip(kept.debtors, caps, strict=True)
        )
        claim.credited, claim.stayed, claim.changed_ns = kept.credited_fen, kept.stayed, kept.changed_ns
        if kept.HasField("standing"):
            claim.standing = ledger_pb2.Standing()
            claim.standing.CopyFrom(kept.standing)
            book.timetable.standing.add(number)
        reckon_figures(book, claim)
        claim.event_count = len(kept.events)
        for event in kept.events:
            key = (event.court_code, event.event_id)
            claim.events.append(key)
            book.case_events[key] = event.content_hash
        book.claims[number] = claim
        for court in claim.courts:
            book.claim_numbers[court, kept.claim.claim_id] = number
            book.court_claims.setdefault(court, []).append(kept.claim.claim_id)
        book.case_claims[claim.court, claim.case_number] = number
        book.ambiguous[number] = {(one.debtor, one.institution): one.inquiry_id for one in kept.ambiguous}
        sightings = book.sightings[number] = {}
        for one in kept.sightings:
            place = one.sighting.property
            seen = Sighting(
                Property(place.institution, place.item, place.locator, place.kind, place.currency),
                one.debtor,
                one.inquiry_id,
                one.sighting.amount_fen,
                one.sighting.available_fen if one.sighting.HasField("available_fen") else NONE,
                one.seen_ns,
                one.sighting.holder,
                tuple(one.earlier_inquiry_ids),
            )
            sightings[one.debtor, place.institution, place.item, place.locator] = seen

    def _hold(self, kept: snapshot_pb2.KeptHold, origin: Origin) -> None:
        hold = Hold(origin, BEFORE, waits=kept.waits)
        hold.life, hold.end, hold.version = kept.life, kept.end, kept.version
        hold.ceiling, hold.controlled, hold.deducted = (
            kept.ceiling_fen,
            kept.controlled_fen,
            kept.deducted_fen,
        )
        hold.credited, hold.value = kept.credited_fen, kept.value_fen
        hold.position, hold.ahead = kept.queue_position, tuple(kept.ahead_court_codes)
        hold.since, hold.until = kept.effective_from, kept.effective_until
        hold.available = kept.available_fen if kept.HasField("available_fen") else NONE
        hold.stated_ns, hold.changed_ns, hold.clock_ns = kept.stated_ns, kept.changed_ns, kept.clock_ns
        hold.overdue, hold.lapsed, hold.indivisible = kept.overdue, kept.lapsed, kept.indivisible
        hold.is_stuck, hold.pair = kept.stuck, kept.pair_hold_id
        hold.objections = tuple(
            Objection(one.text, one.objected_ns, one.answer_due, one.answered) for one in kept.objections
        )
        hold.pending = tuple(kept.pending_ids)
        hold.cover, hold.kept, hold.rest = kept.cover_fen, kept.kept_fen, kept.rest_fen
        hold.flight, hold.exposed, hold.reach = kept.flight_fen, kept.exposed_fen, kept.reach_fen
        hold.controls = tuple(one.control_id for one in kept.controls)
        self._book.holds[origin.hold_id] = hold
        for one in kept.controls:
            self._control(one, hold)
        _count(self._book.claims[origin.claim], hold)

    def _control(self, kept: snapshot_pb2.KeptControl, hold: Hold) -> None:
        book, control_id = self._book, kept.control_id
        has_ended = kept.HasField("outcome")
        message = b""
        if has_ended:
            ended = kept.outcome
            book.outcomes[control_id] = Outcome(
                BEFORE,
                ended.outcome,
                ended.refusal,
                ended.text,
                ended.deducted_fen,
                ended.ended_ns,
                ended.requested_fen,
            )
        else:
            message = kept.message
        control = Control(
            control_id,
            hold.origin.hold_id,
            kept.kind,
            kept.court_code,
            kept.order_id,
            kept.content_hash,
            kept.requested_fen,
            kept.whole,
            kept.keep_fen if kept.HasField("keep_fen") else NONE,
            kept.months,
            kept.urgent,
            kept.reason,
            kept.cause,
            kept.officer_id,
            kept.ordered_by,
            kept.waits_for_approval,
            kept.ordered_ns,
            message,
        )
        book.controls[control_id] = control
        if control.order_id:
            book.orders[control.court, control.order_id] = control_id
        if control.waits and not has_ended and control_id not in hold.pending:
            book.waiting.add(control_id)
        if control.kind == DEDUCT and control_id in hold.pending:
            book.claims[hold.origin.claim].deducting.add(control_id)

    def _past(self, past: snapshot_pb2.Past) -> None:
        orders = {
            (one.court_code, one.order_id): PastOrder(
                one.control_id, one.hold_id, one.content_hash, one.waits_for_approval
            )
            for one in past.orders
        }
        for one in past.events:
            self._book.case_events[one.court_code, one.event_id] = one.content_hash
        events = tuple((one.court_code, one.event_id) for one in past.events)
        courts, hold_ids = tuple(past.court_codes), tuple(past.hold_ids)
        self._book.past.add(
            PastClaim(past.claim, past.claim_id, courts, past.forgotten_ns, orders, events, hold_ids)
        )

    # -- what follows from all of them

    def _index(self) -> None:
        """Lists, ascending; what is due; and what may have left."""
        book = self._book
        deadlines: list[tuple[int, int]] = []
        by_id = sorted(book.holds.items())
        book.holds.clear()
        book.holds.update(by_id)
        for hold_id, hold in by_id:
            origin = hold.origin
            book.subject_holds.setdefault(origin.subject, []).append(hold_id)
            book.institution_holds.setdefault(origin.property.institution, []).append(hold_id)
            book.court_holds.setdefault(book.claims[origin.claim].court, []).append(hold_id)
            if hold.pending:
                book.left.add(hold.pending[0])
            if hold.is_flying and not hold.overdue:
                deadlines.append((hold.clock_ns + book.limits.unknown_after_ns, hold_id))
            if hold.is_in_force:
                book.timetable.last_day(hold.until, hold_id)
        for due_ns, hold_id in sorted(deadlines):
            book.timetable.deadline(due_ns, hold_id)
        for names in book.court_claims.values():
            names.sort()
        for claim in book.claims.values():
            forgetting.note_restored(book, claim)


def _count(claim: Claim, hold: Hold) -> None:
    """What a hold counts, into the claim's sums and sets; as cover.py does bit by bit."""
    hold_id = hold.origin.hold_id
    claim.holds.append(hold_id)
    claim.cover += hold.cover
    claim.kept += hold.kept
    claim.rest += hold.rest
    claim.flight += hold.flight
    claim.exposed += hold.exposed
    if claim.caps:
        debtor = hold.origin.debtor
        claim.debtor_cover[debtor] += hold.cover
        claim.debtor_kept[debtor] += hold.kept
        claim.debtor_flight[debtor] += hold.flight
        claim.debtor_credited[debtor] += hold.credited
    if hold.reach > 0:
        claim.reaching.add(hold_id)
        claim.reach_max = max(claim.reach_max, hold.ceiling if hold.version == 0 else hold.reach, hold.reach)
    if hold.counts:
        claim.counting.add(hold_id)
    if hold.is_flying:
        claim.flying.add(hold_id)
        claim.overdue += hold.overdue
    if hold.life == EFFECTIVE and not hold.lapsed and hold.until < claim.until_min:
        claim.until_min = hold.until
