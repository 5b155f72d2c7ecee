"""Guard: what the gateway does not take, each refusal by the name of its rule.

Functions look and say; none changes anything. Of several faults the first in the order of the checks is told:
the message itself, the court, the legal basis, the case, the hold or property, the amounts.
"""

from typing import Final

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import type_pb2
from gateway.directory import DEDUCT as CAN_DEDUCT
from gateway.directory import FREEZE as CAN_FREEZE
from gateway.holds.book import Basis, Book
from gateway.holds.cover import cap_left, due, gap_of, projected
from gateway.holds.face import Refusal
from gateway.holds.law import YUAN
from gateway.holds.model import (
    DEDUCT,
    EFFECTIVE,
    ENDED,
    FREEZE,
    NONE,
    QUEUED,
    RELEASE,
    Claim,
    Hold,
    Property,
    Subject,
)
from gateway.holds.past import left_text
from gateway.holds.reading import Order

ORDER_ID_BYTES_MAX: Final = 64
LOCATOR_BYTES_MAX: Final = 128
KIND_BYTES_MAX: Final = 64
NOTICE_BYTES_MAX: Final = 128
REASON_BYTES_MAX: Final = 256
# Kinds are free texts: a caller who sends ever new ones makes it reckon anew, and no more.
ABLE_MAX: Final = 65_536
# About 200 bytes each; what is longer than any that suffices is read each time.
BASES_MAX: Final = 65_536
BASIS_BYTES_MAX: Final = 512
# Case, instrument, officer.
MANDATE_BYTES_MAX: Final = (128, 128, 32)
# Number, name.
SUBJECT_BYTES_MAX: Final = (20, 256)
SUBJECT_TEXT: Final = f"number and name have at most {SUBJECT_BYTES_MAX} bytes"
# Sums of many of them stay within 64 bits.
AMOUNT_FEN_MAX: Final = 1 << 50
# Order ids that the gateway gives to orders of its own plans.
OWN_PREFIX: Final = "gateway/"


def malformed(text: str) -> Refusal:
    """A message that means nothing."""
    return Refusal(controls_pb2.RULE_MALFORMED, text)


def no_such_claim(book: Book) -> Refusal:
    """The court has none of this id, or has no more."""
    left = left_text(book.limits.ended_keep_ns)
    return Refusal(controls_pb2.RULE_NO_SUCH_CLAIM, f"claim_id: the court has no such claim{left}")


def message_fault(order: Order) -> Refusal | None:
    """What is wrong with the message, whatever it is about."""
    order_id = order.order_id
    if not order_id or is_over(order_id, ORDER_ID_BYTES_MAX) or "\0" in order_id:
        return malformed(f"order_id: 1 to {ORDER_ID_BYTES_MAX} bytes without NUL")
    if order_id.startswith(OWN_PREFIX):
        return malformed(f"order_id: begins with {OWN_PREFIX!r}, which is the gateway's own")
    kind = order.kind
    if not FREEZE <= kind <= DEDUCT:
        return malformed(f"kind: {kind} given, FREEZE, RENEW, RELEASE or DEDUCT")
    ceiling, amount, available = order.ceiling_fen, order.amount_fen, order.available_fen
    if not (
        0 <= ceiling <= AMOUNT_FEN_MAX and 0 <= amount <= AMOUNT_FEN_MAX and 0 <= available <= AMOUNT_FEN_MAX
    ):
        return malformed(f"ceiling_fen, amount_fen, available_fen: 0 to {AMOUNT_FEN_MAX}")
    if order.urgent or order.reason:
        refusal = _urgency_fault(order)
        if refusal is not None:
            return refusal
    return _kind_of_order_fault(order, kind, ceiling, amount)


def is_over(text: str, bytes_max: int) -> bool:
    """Whether a text has more bytes; a character has four at most."""
    return len(text) * 4 > bytes_max and len(text.encode()) > bytes_max


def is_subject_over(subject: type_pb2.Subject) -> bool:
    """Whether a person's number or name is longer than the contract allows."""
    return any(map(is_over, (subject.id_number, subject.name), SUBJECT_BYTES_MAX))


def _kind_of_order_fault(order: Order, kind: int, ceiling: int, amount: int) -> Refusal | None:  # noqa: PLR0911
    if kind == FREEZE:
        if order.hold_id:
            return malformed("hold_id: given with a FREEZE, which makes its own")
        return malformed("ceiling_fen: given with whole") if order.whole and ceiling else None
    if order.replaces_hold_id:
        return malformed("replaces_hold_id: only with a FREEZE")
    if kind == DEDUCT:
        if order.whole == (amount > 0):
            return malformed("amount_fen: either an amount, or whole")
        return None
    if not order.hold_id:
        return malformed("hold_id: missing")
    if kind == RELEASE and order.whole == (ceiling > 0):
        return malformed("ceiling_fen: either what stays held, or whole")
    return None


def _urgency_fault(order: Order) -> Refusal | None:
    if order.urgent and (order.kind != RELEASE or not order.reason.strip()):
        return malformed("urgent: only a RELEASE, with the reason and the proof")
    if len(order.reason.encode()) > REASON_BYTES_MAX:
        return malformed(f"reason: over {REASON_BYTES_MAX} bytes")
    return None


def basis_of(book: Book, encoded: bytes, court: str) -> Basis:
    """The legal basis of a control, a Mandate: read once for all orders that rest on the same."""
    key = (court, encoded)
    basis = book.bases.get(key)
    if basis is None:
        mandate = type_pb2.Mandate.FromString(encoded)
        mandate.DiscardUnknownFields()
        refusal = mandate_fault(mandate, court)
        mandate.court_code = court
        basis = Basis(refusal, mandate.officer_id, mandate.case_number, mandate.SerializeToString())
        if len(encoded) <= BASIS_BYTES_MAX:
            if len(book.bases) >= BASES_MAX:
                book.bases.clear()
            book.bases[key] = basis
    return basis


def mandate_fault(mandate: type_pb2.Mandate, court: str) -> Refusal | None:
    """Whether it gives a court the legal basis for a control."""
    if mandate.court_code not in ("", court):
        return Refusal(controls_pb2.RULE_FOREIGN_COURT, "mandate.court_code: another court than the order's")
    texts = (mandate.case_number, mandate.instrument_number, mandate.officer_id)
    if not all(texts) or any(map(is_over, texts, MANDATE_BYTES_MAX)):
        return Refusal(
            controls_pb2.RULE_MANDATE_INCOMPLETE,
            f"mandate: case, instrument and officer are required, at most {MANDATE_BYTES_MAX} bytes",
        )
    if mandate.instrument_kind != type_pb2.INSTRUMENT_KIND_RULING:
        return Refusal(controls_pb2.RULE_INSTRUMENT, "mandate.instrument_kind: a ruling is required")
    if mandate.debtor_role != type_pb2.DEBTOR_ROLE_JUDGMENT_DEBTOR:
        return Refusal(controls_pb2.RULE_NOT_THE_DEBTOR, "mandate.debtor_role: only the judgment debtor")
    return None


def notice_fault(notice: str) -> Refusal | None:
    """Whether there is a notice beside the ruling."""
    if notice and not is_over(notice, NOTICE_BYTES_MAX):
        return None
    return Refusal(
        controls_pb2.RULE_INSTRUMENT,
        f"notice_number: 1 to {NOTICE_BYTES_MAX} bytes are required beside the ruling",
    )


def court_fault(book: Book, claim: Claim, court: str, kind: int) -> Refusal | None:
    """Whether this court may order in the case: it has it, or is the superior and lets go."""
    if court == claim.court or (kind == RELEASE and book.law.is_superior(court, claim.court)):
        return None
    return Refusal(controls_pb2.RULE_FOREIGN_COURT, "court_code: another court has the case")


def case_number_fault(claim: Claim, basis: Basis) -> Refusal | None:
    """Whether the mandate is one of the case; a court that it went to may give it a number of its own."""
    if basis.case_number != claim.case_number and claim.court == claim.message.court_code:
        return Refusal(controls_pb2.RULE_NO_SUCH_CLAIM, "mandate.case_number: the claim is of another case")
    return None


def debtor_of(claim: Claim, person: Subject) -> int:
    """Which debtor of the claim this is, by number and name: under his own before one for whom he stands in;
    -1: none of them."""
    for index, debtor in enumerate(claim.debtors):
        if debtor.subjects[0] == person:
            return index
    for index, debtor in enumerate(claim.debtors):
        if person in debtor.subjects:
            return index
    return NONE


def case_fault(claim: Claim, debtor: int, kind: int) -> Refusal | None:
    """What happened to the case or the debtor that forbids such a control."""
    one = claim.debtors[debtor]
    if kind == RELEASE:
        return None
    if one.is_bankrupt:
        return Refusal(
            controls_pb2.RULE_BANKRUPTCY, "rule.bankruptcy: a court accepted the debtor's bankruptcy"
        )
    if one.is_dead:
        return Refusal(controls_pb2.RULE_DEATH, "rule.death: no control until a successor is named")
    if kind == DEDUCT and claim.stayed:
        return Refusal(controls_pb2.RULE_STAY, "rule.other_stays: the case is stayed")
    return None


def property_fault(book: Book, claim: Claim, debtor: int, place: Property, kind: int) -> Refusal | None:
    """Whether this can be held (FREEZE), or deducted from, at all."""
    institution, item, locator, key, currency = place
    known = book.able.get((institution, item, key, currency))
    if known is None:
        known = place_fault(book, place) or True
        if len(key) + len(currency) <= KIND_BYTES_MAX:
            if len(book.able) >= ABLE_MAX:
                book.able.clear()
            book.able[institution, item, key, currency] = known
    if known is not True:
        return known
    if not locator or is_over(locator, LOCATOR_BYTES_MAX):
        return malformed(f"property.locator: 1 to {LOCATOR_BYTES_MAX} bytes")
    if (debtor, institution) in book.ambiguous[claim.number]:
        return Refusal(
            controls_pb2.RULE_AMBIGUOUS, f"institution {institution}: number and name do not fit there"
        )
    seen = book.sightings[claim.number].get((debtor, institution, item, locator))
    if seen is not None and book.law.is_money(item):
        refusal = kind_fault(book, seen.property.kind, FREEZE)
        if refusal is not None:
            return refusal
    return deduction_fault(book, claim, debtor, place) if kind == DEDUCT else None


def place_fault(book: Book, place: Property) -> Refusal | None:
    """Whether such things at this institution can be held, whosever they are."""
    index, item, _, key, currency = place
    if not 0 <= index < len(book.directory.institutions):
        return Refusal(controls_pb2.RULE_UNKNOWN_INSTITUTION, f"property.institution: {index} given")
    if is_over(key, KIND_BYTES_MAX):
        return malformed(f"property.kind: over {KIND_BYTES_MAX} bytes")
    institution = book.directory.institutions[index]
    if item not in institution.items or not book.law.item_terms.get(item):
        return Refusal(
            controls_pb2.RULE_INCAPABLE, f"property.item: nothing of item {item} can be held there"
        )
    if CAN_FREEZE not in institution.can:
        return Refusal(controls_pb2.RULE_INCAPABLE, f"institution {index}: cannot freeze")
    if currency not in ("", YUAN):
        return Refusal(controls_pb2.RULE_FOREIGN_CURRENCY, "property.currency: never counted as yuan")
    return kind_fault(book, key, FREEZE) if book.law.is_money(item) else None


def kind_fault(book: Book, key: str, kind: int) -> Refusal | None:
    """What the kind of account forbids."""
    account = book.law.kind(key)
    if not account.freeze:
        return Refusal(controls_pb2.RULE_EXEMPT, f"property.kind: {key!r} is not to be held")
    if kind == DEDUCT and not account.deduct:
        rule = controls_pb2.RULE_PLEDGED if account.is_pledged else controls_pb2.RULE_EXEMPT
        return Refusal(rule, f"property.kind: nothing is deducted from {key!r}")
    return None


def deduction_fault(book: Book, claim: Claim, debtor: int, place: Property) -> Refusal | None:
    """Whether money can be deducted from there, and where to."""
    if not book.law.is_money(place.item):
        return Refusal(controls_pb2.RULE_INCAPABLE, "property: nothing is deducted from a thing")
    if CAN_DEDUCT not in book.directory.institutions[place.institution].can:
        return Refusal(controls_pb2.RULE_INCAPABLE, f"institution {place.institution}: cannot deduct")
    if not book.law.payee(claim.court):
        return Refusal(controls_pb2.RULE_NO_PAYEE, "court_code: the court has no registered account")
    seen = book.sightings[claim.number].get((debtor, place.institution, place.item, place.locator))
    refusal = kind_fault(book, place.kind, DEDUCT)
    return refusal or (kind_fault(book, seen.property.kind, DEDUCT) if seen is not None else None)


def amount_fault(
    book: Book, claim: Claim, debtor: int, ceiling: int, expected: int, replaced: Hold | None
) -> Refusal | None:
    """Rule (1): ceiling <= gap, and cover + flight + min(ceiling, available) <= due, each plus what it
    replaces."""
    day = book.day
    owed = due(claim, day)
    room = replaced.cover - replaced.rest if replaced else 0
    left = (owed - claim.cover if owed > claim.cover else 0) + room
    if ceiling > left:
        return Refusal(
            controls_pb2.RULE_ABOVE_CLAIM, f"ceiling_fen: {ceiling} given, {left} may still be held"
        )
    brings = ceiling if expected == NONE or expected > ceiling else expected
    if claim.cover + claim.flight + brings > owed + room:
        return Refusal(
            controls_pb2.RULE_ABOVE_CLAIM,
            f"ceiling_fen: {brings} may come of it, and {claim.flight} of what is on its way",
        )
    if claim.caps:
        return _cap_fault(claim, debtor, day, ceiling, brings, replaced)
    return None


def _cap_fault(
    claim: Claim, debtor: int, day: int, ceiling: int, brings: int, replaced: Hold | None
) -> Refusal | None:
    left = cap_left(claim, debtor)
    if left is None:
        return None
    room = replaced.cover - replaced.rest if replaced and replaced.origin.debtor == debtor else 0
    brought = claim.debtor_cover[debtor] + claim.debtor_flight[debtor] + brings
    if ceiling > gap_of(claim, debtor, day) + room or brought > left + room:
        return Refusal(
            controls_pb2.RULE_ABOVE_CAP,
            f"ceiling_fen: {ceiling} given, above what is left of this debtor's cap of {left}",
        )
    return None


def living_fault(hold: Hold) -> Refusal | None:
    """Whether the hold has ended."""
    if hold.life == ENDED or hold.lapsed:
        return Refusal(controls_pb2.RULE_HOLD_ENDED, "hold_id: the hold has ended")
    return None


def in_force_fault(hold: Hold) -> Refusal | None:
    """Whether the hold is in force: then it has a term, and something to deduct."""
    if hold.life == QUEUED:
        return Refusal(controls_pb2.RULE_HOLD_QUEUED, "hold_id: the hold is queued")
    if hold.life != EFFECTIVE:
        return Refusal(controls_pb2.RULE_HOLD_QUEUED, "hold_id: the hold is not in force yet")
    return None


def months_fault(book: Book, item: int, months: int) -> Refusal | None:
    """Whether a term is longer than the law of the day allows."""
    months_max = book.law.months_max(item, book.today)
    if months > months_max:
        return Refusal(controls_pb2.RULE_TERM_TOO_LONG, f"months: {months} given, at most {months_max}")
    return None


def deduct_amount_fault(book: Book, claim: Claim, hold: Hold, amount: int) -> Refusal | None:
    """Not more than the hold will control when its turn comes, nor more than is owed."""
    _, controlled, _ = projected(book, hold)
    if amount > controlled or controlled == 0:
        return Refusal(controls_pb2.RULE_TOO_MUCH, f"amount_fen: {amount} given, {controlled} controlled")
    return owed_fault(book, claim, amount)


def owed_fault(book: Book, claim: Claim, amount: int) -> Refusal | None:
    """Whether what was and will be debited comes to more than is due."""
    owed = due(claim, book.day) - claim.rest - pending_deductions(book, claim)
    if amount > owed:
        return Refusal(controls_pb2.RULE_ABOVE_CLAIM, f"amount_fen: {amount} given, {max(0, owed)} still due")
    return None


def pending_deductions(book: Book, claim: Claim) -> int:
    """What DEDUCTs on their way will take."""
    total = 0
    for control_id in claim.deducting:
        control = book.controls[control_id]
        total += book.holds[control.hold_id].controlled if control.whole else control.requested_fen
    return total
