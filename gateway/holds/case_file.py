"""Case file: what facts about a case do to its claim.

Like apply, the same when decided and on replay; decides nothing.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from chakong.gateway.v1 import controls_pb2
from chakong.journal.v1 import ledger_pb2
from chakong.type.v1 import type_pb2
from gateway.holds.book import Book
from gateway.holds.cover import recount, recount_with_pair
from gateway.holds.model import NEVER_CHECKED, NONE, Claim, Debtor, Property, Sighting, Subject
from runtime import calendar

# An institution could name ever new accounts, a few hundred an inquiry. Of so many at one claim the oldest
# go, until so many are left.
SIGHTINGS_MAX: Final = 16_384
SIGHTINGS_LEFT: Final = 12_288
# A plan over one inquiry leaves out what so many newer ones found again.
EARLIER_MAX: Final = 16


def subject_of(person: type_pb2.Subject) -> Subject:
    """A person as a key; the number in capitals."""
    return Subject(person.id_type, person.id_number.upper(), person.name)


def claim_put(book: Book, fact: ledger_pb2.ClaimPut) -> None:
    """A claim is registered, or its figures are changed."""
    message = controls_pb2.Claim()
    message.CopyFrom(fact.claim)
    number = fact.number
    known = book.claims.get(number)
    if known is None:
        claim = Claim(number, book.stamp)
        claim.court = message.court_code
        claim.courts = (claim.court,)
        book.next_claim = max(book.next_claim, number + 1)
        book.new_claim(claim)
        book.put(book.claim_numbers, (claim.court, message.claim_id), number)
        _list_claim(book, claim.court, message.claim_id)
        book.put(book.sightings, number, {})
        book.put(book.ambiguous, number, {})
    else:
        claim = book.edit_claim(number)
        book.remove(book.case_claims, (claim.court, claim.case_number))
    claim.message, claim.claim_id = message, message.claim_id
    claim.changed_ns = book.now_ns
    claim.case_number = message.case_number
    book.put(book.case_claims, (claim.court, claim.case_number), number)
    claim.debtors = _debtors(claim, message)
    reckon_figures(book, claim)


def reckon_figures(book: Book, claim: Claim) -> None:
    """What the claim's message and debtors say of its amounts."""
    message = claim.message
    claim.base_fen = message.principal_fen + message.costs_fen
    claim.interest_base = message.interest_base_fen
    claim.interest_ppm = message.interest_ppm_per_day
    claim.interest_day = calendar.day_of_date(message.interest_from) if message.interest_ppm_per_day else 0
    _reckon_caps(book, claim)
    _forget_due(claim)


def _debtors(claim: Claim, message: controls_pb2.Claim) -> tuple[Debtor, ...]:
    """Debtors as put; those that were there keep what happened to them. Guards see to it that none is
    taken out."""
    known = {debtor.subjects[0]: debtor for debtor in claim.debtors}
    found = []
    for debtor in message.debtors:
        subject = subject_of(debtor.subject)
        cap_fen = debtor.cap_fen if debtor.HasField("cap_fen") else NONE
        before = known.get(subject)
        found.append(replace(before, cap_fen=cap_fen) if before else Debtor((subject,), cap_fen))
    return tuple(found)


def _list_claim(book: Book, court: str, claim_id: str) -> None:
    known = book.court_claims.setdefault(court, [])
    place = bisect_left(known, claim_id)
    if known[place : place + 1] != [claim_id]:
        book.insert(known, place, claim_id)


def _reckon_caps(book: Book, claim: Claim) -> None:
    """The sums for each debtor, from nothing: caps may be new."""
    claim.caps = any(debtor.cap_fen >= 0 for debtor in claim.debtors)
    count = len(claim.debtors) if claim.caps else 0
    claim.debtor_cover = [0] * count
    claim.debtor_kept = [0] * count
    claim.debtor_flight = [0] * count
    claim.debtor_credited = [0] * count
    if claim.caps:
        for hold_id in claim.holds:
            hold = book.holds[hold_id]
            debtor = hold.origin.debtor
            claim.debtor_cover[debtor] += hold.cover
            claim.debtor_kept[debtor] += hold.kept
            claim.debtor_flight[debtor] += hold.flight
            claim.debtor_credited[debtor] += hold.credited


def _forget_due(claim: Claim) -> None:
    claim.due_day = 0
    claim.checked_gap = NEVER_CHECKED  # everything is looked at again


def recorded(book: Book, fact: ledger_pb2.CaseRecorded) -> None:
    """Something happened to the case."""
    event = fact.event
    claim = book.edit_claim(fact.claim)
    claim.checked_gap = NEVER_CHECKED
    claim.changed_ns = book.now_ns
    book.append(claim.events, (fact.court_code, event.event_id))
    claim.event_count += 1
    book.put(book.case_events, (fact.court_code, event.event_id), fact.content_hash)
    EVENTS[event.kind](book, claim, event)


def _credited(book: Book, claim: Claim, event: controls_pb2.CaseEvent) -> None:
    claim.credited += event.amount_fen
    _forget_due(claim)
    if event.hold_id:
        hold = book.edit_hold(event.hold_id)
        hold.credited += event.amount_fen
        if claim.caps:
            claim.debtor_credited[hold.origin.debtor] += event.amount_fen
        recount(book, claim, hold)


def _stay(_: Book, claim: Claim, event: controls_pb2.CaseEvent) -> None:
    claim.stayed = event.kind == controls_pb2.CASE_EVENT_KIND_STAY


def _valued(book: Book, _: Claim, event: controls_pb2.CaseEvent) -> None:
    hold = book.edit_hold(event.hold_id)
    hold.value = event.amount_fen
    recount_with_pair(book, hold)


def _indivisible(book: Book, _: Claim, event: controls_pb2.CaseEvent) -> None:
    hold = book.edit_hold(event.hold_id)
    hold.indivisible = True
    recount_with_pair(book, hold)


def _objection_answered(book: Book, _: Claim, event: controls_pb2.CaseEvent) -> None:
    hold = book.edit_hold(event.hold_id)
    hold.objections = tuple(replace(one, is_answered=True) for one in hold.objections)
    hold.changed_ns = book.now_ns


def debtors_named(claim: Claim, person: type_pb2.Subject) -> list[int]:
    """Which debtors an event is about: all if it names none."""
    if not person.id_number:
        return list(range(len(claim.debtors)))
    subject = subject_of(person)
    return [index for index, debtor in enumerate(claim.debtors) if subject in debtor.subjects]


def _bankrupt(_: Book, claim: Claim, event: controls_pb2.CaseEvent) -> None:
    _mark(claim, event, is_bankrupt=True)


def _dead(_: Book, claim: Claim, event: controls_pb2.CaseEvent) -> None:
    _mark(claim, event, is_dead=True)


def _mark(
    claim: Claim, event: controls_pb2.CaseEvent, *, is_bankrupt: bool = False, is_dead: bool = False
) -> None:
    debtors = list(claim.debtors)
    for index in debtors_named(claim, event.subject):
        known = debtors[index]
        debtors[index] = replace(
            known, is_bankrupt=known.is_bankrupt or is_bankrupt, is_dead=known.is_dead or is_dead
        )
    claim.debtors = tuple(debtors)


def _succeeded(_: Book, claim: Claim, event: controls_pb2.CaseEvent) -> None:
    successor = subject_of(event.successor)
    debtors = list(claim.debtors)
    for index in debtors_named(claim, event.subject):
        known = debtors[index]
        subjects = known.subjects if successor in known.subjects else (*known.subjects, successor)
        debtors[index] = replace(known, subjects=subjects, is_dead=False)
    claim.debtors = tuple(debtors)


def _transferred(book: Book, claim: Claim, event: controls_pb2.CaseEvent) -> None:
    """The new court finds the claim under its own name; the old one's id stays taken."""
    book.remove(book.case_claims, (claim.court, claim.case_number))
    claim.standing = None
    book.include(book.timetable.standing, claim.number, included=False)
    claim.court = event.court_code
    if claim.court not in claim.courts:
        claim.courts += (claim.court,)
    book.put(book.claim_numbers, (claim.court, claim.claim_id), claim.number)
    _list_claim(book, claim.court, claim.claim_id)
    known = book.court_holds.get(claim.court, [])
    book.put(book.court_holds, claim.court, sorted({*known, *claim.holds}))
    book.put(book.case_claims, (claim.court, claim.case_number), claim.number)


EVENTS: Final[dict[int, Callable[[Book, Claim, controls_pb2.CaseEvent], None]]] = {
    controls_pb2.CASE_EVENT_KIND_CREDITED: _credited,
    controls_pb2.CASE_EVENT_KIND_BANKRUPTCY: _bankrupt,
    controls_pb2.CASE_EVENT_KIND_STAY: _stay,
    controls_pb2.CASE_EVENT_KIND_STAY_ENDED: _stay,
    controls_pb2.CASE_EVENT_KIND_DEATH: _dead,
    controls_pb2.CASE_EVENT_KIND_SUCCESSOR: _succeeded,
    controls_pb2.CASE_EVENT_KIND_TRANSFERRED: _transferred,
    controls_pb2.CASE_EVENT_KIND_VALUED: _valued,
    controls_pb2.CASE_EVENT_KIND_OBJECTION_ANSWERED: _objection_answered,
    controls_pb2.CASE_EVENT_KIND_INDIVISIBLE: _indivisible,
}


def sighted(book: Book, fact: ledger_pb2.Sighted) -> None:
    """What an answer says of one debtor at one institution."""
    key = (fact.debtor, fact.institution)
    if book.still is not None:
        book.still.sighted(fact.claim, book.sightings[fact.claim], book.ambiguous[fact.claim])
    ambiguous = book.ambiguous[fact.claim]
    if fact.ambiguous:
        book.put(ambiguous, key, max(ambiguous.get(key, 0), 0 if fact.guessed else fact.inquiry_id))
    elif key in ambiguous:
        book.remove(ambiguous, key)
    known = book.sightings[fact.claim]
    for sighting in fact.sightings:
        place = sighting.property
        place_key = (fact.debtor, place.institution, place.item, place.locator)
        before = known.get(place_key)
        ids = sorted({fact.inquiry_id, *((before.inquiry_id, *before.earlier) if before else ())})
        found = Sighting(
            Property(place.institution, place.item, place.locator, place.kind, place.currency),
            fact.debtor,
            fact.inquiry_id,
            sighting.amount_fen,
            sighting.available_fen if sighting.HasField("available_fen") else NONE,
            book.now_ns,
            sighting.holder,
        )
        if before is not None and before.inquiry_id > fact.inquiry_id:
            found = before
        book.put(known, place_key, replace(found, earlier=tuple(ids[:-1][-EARLIER_MAX:])))
    if len(known) > SIGHTINGS_MAX:
        # In no order but their own, so that a replay lets go of the same.
        oldest = sorted(known, key=lambda one: (known[one].seen_ns, one))
        for gone in oldest[: len(known) - SIGHTINGS_LEFT]:
            book.remove(known, gone)
    book.touched[fact.claim] = None


def standing(book: Book, fact: ledger_pb2.Standing) -> None:
    """A plan is to be carried out again and again, or no more."""
    claim = book.edit_claim(fact.claim)
    claim.standing = None
    claim.changed_ns = book.now_ns
    if fact.standing_until:
        claim.standing = ledger_pb2.Standing()
        claim.standing.CopyFrom(fact)
    book.include(book.timetable.standing, claim.number, included=claim.standing is not None)
