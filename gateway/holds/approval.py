"""Approval: another officer's word on an order above the limit.

The guards are asked again; until then it counts nowhere.
"""

from chakong.gateway.v1 import controls_pb2
from gateway.holds import apply, guard
from gateway.holds.book import Book
from gateway.holds.face import Refusal
from gateway.holds.lapse import lapse_of_claim
from gateway.holds.model import DEDUCT, Claim, Control, Hold, TakenOrder
from runtime.identity import Identity, Role


def approve(  # noqa: PLR0911 - a return for each fault
    book: Book, request: controls_pb2.ApproveRequest, caller: Identity
) -> Refusal | TakenOrder:
    """Let an order leave that waits for an officer."""
    if caller.role is not Role.OFFICER:
        return Refusal(controls_pb2.RULE_FOREIGN_COURT, "certificate: an officer of the court must approve")
    control = book.controls.get(book.orders.get((caller.court, request.order_id), 0))
    if control is None or not control.waits:
        return Refusal(
            controls_pb2.RULE_NOTHING_TO_APPROVE, "order_id: no order of the court waits for approval"
        )
    lapse_of_claim(book, book.holds[control.hold_id].origin.claim)
    hold = book.holds[control.hold_id]
    claim = book.claims[hold.origin.claim]
    if control.control_id in book.outcomes:
        return Refusal(controls_pb2.RULE_NOTHING_TO_APPROVE, "order_id: the order has ended")
    is_approved = control.control_id in hold.pending
    taken = TakenOrder(control.control_id, control.order_id, hold.origin.hold_id, repeated=is_approved)
    if is_approved:
        return taken
    if caller.name in (control.officer, control.ordered_by):
        return Refusal(controls_pb2.RULE_SAME_OFFICER, "certificate: the officer of the order itself")
    refusal = _fault(book, claim, hold, control, request.amount_fen)
    if refusal is not None:
        return refusal
    fact = book.fact().approved
    fact.control_id = control.control_id
    fact.officer_id = caller.name
    apply.approved(book, fact)
    return taken


def _fault(book: Book, claim: Claim, hold: Hold, control: Control, seen_fen: int) -> Refusal | None:  # noqa: PLR0911 - a return for each fault
    origin = hold.origin
    amount = control.requested_fen or hold.ceiling
    if seen_fen != amount:
        return guard.malformed(f"amount_fen: {seen_fen} seen, the order's is {amount}")
    if control.court != claim.court:
        return Refusal(controls_pb2.RULE_FOREIGN_COURT, "order_id: another court has the case now")
    refusal = guard.living_fault(hold) or guard.case_fault(claim, origin.debtor, control.kind)
    if refusal is not None:
        return refusal
    if hold.waits:
        replaced = book.holds.get(origin.replaces) if origin.replaces else None
        if origin.replaces and (replaced is None or replaced.pair or guard.living_fault(replaced)):
            return Refusal(
                controls_pb2.RULE_HOLD_ENDED, "replaces_hold_id: it has ended, or is being replaced"
            )
        refusal = guard.property_fault(book, claim, origin.debtor, origin.property, control.kind)
        if refusal is None and not origin.is_thing:
            ceiling, expected = origin.requested_fen, origin.expected_fen
            refusal = guard.amount_fault(book, claim, origin.debtor, ceiling, expected, replaced)
    if refusal is None and control.kind == DEDUCT:
        if hold.waits:
            return guard.owed_fault(book, claim, control.requested_fen)
        return guard.in_force_fault(hold) or guard.deduct_amount_fault(
            book, claim, hold, control.requested_fen
        )
    return refusal
