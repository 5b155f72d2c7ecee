"""Sightings: what answers said of a claim's debtors, place by place, for plans and guards.

Answers are cumulative and come several times: only what is new becomes a fact.
"""

from collections.abc import Iterable

from chakong.gateway.v1 import gateway_pb2
from chakong.type.v1 import type_pb2
from gateway.holds import case_file, guard
from gateway.holds.book import Book
from gateway.holds.law import YUAN
from gateway.holds.model import NONE, Claim, Property


def take(book: Book, court: str, answer: gateway_pb2.Answer) -> None:
    """An answer for a case; of use only where the case has a claim."""
    number = book.case_claims.get((court, answer.case_number))
    if number is None:
        return
    claim = book.claims[number]
    debtor_asked = _debtor_asked(claim, answer)
    for finding in answer.findings:
        if not 0 <= finding.institution < len(book.directory.institutions):
            continue
        if finding.state == type_pb2.END_STATE_FOUND:
            for debtor, records in _by_debtor(claim, finding.records).items():
                _found(book, claim, debtor, finding.institution, answer.inquiry_id, records)
        elif finding.state == type_pb2.END_STATE_AMBIGUOUS:
            for debtor in range(len(claim.debtors)) if debtor_asked == NONE else (debtor_asked,):
                _ambiguous(book, claim, debtor, finding.institution, answer.inquiry_id)


def _debtor_asked(claim: Claim, answer: gateway_pb2.Answer) -> int:
    """Which debtor the inquiry was about, as far as its records tell; -1: they do not."""
    if len(claim.debtors) == 1:
        return 0
    for finding in answer.findings:
        for record in finding.records:
            return _debtor_of(claim, record)
    return NONE


def _debtor_of(claim: Claim, record: type_pb2.Record) -> int:
    number = record.holder_number.upper()
    for index, debtor in enumerate(claim.debtors):
        if any(subject.id_number == number for subject in debtor.subjects):
            return index
    return NONE


def _by_debtor(claim: Claim, records: Iterable[type_pb2.Record]) -> dict[int, list[type_pb2.Record]]:
    found: dict[int, list[type_pb2.Record]] = {}
    for record in records:
        debtor = _debtor_of(claim, record)
        if debtor != NONE:
            found.setdefault(debtor, []).append(record)
    return found


def _available(record: type_pb2.Record) -> int:
    """What is free; -1 where the institution says of money only how much there is."""
    if record.amount_fen > 0 and not (record.available_fen or record.protected_fen or record.held_fen):
        return NONE
    return max(0, record.available_fen)


def _found(
    book: Book, claim: Claim, debtor: int, institution: int, inquiry_id: int, records: list[type_pb2.Record]
) -> None:
    known = book.sightings[claim.number]
    new = []
    for record in records:
        if not record.locator or len(record.locator.encode()) > guard.LOCATOR_BYTES_MAX:
            continue
        currency = "" if record.currency == YUAN else record.currency
        place = Property(institution, record.item, record.locator, record.kind, currency)
        before = known.get((debtor, institution, record.item, record.locator))
        available = _available(record)
        if before is None or (
            before.property,
            before.amount_fen,
            before.available_fen,
            before.inquiry_id,
        ) != (
            place,
            record.amount_fen,
            available,
            inquiry_id,
        ):
            new.append((place, record.amount_fen, available))
    if not new and (debtor, institution) not in book.ambiguous[claim.number]:
        return
    fact = book.fact().sighted
    fact.claim, fact.debtor, fact.institution, fact.inquiry_id = claim.number, debtor, institution, inquiry_id
    for place, amount, available in new:
        sighting = fact.sightings.add()
        spot = sighting.property
        spot.institution, spot.item, spot.locator, spot.kind, spot.currency = place
        sighting.amount_fen = amount
        if available != NONE:
            sighting.available_fen = available
    case_file.sighted(book, fact)


def _ambiguous(book: Book, claim: Claim, debtor: int, institution: int, inquiry_id: int) -> None:
    if (debtor, institution) in book.ambiguous[claim.number]:
        return
    seen = (one for one in book.sightings[claim.number].values() if one.debtor == debtor)
    if len(claim.debtors) > 1 and any(one.property.institution == institution for one in seen):
        return
    fact = book.fact().sighted
    fact.claim, fact.debtor, fact.institution, fact.inquiry_id = claim.number, debtor, institution, inquiry_id
    fact.ambiguous = True
    case_file.sighted(book, fact)
