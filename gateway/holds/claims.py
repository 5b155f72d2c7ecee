"""Claims: what a court puts on record about a case, checked and made facts, with what it means for the holds.

The sums follow in follow.py; here are the events that order something by themselves.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import case_file, follow, guard, making, orders
from gateway.holds.book import Book
from gateway.holds.face import Refusal
from gateway.holds.guard import AMOUNT_FEN_MAX
from gateway.holds.lapse import lapse_of_claim
from gateway.holds.model import DEDUCT, FREEZE, RELEASE, RENEW, Claim, Hold
from runtime import calendar
from runtime.identity import Identity

DEBTORS_MAX: Final = 64
CLAIM_ID_BYTES_MAX: Final = 64
CASE_NUMBER_BYTES_MAX: Final = 128
BASIS_BYTES_MAX: Final = 128
# 1 per cent a day; more is a mistyped rate.
INTEREST_PPM_MAX: Final = 10_000
# About 200 bytes each.
EVENTS_PER_CLAIM_MAX: Final = 10_000
# With less than a month left a hold is renewed before the case goes to another court.
RENEWED_MONTHS: Final = 1

CaseEvent = controls_pb2.CaseEvent


def put(book: Book, claim: controls_pb2.Claim, caller: Identity) -> Refusal | None:  # noqa: PLR0911 - a return for each fault
    """Register a claim, or change its figures."""
    refusal = _claim_fault(claim, caller)
    if refusal is not None:
        return refusal
    known_number = book.claim_numbers.get((caller.court, claim.claim_id))
    case_number = book.case_claims.get((caller.court, claim.case_number))
    if case_number is not None and case_number != known_number:
        return guard.malformed("case_number: the case has a claim of another id")
    message = _normal(claim)
    if known_number is None:
        if (caller.court, claim.claim_id) in book.past.claim_ids:
            # Put anew it would be due once more: what was credited is not known any more.
            return Refusal(
                controls_pb2.RULE_NO_SUCH_CLAIM,
                "claim_id: this claim was settled and left the ledger; a new one needs another id",
            )
        if len(book.claims) >= book.limits.claims_max:
            return Refusal(controls_pb2.RULE_FULL, f"claims: {book.limits.claims_max} already")
    else:
        known = book.claims[known_number]
        if known.court != caller.court:
            return Refusal(controls_pb2.RULE_FOREIGN_COURT, "claim_id: another court has the case now")
        if known.message == message:
            return None
        refusal = _debtors_fault(known, message)
        if refusal is not None:
            return refusal
    fact = book.fact().claim_put
    fact.number = known_number or book.next_claim
    fact.claim.CopyFrom(message)
    case_file.claim_put(book, fact)
    return None


def _claim_fault(claim: controls_pb2.Claim, caller: Identity) -> Refusal | None:  # noqa: PLR0911 - a return for each fault
    if not caller.court or claim.court_code != caller.court:
        return Refusal(controls_pb2.RULE_FOREIGN_COURT, "court_code: another court than the certificate's")
    if not 1 <= len(claim.claim_id.encode()) <= CLAIM_ID_BYTES_MAX:
        return guard.malformed(f"claim_id: 1 to {CLAIM_ID_BYTES_MAX} bytes")
    if not 1 <= len(claim.case_number.encode()) <= CASE_NUMBER_BYTES_MAX:
        return guard.malformed(f"case_number: 1 to {CASE_NUMBER_BYTES_MAX} bytes")
    if not 1 <= len(claim.debtors) <= DEBTORS_MAX:
        return guard.malformed(f"debtors: {len(claim.debtors)} given, 1 to {DEBTORS_MAX}")
    subjects = {case_file.subject_of(debtor.subject) for debtor in claim.debtors}
    if len(subjects) != len(claim.debtors) or not all(one.id_number and one.name for one in subjects):
        return guard.malformed("debtors: each once, with number and name")
    if any(map(guard.is_subject_over, (debtor.subject for debtor in claim.debtors))):
        return guard.malformed(f"debtors: {guard.SUBJECT_TEXT}")
    amounts = [claim.principal_fen, claim.interest_base_fen, claim.costs_fen]
    amounts += [debtor.cap_fen for debtor in claim.debtors]
    if min(amounts) < 0 or max(amounts) > AMOUNT_FEN_MAX:
        return guard.malformed(f"amounts: {min(amounts)} to {max(amounts)} given, 0 to {AMOUNT_FEN_MAX}")
    if claim.interest_ppm_per_day > INTEREST_PPM_MAX:
        return guard.malformed(
            f"interest_ppm_per_day: {claim.interest_ppm_per_day} given, 0 to {INTEREST_PPM_MAX}"
        )
    if claim.interest_ppm_per_day and not calendar.is_date(claim.interest_from):
        return guard.malformed(f"interest_from: {claim.interest_from} given, a date as yyyymmdd")
    return None


def _normal(claim: controls_pb2.Claim) -> controls_pb2.Claim:
    message = controls_pb2.Claim()
    message.CopyFrom(claim)
    message.DiscardUnknownFields()
    for debtor in message.debtors:
        debtor.subject.id_number = debtor.subject.id_number.upper()
    return message


def _debtors_fault(known: Claim, message: controls_pb2.Claim) -> Refusal | None:
    """Holds know their debtor by position."""
    given = [case_file.subject_of(debtor.subject) for debtor in message.debtors]
    before = [debtor.subjects[0] for debtor in known.debtors]
    if given[: len(before)] != before:
        return guard.malformed("debtors: those that were put stay, in their order; new ones come behind")
    return None


def record(book: Book, event: CaseEvent, caller: Identity) -> Refusal | None:  # noqa: PLR0911 - a return for each fault
    """What happened to a case. What follows from it is noted in the book."""
    if (
        not 1 <= len(event.event_id.encode()) <= CLAIM_ID_BYTES_MAX
        or len(event.basis.encode()) > BASIS_BYTES_MAX
    ):
        return guard.malformed(f"event_id: 1 to {CLAIM_ID_BYTES_MAX} bytes; basis: at most {BASIS_BYTES_MAX}")
    event.DiscardUnknownFields()
    content_hash = blake2b(event.SerializeToString(), digest_size=orders.HASH_BYTES).digest()
    known = book.case_events.get((caller.court, event.event_id))
    if known is not None:
        if known == content_hash:
            return None
        return Refusal(controls_pb2.RULE_ORDER_ID_REUSED, "event_id: was used before with another content")
    number = book.claim_numbers.get((caller.court, event.claim_id))
    if number is None:
        return guard.no_such_claim(book)
    lapse_of_claim(book, number)
    claim = book.claims[number]
    if claim.court != caller.court:
        return Refusal(controls_pb2.RULE_FOREIGN_COURT, "claim_id: another court has the case now")
    refusal = _event_fault(book, claim, event)
    if refusal is not None:
        return refusal
    if event.kind == controls_pb2.CASE_EVENT_KIND_TRANSFERRED:
        _renew_before_transfer(book, claim)
    fact = book.fact().case_recorded
    fact.claim = number
    fact.court_code = caller.court
    fact.event.CopyFrom(event)
    fact.content_hash = content_hash
    case_file.recorded(book, fact)
    _follow(book, book.claims[number], event)
    return None


def _event_fault(book: Book, claim: Claim, event: CaseEvent) -> Refusal | None:  # noqa: PLR0911 - a return for each fault
    kind = event.kind
    if not controls_pb2.CASE_EVENT_KIND_CREDITED <= kind <= controls_pb2.CASE_EVENT_KIND_INDIVISIBLE:
        return guard.malformed(f"kind: {kind} given")
    if not 0 <= event.amount_fen <= AMOUNT_FEN_MAX:
        return guard.malformed(f"amount_fen: {event.amount_fen} given, 0 to {AMOUNT_FEN_MAX}")
    if kind == controls_pb2.CASE_EVENT_KIND_CREDITED and event.amount_fen == 0:
        return guard.malformed("amount_fen: missing")
    if kind == controls_pb2.CASE_EVENT_KIND_CREDITED and claim.credited + event.amount_fen > AMOUNT_FEN_MAX:
        return guard.malformed(
            f"amount_fen: {claim.credited} credited already, at most {AMOUNT_FEN_MAX} in all"
        )
    if claim.event_count >= EVENTS_PER_CLAIM_MAX:
        return Refusal(
            controls_pb2.RULE_FULL, f"event_id: the claim has {EVENTS_PER_CLAIM_MAX} events already"
        )
    hold = book.holds.get(event.hold_id)
    needs_hold = kind in (
        controls_pb2.CASE_EVENT_KIND_VALUED,
        controls_pb2.CASE_EVENT_KIND_OBJECTION_ANSWERED,
        controls_pb2.CASE_EVENT_KIND_INDIVISIBLE,
    )
    if (needs_hold or event.hold_id) and (hold is None or hold.origin.claim != claim.number):
        return Refusal(controls_pb2.RULE_NO_SUCH_HOLD, "hold_id: no hold of the claim")
    if hold is not None:
        return _hold_event_fault(hold, kind)
    return _case_event_fault(book, claim, event)


def _case_event_fault(book: Book, claim: Claim, event: CaseEvent) -> Refusal | None:
    kind = event.kind
    if (
        kind in (controls_pb2.CASE_EVENT_KIND_DEATH, controls_pb2.CASE_EVENT_KIND_SUCCESSOR)
        and not event.subject.id_number
    ):
        return guard.malformed("subject: missing, or without its number")
    if event.HasField("subject") and not case_file.debtors_named(claim, event.subject):
        return Refusal(
            controls_pb2.RULE_NOT_THE_DEBTOR, "subject: number and name are not a debtor's of the claim"
        )
    if kind == controls_pb2.CASE_EVENT_KIND_SUCCESSOR:
        successor = event.successor
        if not (successor.id_number and successor.name and successor.id_type):
            return guard.malformed("successor: type, number and name are required")
        if guard.is_subject_over(successor):
            return guard.malformed(f"successor: {guard.SUBJECT_TEXT}")
    if kind == controls_pb2.CASE_EVENT_KIND_TRANSFERRED:
        return _transfer_fault(book, claim, event.court_code)
    return None


def _hold_event_fault(hold: Hold, kind: int) -> Refusal | None:
    if kind in (controls_pb2.CASE_EVENT_KIND_VALUED, controls_pb2.CASE_EVENT_KIND_INDIVISIBLE):
        if not hold.origin.is_thing:
            return guard.malformed("hold_id: money in an account, a thing is required")
        return guard.living_fault(hold)
    if kind == controls_pb2.CASE_EVENT_KIND_OBJECTION_ANSWERED:
        return None if hold.objections else guard.malformed("hold_id: nothing was objected")
    if kind != controls_pb2.CASE_EVENT_KIND_CREDITED:
        return guard.malformed("hold_id: given with an event that is about no hold")
    return None


def _transfer_fault(book: Book, claim: Claim, court: str) -> Refusal | None:
    if court not in book.law.courts or court == claim.court:
        return guard.malformed("court_code: another court of the list is required")
    # A case may come back: the id is this claim's there already.
    known = book.claim_numbers.get((court, claim.claim_id), claim.number)
    if known != claim.number or (court, claim.case_number) in book.case_claims:
        return guard.malformed("court_code: that court has a claim of this id or case")
    return None


def _renew_before_transfer(book: Book, claim: Claim) -> None:
    """rule.transfer: its holds keep their place; with less than a month left they are renewed first."""
    soon = calendar.add_months(book.today, RENEWED_MONTHS)
    for hold in _living(book, claim):
        debtor = claim.debtors[hold.origin.debtor]
        renews = any(book.controls[control_id].kind == RENEW for control_id in hold.pending)
        if hold.is_in_force and hold.until < soon and not (renews or debtor.is_bankrupt or debtor.is_dead):
            making.own_renewal(book, hold, making.RENEWAL_BEFORE_TRANSFER)


def _follow(book: Book, claim: Claim, event: CaseEvent) -> None:
    match event.kind:
        case controls_pb2.CASE_EVENT_KIND_BANKRUPTCY:
            text = "RULE_BANKRUPTCY: a court accepted the debtor's bankruptcy"
            named = case_file.debtors_named(claim, event.subject)
            _end_unsent(book, claim, lambda hold, kind: hold.origin.debtor in named and kind != RELEASE, text)
            for hold in _living(book, claim):
                if hold.origin.debtor in named and not _goes(book, hold) and not hold.waits:
                    making.own_release(book, hold, making.BANKRUPTCY, keep_fen=0)
        case controls_pb2.CASE_EVENT_KIND_STAY:
            _end_unsent(book, claim, lambda _, kind: kind == DEDUCT, "RULE_STAY: the case is stayed")
        case controls_pb2.CASE_EVENT_KIND_TRANSFERRED:
            # It would pay to the account of the court that had the case.
            text = "RULE_FOREIGN_COURT: the case went to another court"
            _end_unsent(book, claim, lambda _, kind: kind == DEDUCT, text)
            # Nobody could approve it any more.
            _end_unsent(book, claim, lambda _, __: True, text, only_waiting=True)
        case controls_pb2.CASE_EVENT_KIND_DEATH:
            text = "RULE_DEATH: no control until a successor is named"
            named = case_file.debtors_named(claim, event.subject)
            _end_unsent(
                book, claim, lambda hold, kind: hold.origin.debtor in named and kind in (FREEZE, DEDUCT), text
            )


def _end_unsent(
    book: Book, claim: Claim, concerns: Callable[[Hold, int], bool], text: str, *, only_waiting: bool = False
) -> None:
    """Controls that have not left and may not leave any more; those that wait for an officer too, or only
    they."""
    for hold in _living(book, claim):
        for control_id in hold.controls:
            control = book.controls[control_id]
            if control_id in book.outcomes or control_id in book.left or not concerns(hold, control.kind):
                continue
            if only_waiting and control_id not in book.waiting:
                continue
            making.end(book, control_id, hold_pb2.CONTROL_REFUSAL_OTHER, text)
        follow.after_hold(book, hold.origin.hold_id)


def _living(book: Book, claim: Claim) -> list[Hold]:
    return [hold for hold in map(book.holds.__getitem__, claim.holds) if guard.living_fault(hold) is None]


def _goes(book: Book, hold: Hold) -> bool:
    """Whether all of it is being released already."""
    return any(book.controls[one].kind == RELEASE and book.controls[one].whole for one in hold.pending)
