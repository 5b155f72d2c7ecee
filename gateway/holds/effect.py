"""Effect: what a control does where the institution carries it out to the full.

For the dry run; no institution is asked.

What was last seen to be free in the account is taken for what is there; where that is not known, all that is
asked for.
"""

from typing import Final

from chakong.type.v1 import hold_pb2
from gateway.holds import apply, follow
from gateway.holds.book import Book
from gateway.holds.model import DEDUCT, EFFECTIVE, ENDED, FREEZE, NONE, QUEUED, RELEASE, RENEW, Control, Hold
from gateway.holds.reading import read_receipt
from runtime import calendar

VERSION_MAX: Final = (1 << 32) - 1


def play(book: Book, control_id: int) -> None:
    """Give a control its full effect on the open step."""
    if control_id in book.outcomes:
        return
    control = book.controls[control_id]
    hold = book.holds[control.hold_id]
    receipt = book.fact().received.receipt
    receipt.control_id = control_id
    receipt.outcome = hold_pb2.CONTROL_OUTCOME_DONE
    statement = receipt.hold
    statement.hold_id = hold.origin.hold_id
    statement.institution = hold.origin.property.institution
    statement.version = min(hold.version + 1, VERSION_MAX)
    statement.life = hold.life if hold.life in (QUEUED, EFFECTIVE) else EFFECTIVE
    statement.ceiling_fen, statement.controlled_fen = hold.ceiling, hold.controlled
    statement.deducted_fen = hold.deducted
    statement.effective_from, statement.effective_until = hold.since, hold.until
    _change(book, hold, control, statement)
    apply.received(book, read_receipt(receipt.SerializeToString()))
    follow.after_hold(book, control.hold_id)


def _change(book: Book, hold: Hold, control: Control, statement: hold_pb2.HoldStatement) -> None:
    if control.kind == FREEZE:
        expected = hold.origin.expected_fen
        there = hold.ceiling if expected == NONE else min(hold.ceiling, expected)
        statement.controlled_fen = 0 if hold.origin.is_thing else there
        statement.effective_from = book.today
        statement.effective_until = calendar.add_months(book.today, control.months)
    elif control.kind == RENEW:
        statement.effective_until = calendar.add_months(book.today, control.months)
    elif control.kind == RELEASE:
        _release(control, statement)
    elif control.kind == DEDUCT:
        amount = hold.controlled if control.whole else min(control.requested_fen, hold.controlled)
        statement.ceiling_fen -= amount
        statement.controlled_fen -= amount
        statement.deducted_fen += amount
        if statement.ceiling_fen == 0:
            statement.life, statement.end = ENDED, hold_pb2.HOLD_END_DEDUCTED


def _release(control: Control, statement: hold_pb2.HoldStatement) -> None:
    stays = 0 if control.whole else control.requested_fen
    if control.keep_fen >= 0:
        stays = max(0, control.keep_fen - statement.deducted_fen)
    statement.ceiling_fen = min(statement.ceiling_fen, stays)
    statement.controlled_fen = min(statement.controlled_fen, stays)
    if stays == 0:
        statement.life, statement.end = ENDED, hold_pb2.HOLD_END_RELEASED
