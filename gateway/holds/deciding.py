"""Deciding: one order or receipt after the other, what follows from each, and what may leave when the step is
kept.

Each begins with a clean slate: what it touches is looked at before the next. It judges nothing itself.
"""

from typing import Final

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import follow, orders, outcome, planning
from gateway.holds.book import Book, Draft
from gateway.holds.counting import Counting
from gateway.holds.face import Fault, FaultKind, Refusal
from gateway.holds.model import FREEZE, TakenOrder
from gateway.holds.reading import Order, Receipt
from gateway.holds.sending import Sending
from runtime.identity import Identity

NOT_JUDGED: Final = controls_pb2.RULE_NOT_JUDGED
UNAVAILABLE: Final = hold_pb2.CONTROL_OUTCOME_UNAVAILABLE


def order(book: Book, counting: Counting, wanted: Order, caller: Identity) -> Refusal | TakenOrder:
    """A court's order."""
    if book.touched:
        book.clear_input()
    fact_count = len(book.step.facts)
    try:
        decision = orders.take(book, wanted, caller)
    except Exception as error:
        decision = Refusal(NOT_JUDGED, book.accident(fact_count, error))
    if isinstance(decision, Refusal):
        counting.refused(decision)
        return decision
    taken = decision
    if not taken.repeated:
        _after_order(book, wanted.kind, taken.hold_id)
    return taken


def receipt(book: Book, counting: Counting, sending: Sending, endpoint: int, word: Receipt) -> Fault | None:
    """An institution's word on a control."""
    if book.touched:
        book.clear_input()
    fact_count = len(book.step.facts)
    try:
        fault = outcome.receipt(book, endpoint, word)
    except Exception as error:
        fault = Fault(FaultKind.NOT_JUDGED, book.accident(fact_count, error))
    if fault is not None:
        counting.faulty(fault)
    elif word.outcome == UNAVAILABLE:
        sending.give_back((word.control_id,))
    if book.touched:
        control = book.controls[word.control_id]
        after(book, control.hold_id)
    return fault


def line_up(book: Book, sending: Sending, draft: Draft) -> None:
    """What has ended is let go of, and what is first in its line now may leave."""
    for control_id in draft.ended:
        sending.forget(control_id)
    for hold_id, before in draft.holds.items():
        hold = book.holds[hold_id]
        if hold.pending and (before is None or not before.pending or before.pending[0] != hold.pending[0]):
            sending.line_up(hold)


def _after_order(book: Book, kind: int, hold_id: int) -> None:
    """A FREEZE that was taken changes nothing for others, unless some are overdue or it replaces one."""
    if kind == FREEZE:
        hold = book.holds[hold_id]
        claim = book.claims[hold.origin.claim]
        is_alone = len(book.touched) == 1 and not hold.origin.replaces
        if is_alone and not claim.overdue and claim.standing is None:
            follow.note_gap(book, claim)
            return
    else:
        follow.after_hold(book, hold_id)
    follow_up(book)


def after(book: Book, hold_id: int) -> None:
    """An institution said something of a hold."""
    follow.after_hold(book, hold_id)
    follow.bound_hold(book, hold_id)
    follow_up(book)


def follow_up(book: Book) -> None:
    """What follows for every claim that the input touched."""
    for number in tuple(book.touched):
        follow.after_claim(book, number)
        claim = book.claims[number]
        if claim.standing is not None and planning.stand(book, number):
            # What it ordered takes the room of overdue FREEZEs that have not left.
            follow.after_claim(book, number)
