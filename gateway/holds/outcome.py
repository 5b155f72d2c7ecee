"""Outcome: what an institution says, checked against what was ordered, and made a fact.

The highest version of a statement wins, whichever way it came. What goes beyond what was ordered is a fault:
an unknown control or hold changes nothing; more than was ordered is taken as the harm it is, so that it is
released at once, and told as a fault.
"""

from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import apply, encoding, making
from gateway.holds.book import Book
from gateway.holds.face import Fault, FaultKind
from gateway.holds.guard import AMOUNT_FEN_MAX
from gateway.holds.life import follows
from gateway.holds.model import DEDUCT, EFFECTIVE, ENDED, FREEZE, QUEUED, RENEW, Control, Hold
from gateway.holds.reading import Receipt, Said, read_receipt, read_statement
from runtime.calendar import add_days, add_months, is_date

DONE = hold_pb2.CONTROL_OUTCOME_DONE
REFUSED = hold_pb2.CONTROL_OUTCOME_REFUSED
OBJECTED = institution_pb2.HOLD_EVENT_KIND_OBJECTED
# Clocks of institutions and of the gateway may differ by so much in counting a term.
CLOCK_DAYS = 1
# No hold is older, so no day of one lies before the epoch.
DATE_MIN = 20000101
# What the contract allows; what is longer is cut. So a hold's view stays a message.
TEXT_BYTES_MAX = 256
AHEAD_MAX = 16
COURT_BYTES_MAX = 32
# More are not believed: they would grow without an end.
OBJECTIONS_MAX = 64


def receipt(book: Book, endpoint: int, word: Receipt) -> Fault | None:  # noqa: PLR0911 - a return for each fault
    """An institution's word on a control. UNAVAILABLE is no outcome, and a second receipt changes nothing."""
    control_id = word.control_id
    control = book.controls.get(control_id)
    if control is None:
        return Fault(FaultKind.UNKNOWN_CONTROL, f"receipt: control {control_id} is not known")
    hold = book.holds[control.hold_id]
    if hold.origin.endpoint != endpoint:
        return Fault(FaultKind.FOREIGN_ENDPOINT, f"receipt: control {control_id} went to another endpoint")
    outcome = word.outcome
    if outcome not in (DONE, REFUSED):
        if outcome == hold_pb2.CONTROL_OUTCOME_UNAVAILABLE:
            return None
        return Fault(FaultKind.MALFORMED, f"receipt: control {control_id} has outcome {outcome}")
    if control_id in book.outcomes:
        return None
    if control_id not in book.left:
        return Fault(FaultKind.NOT_SENT, f"receipt: control {control_id} was not sent")
    if word.text or (word.said is not None and word.said.position):
        word = read_receipt(_cut_to_size(word.content))
    fault = _receipt_fault(book, hold, control, word)
    if fault is not None and not fault.is_taken:
        return fault
    if fault is None:
        book.note(encoding.received(word.content))
        apply.received(book, word)
        return None
    taken = book.fact().received.receipt
    taken.MergeFromString(word.content)
    ceiling = _bounded(book, hold, taken.hold)
    apply.received(book, read_receipt(taken.SerializeToString()))
    _release_what_nobody_ordered(book, control.hold_id, ceiling)
    return fault


def _cut_to_size(content: bytes) -> bytes:
    """With what the contract allows of texts."""
    message = institution_pb2.ControlReceipt.FromString(content)
    message.text = _cut(message.text, TEXT_BYTES_MAX)
    if message.hold.queue_position:
        _cut_ahead(message.hold)
    return message.SerializeToString()


def _cut(text: str, bytes_max: int) -> str:
    return text.encode()[:bytes_max].decode(errors="ignore")


def _cut_ahead(statement: hold_pb2.HoldStatement) -> None:
    codes = statement.ahead_court_codes
    codes[:] = [_cut(code, COURT_BYTES_MAX) for code in codes[:AHEAD_MAX]]


def _receipt_fault(book: Book, hold: Hold, control: Control, receipt: Receipt) -> Fault | None:
    control_id = control.control_id
    is_done = receipt.outcome == DONE
    stated = receipt.said
    if control.kind == FREEZE and not is_done and (hold.version or stated is not None):
        return Fault(
            FaultKind.CONTRADICTION, f"receipt: control {control_id} is refused, and its hold is there"
        )
    if stated is not None:
        fault = statement_fault(book, hold, stated)
        if fault is not None:
            return fault
    elif is_done:
        return Fault(FaultKind.MALFORMED, f"receipt: control {control_id} is done, and no hold is stated")
    if control.kind == DEDUCT and is_done and not control.whole:
        deducted, ordered = receipt.deducted_fen, control.requested_fen
        if deducted != ordered:
            kind = FaultKind.TOO_MUCH if deducted > ordered else FaultKind.CONTRADICTION
            text = f"receipt: {deducted} fen deducted by control {control_id}, {ordered} ordered"
            return Fault(kind, text, is_taken=True)
    return None


def event(book: Book, endpoint: int, event: institution_pb2.HoldEvent) -> Fault | None:
    """What an institution says by itself. One that was seen changes nothing; one that is not the next is a
    gap, and not taken."""
    cursor = book.cursors.get(endpoint, 0)
    if event.seq <= cursor:
        return None
    if event.seq != cursor + 1:
        return Fault(FaultKind.GAP, f"event: seq {event.seq} given, {cursor + 1} expected")
    if event.text:
        event.text = _cut(event.text, TEXT_BYTES_MAX)
    if event.hold.queue_position:
        _cut_ahead(event.hold)
    fact_count = len(book.step.facts)
    try:
        fault = _event_fault(book, endpoint, event)
    except Exception as error:
        fault = Fault(FaultKind.NOT_JUDGED, book.accident(fact_count, error))
    fact = book.fact().happened
    fact.endpoint = endpoint
    fact.event.CopyFrom(event)
    if fault is None:
        apply.happened(book, fact)
        return None
    if not fault.is_taken:
        fact.doubted = True
        apply.happened(book, fact)
        return fault
    hold_id = event.hold.hold_id
    ceiling = _bounded(book, book.holds[hold_id], fact.event.hold)
    apply.happened(book, fact)
    _release_what_nobody_ordered(book, hold_id, ceiling)
    return fault


def _event_fault(book: Book, endpoint: int, event: institution_pb2.HoldEvent) -> Fault | None:
    hold = book.holds.get(event.hold.hold_id)
    if hold is None:
        return Fault(FaultKind.UNKNOWN_HOLD, f"event: hold {event.hold.hold_id} is not known")
    if hold.origin.endpoint != endpoint:
        return Fault(FaultKind.FOREIGN_ENDPOINT, f"event: hold {event.hold.hold_id} is at another endpoint")
    if event.kind == OBJECTED and len(hold.objections) >= OBJECTIONS_MAX:
        text = f"event: hold {event.hold.hold_id} has {OBJECTIONS_MAX} objections already"
        return Fault(FaultKind.MALFORMED, text)
    return statement_fault(book, hold, read_statement(event.hold.SerializeToString()))


def statement_fault(book: Book, hold: Hold, stated: Said) -> Fault | None:  # noqa: PLR0911 - a return for each fault
    """What is wrong with a statement that would count; an older one is not looked at."""
    origin = hold.origin
    hold_id = origin.hold_id
    if stated.hold_id != hold_id or stated.institution != origin.property.institution:
        return Fault(FaultKind.UNKNOWN_HOLD, f"statement: of hold {stated.hold_id}, {hold_id} expected")
    if stated.version < 1:
        return Fault(FaultKind.MALFORMED, f"statement: version 0 of hold {hold_id} given, from 1 on")
    if stated.version <= hold.version:
        return None
    if hold.version == 0 and (hold.waits or (hold_id not in book.left and hold_id not in book.outcomes)):
        return Fault(FaultKind.NOT_SENT, f"statement: hold {hold_id} was not sent")
    life = stated.life
    if not follows(hold.life, life):
        return Fault(FaultKind.CONTRADICTION, f"statement: hold {hold_id} cannot be {life} now")
    is_possible = (
        0 <= stated.ceiling <= AMOUNT_FEN_MAX
        and 0 <= stated.controlled <= AMOUNT_FEN_MAX
        and hold.deducted <= stated.deducted <= AMOUNT_FEN_MAX
        and stated.available >= 0
    )
    if not is_possible:
        return Fault(FaultKind.MALFORMED, f"statement: amounts of hold {hold_id} cannot be")
    if not _are_dates_right(book, stated):
        return Fault(FaultKind.MALFORMED, f"statement: dates of hold {hold_id} cannot be")
    return _excess_fault(book, hold, stated)


def _are_dates_right(book: Book, stated: Said) -> bool:
    """A hold in force has both, a queued one no last day, and one that has ended may leave them out."""
    since, until = stated.since, stated.until
    if stated.life == EFFECTIVE:
        is_since_right = DATE_MIN <= since <= add_days(book.today, CLOCK_DAYS) and is_date(since)
        return is_since_right and until >= since and is_date(until)
    if stated.life == QUEUED and until != 0:
        return False
    return (since == 0 or (since >= DATE_MIN and is_date(since))) and (
        until == 0 or (until >= DATE_MIN and is_date(until))
    )


def _excess_fault(book: Book, hold: Hold, stated: Said) -> Fault | None:
    """More than was ordered: it harms the debtor, so it counts, and what is too much is released."""
    too_much = ""
    is_thing = hold.origin.is_thing
    if stated.whole != is_thing and stated.life != ENDED:
        too_much = f"whole {stated.whole}"
    elif not is_thing and stated.ceiling > hold.ceiling:
        too_much = f"ceiling {stated.ceiling}, {hold.ceiling} expected"
    elif stated.controlled > stated.ceiling:
        too_much = f"controlled {stated.controlled}, ceiling {stated.ceiling}"
    elif stated.deducted > hold.deducted and stated.deducted - hold.deducted > _deducting(book, hold):
        too_much = f"deducted {stated.deducted}, of {hold.deducted} known"
    elif stated.life == EFFECTIVE and stated.until > _until_max(book, hold, stated.since):
        too_much = f"until {stated.until}"
    if too_much:
        text = f"statement: hold {hold.origin.hold_id}: {too_much}"
        return Fault(FaultKind.TOO_MUCH, text, is_taken=True)
    return None


def _bounded(book: Book, hold: Hold, statement: hold_pb2.HoldStatement) -> int:
    """A term that nobody ordered ends by the law. Up to how much the hold may be, beside what it says."""
    if statement.life == EFFECTIVE:
        statement.effective_until = min(
            statement.effective_until, _until_max(book, hold, statement.effective_from)
        )
    return hold.ceiling


def _release_what_nobody_ordered(book: Book, hold_id: int, ceiling: int) -> None:
    hold = book.holds[hold_id]
    if hold.is_in_force and not hold.origin.is_thing and max(hold.ceiling, hold.controlled) > ceiling:
        making.own_release(book, hold, making.EXCESS, keep_fen=ceiling + hold.deducted)


def _deducting(book: Book, hold: Hold) -> int:
    """What a DEDUCT on its way may take."""
    total = 0
    for control_id in hold.pending:
        control = book.controls[control_id]
        if control.kind == DEDUCT:
            total += hold.ceiling if control.whole else control.requested_fen
    return total


def _until_max(book: Book, hold: Hold, since: int) -> int:
    """The last day that its FREEZE, or a RENEW on its way, may have given it."""
    latest = add_months(since, hold.origin.months)
    latest = max(latest, hold.until)
    for control_id in hold.pending:
        control = book.controls[control_id]
        if control.kind == RENEW:
            latest = max(latest, add_months(add_days(book.today, CLOCK_DAYS), control.months))
    return latest
