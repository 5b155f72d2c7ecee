"""Follow: what follows from an input for its claims, in the same step.

(1) What has not left and no longer fits is ended. (2) Each hold reaches for no more than the gap, or the rest
is released. (3) What is held above what is due is released: things that are not needed first, then money down
to what things leave of it. A replacement is carried through. Pending RELEASEs count as done, so nothing is
released twice.
"""

from chakong.type.v1 import hold_pb2
from gateway.holds import apply, making
from gateway.holds.book import Book
from gateway.holds.cover import cap_left, due, gap_of, is_released_whole, projected
from gateway.holds.guard import pending_deductions
from gateway.holds.lapse import lapse_of_claim
from gateway.holds.model import (
    DEDUCT,
    EFFECTIVE,
    ENDED,
    NONE,
    QUEUED,
    Claim,
    Control,
    Hold,
)

OTHER = hold_pb2.CONTROL_REFUSAL_OTHER
TOO_MUCH = hold_pb2.CONTROL_REFUSAL_TOO_MUCH
HOLD_ENDED = hold_pb2.CONTROL_REFUSAL_HOLD_ENDED
HOLD_QUEUED = hold_pb2.CONTROL_REFUSAL_HOLD_QUEUED


def after_hold(book: Book, hold_id: int) -> None:
    """A hold changed by an institution's word or the gateway's: what waits on it, and whether it replaces
    another."""
    hold = book.holds[hold_id]
    is_unsent = hold.is_flying and hold_id not in book.left
    if (is_unsent or hold.waits) and hold.life != ENDED and hold.pending and is_released_whole(book, hold):
        making.end(book, hold_id, OTHER, "it was released before it was sent")
        hold = book.holds[hold_id]
    for control_id in hold.pending:
        if control_id not in book.left:
            _end_if_useless(book, book.holds[hold_id], book.controls[control_id])
    if hold.life == ENDED:
        for control_id in hold.controls:
            if control_id in book.waiting:
                making.end(book, control_id, HOLD_ENDED, "the hold has ended")
    hold = book.holds[hold_id]
    if hold.pair:
        _carry_replacement(book, hold)


def _end_if_useless(book: Book, hold: Hold, control: Control) -> None:
    """What can have no effect any more does not leave."""
    if hold.life == ENDED:
        making.end(book, control.control_id, HOLD_ENDED, "the hold has ended")
    elif control.kind == DEDUCT and not any(one in book.left for one in hold.pending):
        if hold.life == QUEUED:
            making.end(book, control.control_id, HOLD_QUEUED, "the hold is queued and controls nothing")
        elif hold.life == EFFECTIVE and hold.pending[0] == control.control_id:
            amount = 1 if control.whole else control.requested_fen
            if amount > hold.controlled:
                text = f"{hold.controlled} fen controlled, {control.requested_fen} asked for"
                making.end(book, control.control_id, TOO_MUCH, text)


def _carry_replacement(book: Book, hold: Hold) -> None:
    """The newer of a pair is in force: the older is released so far as it is not needed, and then each
    counts for itself."""
    newer, older = (
        (hold, book.holds[hold.pair]) if hold.origin.replaces == hold.pair else (book.holds[hold.pair], hold)
    )
    if not newer.is_in_force:
        return
    claim = book.claims[hold.origin.claim]
    excess = claim.kept - due(claim, book.day)
    if claim.caps:
        left = cap_left(claim, older.origin.debtor)
        if left is not None:
            excess = max(excess, claim.debtor_kept[older.origin.debtor] - left)
    if excess > 0 and not older.is_stuck and _release_from(book, older, excess, making.REPLACED):
        return
    if not _is_being_replaced(book, older):
        fact = book.fact().unpaired
        fact.hold_id = hold.origin.hold_id
        apply.unpaired(book, fact)


def _is_being_replaced(book: Book, hold: Hold) -> bool:
    return any(book.controls[control_id].cause == making.REPLACED for control_id in hold.pending)


def after_claim(book: Book, number: int) -> None:
    """Rules (1) to (3) for a claim that the input touched."""
    claim = book.claims[number]
    if book.today > claim.until_min:
        lapse_of_claim(book, number)
        claim = book.claims[number]
    owed = due(claim, book.day)
    if claim.deducting:
        # First: what a DEDUCT does not take any more has to be released.
        _end_deductions_not_owed(book, claim, owed)
        claim = book.claims[number]
    if claim.kept > owed:
        _release_excess(book, claim, owed)
    if claim.caps:
        _release_above_caps(book, claim)
    left = owed - claim.cover if owed > claim.cover else 0
    is_narrower = claim.caps or number in book.rescan or (left < claim.checked_gap and left < claim.reach_max)
    if claim.flying and (is_narrower or claim.overdue or claim.cover + claim.flight > owed):
        _end_what_does_not_fit(book, number, owed)
    if claim.reaching and is_narrower:
        _bound_reach(book, claim)
    claim = book.claims[number]
    if left != claim.checked_gap:
        book.edit_claim(number).checked_gap = left


def note_gap(book: Book, claim: Claim) -> None:
    """A new hold reaches for the gap of today: from now on anything less has to be looked at."""
    left = due(claim, book.day) - claim.cover
    if left > claim.checked_gap:
        book.edit_claim(claim.number).checked_gap = left


def bound_hold(book: Book, hold_id: int) -> None:
    """Rule (2) for a hold that itself changed, where the others of its claim need not be looked at."""
    hold = book.holds[hold_id]
    if hold.reach > 0:
        _bound(book, book.claims[hold.origin.claim], hold)


def _bound_reach(book: Book, claim: Claim) -> None:
    for hold_id in sorted(claim.reaching):
        _bound(book, claim, book.holds[hold_id])
    reaches = [0]
    for hold_id in claim.reaching:
        hold = book.holds[hold_id]
        # One that has not left may leave only if all of its ceiling fits, whatever is to be released behind
        # it.
        reaches.append(hold.ceiling if hold.version == 0 else hold.reach)
    book.edit_claim(claim.number).reach_max = max(reaches)


def _bound(book: Book, claim: Claim, hold: Hold) -> None:
    claim = book.claims[claim.number]
    allowed = gap_of(claim, hold.origin.debtor, book.day)
    allowed += _room(book, hold)
    if hold.reach <= allowed or (hold.indivisible and due(claim, book.day) > 0):
        return
    if hold.is_flying and hold.origin.hold_id not in book.left:
        _end_unsent_freeze(book, hold.origin.hold_id)
        return
    if hold.is_stuck:
        return
    if hold.origin.is_thing:
        making.own_release(book, hold, making.EXCESS, keep_fen=0)
        return
    ceiling, controlled, deducted = projected(book, hold)
    ceiling = min(ceiling, controlled + allowed)
    making.own_release(book, hold, making.EXCESS, keep_fen=ceiling + deducted if ceiling else 0)


def _end_what_does_not_fit(book: Book, number: int, owed: int) -> None:
    """Rule (1) for FREEZEs that have not left: newest first, until what is on its way fits."""
    for hold_id in sorted(book.claims[number].flying - book.left, reverse=True):
        claim = book.claims[number]
        hold = book.holds[hold_id]
        room = _room(book, hold)
        brings = 0 if not hold.overdue else _brings(hold)
        too_much = claim.cover + claim.flight + brings > owed + room
        if too_much or hold.ceiling > gap_of(claim, hold.origin.debtor, book.day) + room:
            _end_unsent_freeze(book, hold_id)


def _room(book: Book, hold: Hold) -> int:
    """What a hold may be above the gap, for it replaces another."""
    if hold.pair and hold.pair == hold.origin.replaces:
        older = book.holds[hold.pair]
        return older.cover - older.rest
    return 0


def _brings(hold: Hold) -> int:
    expected = hold.origin.expected_fen
    return hold.ceiling if expected == NONE or expected > hold.ceiling else expected


def _end_unsent_freeze(book: Book, hold_id: int) -> None:
    making.end(book, hold_id, OTHER, "RULE_ABOVE_CLAIM: the claim was covered before this was sent")
    after_hold(book, hold_id)


def _end_deductions_not_owed(book: Book, claim: Claim, owed: int) -> None:
    total = claim.rest + pending_deductions(book, claim)
    for control_id in sorted(claim.deducting, reverse=True):
        if total <= owed:
            return
        if control_id in book.left:
            continue
        control = book.controls[control_id]
        hold = book.holds[control.hold_id]
        total -= hold.controlled if control.whole else control.requested_fen
        making.end(book, control_id, OTHER, "RULE_ABOVE_CLAIM: more than is due")


def _release_excess(book: Book, claim: Claim, owed: int) -> None:
    """Rule (3)."""
    things = sorted(
        (
            hold
            for hold in map(book.holds.__getitem__, claim.counting)
            if hold.origin.is_thing and hold.kept > hold.rest
        ),
        key=lambda hold: hold.origin.hold_id,
        reverse=True,
    )
    worth = 0
    kept = claim.kept
    for hold in things:
        if kept - hold.value >= owed and not hold.is_stuck:
            kept -= hold.value
            making.own_release(book, hold, making.EXCESS, keep_fen=0)
        else:
            worth += hold.value
    if worth and (kept - owed) * 100 <= book.law.clearly_percent * owed:
        return
    _release_money(book, claim, kept - worth - max(0, owed - worth), debtor=NONE)


def _release_above_caps(book: Book, claim: Claim) -> None:
    """The same for what is held of one debtor above his own cap."""
    for debtor in range(len(claim.debtors)):
        claim = book.claims[claim.number]
        left = cap_left(claim, debtor)
        if left is not None and claim.debtor_kept[debtor] > left:
            _release_money(book, claim, claim.debtor_kept[debtor] - left, debtor=debtor)


def _release_money(book: Book, claim: Claim, excess: int, *, debtor: int) -> None:
    """Newest, least useful first: basic accounts before others."""
    if excess <= 0:
        return
    holds = [
        hold
        for hold in map(book.holds.__getitem__, claim.counting)
        if not hold.origin.is_thing
        and hold.kept > hold.rest
        and not hold.is_stuck
        and debtor in (NONE, hold.origin.debtor)
    ]
    holds.sort(
        key=lambda hold: (book.law.kind(hold.origin.property.kind).order, hold.origin.hold_id), reverse=True
    )
    for hold in holds:
        if excess <= 0:
            return
        excess -= _release_from(book, hold, excess, making.EXCESS)


def _release_from(book: Book, hold: Hold, excess: int, cause: str) -> int:
    """Let go of so much of a hold, or of all of it; how much that is. What reaches beyond goes too."""
    if hold.origin.is_thing:
        value = hold.value
        if value <= excess:
            making.own_release(book, hold, cause, keep_fen=0)
            return value
        return 0
    _, controlled, deducted = projected(book, hold)
    let_go = min(controlled, excess)
    stays = controlled - let_go
    if let_go:
        making.own_release(book, hold, cause, keep_fen=stays + deducted if stays else 0)
    return let_go
