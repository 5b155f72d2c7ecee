"""Orders: a court's order is refused, or becomes a fact.

Everything is checked before the first fact is made. What follows from a control for others is follow's.
"""

from dataclasses import replace
from hashlib import blake2b
from typing import Final

from chakong.gateway.v1 import controls_pb2
from gateway.holds import guard, making
from gateway.holds.book import Book
from gateway.holds.cover import gap_of
from gateway.holds.face import Refusal
from gateway.holds.lapse import lapse_of_claim
from gateway.holds.law import YUAN
from gateway.holds.making import Signature, Target
from gateway.holds.model import (
    DEDUCT,
    FREEZE,
    NONE,
    RELEASE,
    RENEW,
    Claim,
    Deed,
    Hold,
    Property,
    Subject,
    TakenOrder,
)
from gateway.holds.past import PastOrder, left_text
from gateway.holds.reading import Order, read_order
from runtime.identity import Identity, Role

HASH_BYTES: Final = 16
# Of a court's orders on one hold; so much of its view is still a message. Letting go has room of its own.
CONTROLS_PER_HOLD_MAX: Final = 1_000
RELEASES_MORE: Final = 500
OFFICER: Final = Role.OFFICER


def take(  # noqa: PLR0911 - a return for each fault
    book: Book, order: Order, caller: Identity
) -> Refusal | TakenOrder:
    """One order of a court."""
    court = caller.court
    if order.has_more or order.currency == YUAN or order.id_number.endswith("x"):
        order = read_order(_normal(order.content))
    if order.court_code != court or not court:
        return Refusal(controls_pb2.RULE_FOREIGN_COURT, "court_code: another court than the certificate's")
    refusal = guard.message_fault(order)
    if refusal is not None:
        return refusal
    content_hash = blake2b(order.content, digest_size=HASH_BYTES).digest()
    order_id = order.order_id
    known = book.orders.get((court, order_id))
    if known is not None:
        return _again(book, known, content_hash)
    past = book.past.orders.get((court, order_id)) if book.past.orders else None
    if past is not None:
        return _once_more(order_id, past, content_hash)
    basis = guard.basis_of(book, order.mandate, court)
    notice = order.notice_number
    refusal = basis.refusal or guard.notice_fault(notice)
    if refusal is not None:
        return refusal
    ordered_by = caller.name if caller.role is OFFICER else ""
    signature = Signature(court, order_id, content_hash, ordered_by, "", basis, notice)
    hold_id = order.hold_id
    if hold_id:
        return _on_hold(book, order, hold_id, signature)
    return _on_property(book, order, signature)


def _normal(content: bytes) -> bytes:
    """The order without unknown fields, with yuan left out, and the number in capitals: what says the same is
    the same."""
    same = controls_pb2.ControlOrder.FromString(content)
    same.DiscardUnknownFields()
    is_yuan = same.property.currency == YUAN
    if is_yuan:
        same.property.ClearField("currency")
    if same.subject.id_number and (is_yuan or same.subject.id_number.endswith("x")):
        same.subject.id_number = same.subject.id_number.upper()
    return same.SerializeToString()


def _again(book: Book, control_id: int, content_hash: bytes) -> Refusal | TakenOrder:
    control = book.controls[control_id]
    known = PastOrder(control_id, control.hold_id, control.content_hash, control.waits)
    return _once_more(control.order_id, known, content_hash)


def _once_more(order_id: str, known: PastOrder, content_hash: bytes) -> Refusal | TakenOrder:
    if known.content_hash != content_hash:
        return Refusal(controls_pb2.RULE_ORDER_ID_REUSED, "order_id: was used before with another content")
    return TakenOrder(
        known.control_id, order_id, known.hold_id, repeated=True, waits_for_approval=known.waits
    )


def _on_property(book: Book, order: Order, signature: Signature) -> Refusal | TakenOrder:
    """FREEZE, or DEDUCT that first makes its hold."""
    court = signature.court
    number = book.claim_numbers.get((court, order.claim_id))
    if number is None:
        return guard.no_such_claim(book)
    if book.today > book.claims[number].until_min:
        lapse_of_claim(book, number)
    claim = book.claims[number]
    kind = order.kind
    person = Subject(order.id_type, order.id_number.upper(), order.name)
    place = Property(order.institution, order.item, order.locator, order.property_kind, order.currency)
    months = order.months
    debtor = guard.debtor_of(claim, person)
    refusal = (
        guard.court_fault(book, claim, court, kind)
        or guard.case_number_fault(claim, signature.basis)
        or (_not_the_debtor() if debtor == NONE else guard.case_fault(claim, debtor, kind))
        or guard.property_fault(book, claim, debtor, place, kind)
        or (guard.months_fault(book, place.item, months) if months else None)
    )
    if refusal is not None:
        return refusal
    replaces = order.replaces_hold_id
    replaced = book.holds.get(replaces) if replaces else None
    if replaces:
        refusal = _replaced_fault(replaced, number)
        if refusal is not None:
            return refusal
    available = order.available_fen if order.has_available else NONE
    ceiling = _ceiling(book, claim, debtor, order, place.item, available, replaced)
    if isinstance(ceiling, Refusal):
        return ceiling
    if len(book.holds) >= book.limits.holds_max:
        return Refusal(controls_pb2.RULE_FULL, f"holds: {book.limits.holds_max} already")
    known = claim.debtors[debtor].subjects
    # One object for all holds of a debtor.
    subject = known[0] if len(known) == 1 else person
    months = months or book.law.months_max(place.item, book.today)
    target = Target(debtor, subject, place, ceiling, available, months, replaces)
    if kind == FREEZE:
        hold_id = control_id = making.freeze(book, claim, target, signature)
    else:
        hold_id = making.freeze(book, claim, target, _for_deduction(signature))
        hold = book.holds[hold_id]
        deed = _deduction(book, claim, order, waits=hold.waits, with_freeze=True)
        control_id = making.on_hold(book, hold, deed, signature).control_id
    waits = book.controls[control_id].waits
    return TakenOrder(control_id, signature.order_id, hold_id, waits_for_approval=waits)


def _for_deduction(signature: Signature) -> Signature:
    """Of the FREEZE that a DEDUCT makes first: it is no order of its own."""
    return replace(signature, order_id="", content_hash=b"", cause=making.DEDUCTION)


def _not_the_debtor() -> Refusal:
    return Refusal(
        controls_pb2.RULE_NOT_THE_DEBTOR, "subject: number and name are not a debtor's of the claim"
    )


def _replaced_fault(replaced: Hold | None, number: int) -> Refusal | None:
    if replaced is None or replaced.origin.claim != number:
        return Refusal(controls_pb2.RULE_NO_SUCH_HOLD, "replaces_hold_id: no hold of the claim")
    if replaced.pair or replaced.waits:
        return guard.malformed("replaces_hold_id: it is being replaced, or replaces another")
    return guard.living_fault(replaced)


def _ceiling(
    book: Book,
    claim: Claim,
    debtor: int,
    order: Order,
    item: int,
    available: int,
    replaced: Hold | None,
) -> Refusal | int:
    """Up to how much is to be held; 0 of a thing."""
    is_whole = order.whole
    if not book.law.is_money(item):
        room = replaced.cover - replaced.rest if replaced else 0
        if not is_whole:
            return guard.malformed("whole: a thing is held whole")
        if gap_of(claim, debtor, book.day) + room == 0:
            return Refusal(controls_pb2.RULE_ABOVE_CLAIM, "property: the claim is covered without it")
        return 0
    is_deduct = order.kind == DEDUCT
    if is_whole:
        room = replaced.cover - replaced.rest if replaced else 0
        ceiling = gap_of(claim, debtor, book.day) + room
        if ceiling == 0:
            return Refusal(controls_pb2.RULE_ABOVE_CLAIM, "whole: nothing more may be held")
    else:
        ceiling = order.amount_fen if is_deduct else order.ceiling_fen
        if ceiling == 0:
            return guard.malformed("ceiling_fen: 0 given, an amount or whole is required")
    refusal = guard.amount_fault(book, claim, debtor, ceiling, available, replaced)
    if refusal is None and is_deduct:
        refusal = guard.owed_fault(book, claim, 0 if is_whole else ceiling)
    return refusal if refusal is not None else ceiling


def _on_hold(book: Book, order: Order, hold_id: int, signature: Signature) -> Refusal | TakenOrder:
    """RENEW, RELEASE, or DEDUCT from a hold."""
    hold = book.holds.get(hold_id)
    if hold is None:
        left = left_text(book.limits.ended_keep_ns)
        return Refusal(controls_pb2.RULE_NO_SUCH_HOLD, f"hold_id: no such hold of the claim{left}")
    if book.today > book.claims[hold.origin.claim].until_min:
        lapse_of_claim(book, hold.origin.claim)
        hold = book.holds[hold_id]
    claim = book.claims[hold.origin.claim]
    kind = order.kind
    claim_id = order.claim_id
    if claim_id and claim_id != claim.claim_id:
        return Refusal(controls_pb2.RULE_NO_SUCH_HOLD, "hold_id: no such hold of the claim")
    refusal = (
        guard.court_fault(book, claim, signature.court, kind)
        or (guard.case_number_fault(claim, signature.basis) if signature.court == claim.court else None)
        or guard.living_fault(hold)
        or guard.case_fault(claim, hold.origin.debtor, kind)
        or _hold_fault(book, claim, hold, order)
    )
    if refusal is not None:
        return refusal
    room = CONTROLS_PER_HOLD_MAX + (RELEASES_MORE if kind == RELEASE else 0)
    if len(hold.controls) >= room:
        return Refusal(controls_pb2.RULE_FULL, f"hold_id: {room} controls on it already")
    deed = _deed(book, claim, hold, order)
    control_id = making.on_hold(book, hold, deed, signature).control_id
    return TakenOrder(control_id, signature.order_id, hold_id, waits_for_approval=deed.waits)


def _hold_fault(book: Book, claim: Claim, hold: Hold, order: Order) -> Refusal | None:
    origin = hold.origin
    if hold.waits and (order.kind != RELEASE or not order.whole):
        return Refusal(controls_pb2.RULE_HOLD_QUEUED, "hold_id: its FREEZE waits for approval")
    if order.kind == RENEW:
        return guard.in_force_fault(hold) or guard.months_fault(book, origin.property.item, order.months)
    if order.kind == DEDUCT:
        return (
            guard.deduction_fault(book, claim, origin.debtor, origin.property)
            or guard.in_force_fault(hold)
            or guard.deduct_amount_fault(book, claim, hold, order.amount_fen)
        )
    if origin.is_thing and not order.whole:
        return guard.malformed("whole: a thing is released whole")
    return None


def _deed(book: Book, claim: Claim, hold: Hold, order: Order) -> Deed:
    kind = order.kind
    if kind == RENEW:
        return Deed(kind, months=order.months or book.law.months_max(hold.origin.property.item, book.today))
    if kind == DEDUCT:
        # Of the whole: what may still come in under it is taken too.
        amount = hold.ceiling if order.whole else order.amount_fen
        return _deduction(book, claim, order, waits=0 < book.limits.approval_above_fen < amount)
    ceiling = order.ceiling_fen
    whole = order.whole or ceiling == 0
    if not order.urgent:
        return Deed(kind, ceiling_fen=ceiling, whole=whole)
    left_count = len(book.left.intersection(hold.pending))
    return Deed(kind, ceiling, whole, urgent=True, reason=order.reason, left_count=left_count)


def _deduction(book: Book, claim: Claim, order: Order, *, waits: bool, with_freeze: bool = False) -> Deed:
    return Deed(
        DEDUCT,
        whole=order.whole,
        amount_fen=order.amount_fen,
        payee=book.law.payee(claim.court),
        waits=waits,
        with_freeze=with_freeze,
    )
