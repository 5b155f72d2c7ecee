"""Making: a control as a fact, and the facts that the gateway makes by itself. Nothing is checked here."""

from dataclasses import dataclass
from typing import Final

from chakong.type.v1 import hold_pb2
from gateway.holds import apply, encoding
from gateway.holds.book import Basis, Book
from gateway.holds.model import (
    FREEZE,
    NONE,
    RELEASE,
    RENEW,
    Claim,
    Control,
    Deed,
    Hold,
    Origin,
    Property,
    Subject,
)

# Why the gateway orders something itself.
EXCESS: Final = "EXCESS"
REPLACED: Final = "REPLACED"
BANKRUPTCY: Final = "BANKRUPTCY"
RENEWAL_BEFORE_TRANSFER: Final = "RENEWAL_BEFORE_TRANSFER"
STANDING: Final = "STANDING"
PLAN: Final = "PLAN"
DEDUCTION: Final = "DEDUCTION"


@dataclass
class Signature:
    """Whose order it is, and on what it rests. `court` empty: the gateway's own."""

    court: str
    order_id: str
    content_hash: bytes
    ordered_by: str
    cause: str
    basis: Basis
    notice: str


@dataclass
class Target:
    """What a FREEZE holds, and how. `ceiling` 0: a thing, whole; `available` -1: not known."""

    debtor: int
    subject: Subject
    place: Property
    ceiling: int
    available: int
    months: int
    replaces: int


def freeze(book: Book, claim: Claim, target: Target, signature: Signature) -> int:
    """A FREEZE is taken; its id. Above the limit it waits for another officer."""
    control_id = book.next_id
    basis, notice, ceiling, months = signature.basis, signature.notice, target.ceiling, target.months
    is_thing = ceiling == 0
    waits = 0 < book.limits.approval_above_fen < ceiling
    deed = Deed(FREEZE, ceiling, is_thing, 0, months)
    now_ns = book.now_ns
    endpoint = book.directory.institutions[target.place.institution].endpoint
    origin = Origin(
        control_id, claim.number, target.debtor, endpoint, target.place, target.subject, is_thing,
        basis.mandate, notice, months, ceiling, is_thing, now_ns, target.available, target.replaces,
    )  # fmt: skip
    message = encoding.control(control_id, origin, basis.mandate, notice, deed)
    control = Control(
        control_id, control_id, FREEZE, signature.court, signature.order_id, signature.content_hash,
        ceiling, is_thing, NONE, months, False, "", signature.cause, basis.officer, signature.ordered_by,
        waits, now_ns, message,
    )  # fmt: skip
    book.note(encoding.ordered(control, origin, deed))
    apply.taken(book, control, origin)
    return control_id


def on_hold(book: Book, hold: Hold, deed: Deed, signature: Signature) -> Control:
    """A control on a hold is taken."""
    control_id = book.next_id
    origin = hold.origin
    basis = signature.basis
    message = encoding.control(control_id, origin, basis.mandate, signature.notice, deed)
    requested_fen = deed.ceiling_fen or deed.amount_fen
    control = Control(
        control_id, origin.hold_id, deed.kind, signature.court, signature.order_id, signature.content_hash,
        requested_fen, deed.whole, deed.keep_fen, deed.months, deed.urgent, deed.reason, signature.cause,
        basis.officer, signature.ordered_by, deed.waits, book.now_ns, message,
    )  # fmt: skip
    book.note(encoding.ordered(control, origin, deed))
    apply.taken(book, control, None, deed.left_count)
    return control


def own_release(book: Book, hold: Hold, cause: str, *, keep_fen: int) -> int:
    """Let go of a hold down to what stays (with what goes out before it), or of all of it: 0."""
    if keep_fen > 0:
        deed = Deed(RELEASE, ceiling_fen=max(0, keep_fen - hold.deducted), keep_fen=keep_fen)
    else:
        deed = Deed(RELEASE, whole=True)
    return _follow_up(book, hold, deed, cause)


def own_renewal(book: Book, hold: Hold, cause: str) -> int:
    """Let a hold last as long as the law allows."""
    months = book.law.months_max(hold.origin.property.item, book.today)
    return _follow_up(book, hold, Deed(RENEW, months=months), cause)


def _follow_up(book: Book, hold: Hold, deed: Deed, cause: str) -> int:
    """The gateway's own; it rests on the mandate of the hold."""
    officer = book.controls[hold.origin.hold_id].officer
    basis = Basis(None, officer, "", hold.origin.mandate)
    signature = Signature("", "", b"", "", cause, basis, hold.origin.notice)
    control_id = on_hold(book, hold, deed, signature).control_id
    book.followed.append(control_id)
    return control_id


def end(book: Book, control_id: int, refusal: hold_pb2.ControlRefusal.ValueType, text: str) -> None:
    """A control that has not left ends here."""
    if control_id in book.outcomes:
        raise AssertionError(f"ledger: control {control_id} has an outcome already")
    fact = book.fact().ended
    fact.control_id = control_id
    fact.refusal = refusal
    fact.text = text
    apply.ended(book, fact)
