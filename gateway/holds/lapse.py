"""Lapse: a hold whose last day has passed is void at the next midnight, whether or not its institution has
said so yet. What has not left and may only be done to a hold in force ends with it.
"""

from typing import Final

from chakong.type.v1 import hold_pb2
from gateway.holds import apply, making
from gateway.holds.book import Book
from gateway.holds.model import DEDUCT, RENEW

FOREVER: Final = 99991231


def lapse(book: Book, hold_id: int) -> None:
    """Make it a fact for a hold that was in force."""
    hold = book.holds[hold_id]
    if hold.is_in_force and hold.until < book.today:
        fact = book.fact().lapsed
        fact.hold_id = hold_id
        apply.lapsed(book, fact)
        for control_id in hold.pending:
            if control_id not in book.left and book.controls[control_id].kind in (RENEW, DEDUCT):
                text = f"the last day of its hold, {hold.until}, has passed"
                making.end(book, control_id, hold_pb2.CONTROL_REFUSAL_HOLD_ENDED, text)


def lapse_of_claim(book: Book, number: int) -> None:
    """The same at once for all holds of a claim that an input is about: its guards judge by what is in
    force today."""
    if book.today <= book.claims[number].until_min:
        return
    claim = book.claims[number]
    until_min = FOREVER
    for hold_id in claim.holds:
        lapse(book, hold_id)
        hold = book.holds[hold_id]
        if hold.is_in_force:
            until_min = min(until_min, hold.until)
    book.edit_claim(number).until_min = until_min
