"""Making: a control as a fact, and the facts that the gateway makes by itself. Nothing is checked here."""

from typing import Final, NamedTuple

from chakong.institution.v1 import institution_pb2
from chakong.journal.v1 import ledger_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import apply
from gateway.holds.book import Basis, Book
from gateway.holds.model import (
    FREEZE,
    NONE,
    RELEASE,
    RENEW,
    Claim,
    Control,
    Hold,
    Kind,
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


class Signature(NamedTuple):
    """Whose order it is, and on what it rests. `court` empty: the gateway's own."""

    court: str
    order_id: str
    content_hash: bytes
    ordered_by: str
    cause: str
    basis: Basis
    notice: str


class Target(NamedTuple):
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
    fact = book.fact().ordered
    control_id = book.next_id
    message = fact.control
    debtor, subject, place, ceiling, available, months, replaces = target
    court, order_id, content_hash, ordered_by, cause, basis, notice = signature
    is_thing = ceiling == 0
    waits = 0 < book.limits.approval_above_fen < ceiling
    message.control_id = message.hold_id = control_id
    message.kind = FREEZE
    message.months = months
    message.notice_number = notice
    message.mandate.MergeFromString(basis.mandate)
    _name(message, subject, place)
    fact.claim = claim.number
    fact.court_code = court
    fact.order_id = order_id
    fact.content_hash = content_hash
    if is_thing:
        message.whole = fact.thing = True
    else:
        message.ceiling_fen = fact.requested_fen = ceiling
    if debtor:
        fact.debtor = debtor
    if available != NONE:
        fact.available_fen = available
    if replaces:
        fact.replaces_hold_id = replaces
    if cause:
        fact.cause = cause
    if ordered_by:
        fact.ordered_by = ordered_by
    if waits:
        fact.waits_for_approval = True
    now_ns = book.now_ns
    control = Control(
        control_id, control_id, FREEZE, court, order_id, content_hash, ceiling, is_thing, NONE, months,
        False, "", cause, basis.officer, ordered_by, waits, now_ns, message,
    )  # fmt: skip
    endpoint = book.directory.institutions[place.institution].endpoint
    origin = Origin(
        control_id, claim.number, debtor, endpoint, place, subject, is_thing, basis.mandate, notice, months,
        ceiling, is_thing, now_ns, available, replaces,
    )  # fmt: skip
    apply.taken(book, control, origin)
    return control_id


def on_hold(book: Book, hold: Hold, kind: Kind, signature: Signature) -> ledger_pb2.Ordered:
    """A control on a hold, to be completed and applied."""
    fact = book.fact().ordered
    message = fact.control
    message.control_id = book.next_id
    message.kind = kind
    message.hold_id = hold.origin.hold_id
    message.notice_number = signature.notice
    message.mandate.MergeFromString(signature.basis.mandate)
    _name(message, hold.origin.subject, hold.origin.property)
    fact.claim = hold.origin.claim
    fact.court_code = signature.court
    fact.order_id = signature.order_id
    fact.content_hash = signature.content_hash
    fact.ordered_by = signature.ordered_by
    fact.cause = signature.cause
    return fact


def _name(message: institution_pb2.Control, subject: Subject, place: Property) -> None:
    person, spot = message.subject, message.property
    person.id_type, person.id_number, person.name = subject  # type: ignore[assignment]
    spot.institution, spot.item, spot.locator, spot.kind, currency = place
    if currency:
        spot.currency = currency


def own_release(book: Book, hold: Hold, cause: str, *, keep_fen: int) -> int:
    """Let go of a hold down to what stays (with what goes out before it), or of all of it: 0."""
    fact = on_hold(book, hold, RELEASE, _own(hold, cause))
    if keep_fen > 0:
        fact.keep_fen = keep_fen
        fact.control.ceiling_fen = fact.requested_fen = max(0, keep_fen - hold.deducted)
    else:
        fact.control.whole = True
    return _taken(book, fact)


def own_renewal(book: Book, hold: Hold, cause: str) -> int:
    """Let a hold last as long as the law allows."""
    fact = on_hold(book, hold, RENEW, _own(hold, cause))
    fact.control.months = book.law.months_max(hold.origin.property.item, book.today)
    return _taken(book, fact)


def _own(hold: Hold, cause: str) -> Signature:
    """The gateway's own follow-ups rest on the mandate of the hold."""
    basis = Basis(None, "", "", hold.origin.mandate)
    return Signature("", "", b"", "", cause, basis, hold.origin.notice)


def _taken(book: Book, fact: ledger_pb2.Ordered) -> int:
    apply.ordered(book, fact)
    book.followed.append(fact.control.control_id)
    return fact.control.control_id


def end(book: Book, control_id: int, refusal: hold_pb2.ControlRefusal.ValueType, text: str) -> None:
    """A control that has not left ends here."""
    fact = book.fact().ended
    fact.control_id = control_id
    fact.refusal = refusal
    fact.text = text
    apply.ended(book, fact)
