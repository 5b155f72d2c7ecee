"""Sightings: what answers said of a claim's debtors, place by place, for plans and guards.

Answers are cumulative and come several times: only what is new becomes a fact. What an older inquiry says
of a place again does not take the place of what a newer one said.
"""

from collections.abc import Iterable
from dataclasses import replace

from chakong.gateway.v1 import gateway_pb2
from chakong.type.v1 import type_pb2
from gateway.holds import case_file, guard
from gateway.holds.book import Book
from gateway.holds.case_file import EARLIER_MAX
from gateway.holds.law import YUAN
from gateway.holds.model import NONE, Claim, Property, Sighting


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
            is_guess = debtor_asked == NONE
            for debtor in range(len(claim.debtors)) if is_guess else (debtor_asked,):
                _ambiguous(book, claim, debtor, finding.institution, answer.inquiry_id, is_guess=is_guess)


def _debtor_asked(claim: Claim, answer: gateway_pb2.Answer) -> int:
    """Which debtor the inquiry was about, as far as its records tell; -1: they do not."""
    if len(claim.debtors) == 1:
        return 0
    for finding in answer.findings:
        for record in finding.records:
            return _debtor_of(claim, record)
    return NONE


def _debtor_of(claim: Claim, record: type_pb2.Record) -> int:
    return _holder_of(claim, record.holder_number.upper())[0]


def _holder_of(claim: Claim, number: str) -> tuple[int, int]:
    """Which debtor has this number, and as which of his subjects; under his own before one for whom he
    stands in."""
    found = (NONE, 0)
    for index, debtor in enumerate(claim.debtors):
        for holder, subject in enumerate(debtor.subjects):
            if subject.id_number == number and (found[0] == NONE or (holder == 0 and found[1])):
                found = (index, holder)
    return found


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
    new = _new(book.sightings[claim.number], claim, debtor, institution, inquiry_id, records)
    doubted_by = book.ambiguous[claim.number].get((debtor, institution), NONE)
    is_ambiguous = doubted_by > inquiry_id
    if not new and (is_ambiguous or doubted_by == NONE):
        return
    fact = book.fact().sighted
    fact.claim, fact.debtor, fact.institution, fact.inquiry_id = claim.number, debtor, institution, inquiry_id
    fact.ambiguous = is_ambiguous
    for seen in new:
        sighting = fact.sightings.add()
        spot = sighting.property
        spot.institution, spot.item, spot.locator, spot.kind, spot.currency = seen.property
        sighting.amount_fen, sighting.holder = seen.amount_fen, seen.holder
        if seen.available_fen != NONE:
            sighting.available_fen = seen.available_fen
    case_file.sighted(book, fact)


def _new(
    known: dict[tuple[int, int, int, str], Sighting],
    claim: Claim,
    debtor: int,
    institution: int,
    inquiry_id: int,
    records: list[type_pb2.Record],
) -> list[Sighting]:
    """What of the records is not known yet."""
    new = []
    for record in records:
        if not record.locator or len(record.locator.encode()) > guard.LOCATOR_BYTES_MAX:
            continue
        currency = "" if record.currency == YUAN else record.currency
        place = Property(institution, record.item, record.locator, record.kind, currency)
        before = known.get((debtor, institution, record.item, record.locator))
        _, holder = _holder_of(claim, record.holder_number.upper())
        seen = Sighting(place, debtor, inquiry_id, record.amount_fen, _available(record), 0, holder)
        if before is None or not _is_known(seen, before):
            new.append(seen)
    return new


def _is_known(seen: Sighting, before: Sighting) -> bool:
    """Whether the ledger knows it so from this inquiry; or from a newer one, and that this one found it
    too."""
    if seen.inquiry_id < before.inquiry_id:
        is_long_ago = len(before.earlier) == EARLIER_MAX and seen.inquiry_id < before.earlier[0]
        return is_long_ago or seen.inquiry_id in before.earlier
    return replace(seen, seen_ns=before.seen_ns, earlier=before.earlier) == before


def _ambiguous(
    book: Book, claim: Claim, debtor: int, institution: int, inquiry_id: int, *, is_guess: bool
) -> None:
    """`is_guess`: the answer does not tell whom it is about, and it may be another debtor."""
    doubted_by = book.ambiguous[claim.number].get((debtor, institution), NONE)
    if doubted_by != NONE and (is_guess or doubted_by >= inquiry_id):
        return
    for seen in book.sightings[claim.number].values():
        is_there = seen.debtor == debtor and seen.property.institution == institution
        if is_there and (is_guess or seen.inquiry_id > inquiry_id):
            return
    fact = book.fact().sighted
    fact.claim, fact.debtor, fact.institution, fact.inquiry_id = claim.number, debtor, institution, inquiry_id
    fact.ambiguous, fact.guessed = True, is_guess
    case_file.sighted(book, fact)
