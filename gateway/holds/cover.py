"""Cover: what holds count for their claim: cover, flight, exposed, and the sums over them.

due = principal + interest to date + costs - credited; cover = what effective holds control, things at the
court's value, a replacement pair once, the larger, plus what was debited and not credited; gap = max(0, due -
cover); flight = what FREEZEs without outcome may bring before their deadline. `kept` is cover when all that
is pending is done. It changes sums, and orders nothing.
"""

from gateway.holds.book import Book, mark
from gateway.holds.model import DEDUCT, EFFECTIVE, ENDED, NONE, RELEASE, Claim, Hold

# A thing that covers nothing counts as one fen that may still come: with a gap of 0 it is not needed.
REACH_OF_A_THING = 1


def due(claim: Claim, day: int) -> int:
    """What is owed on that day (days since 1970)."""
    if claim.due_day != day:
        days = max(0, day - claim.interest_day) if claim.interest_ppm else 0
        interest = claim.interest_base * claim.interest_ppm * days // 1_000_000
        claim.due_fen = max(0, claim.base_fen + interest - claim.credited)
        claim.due_day = day
    return claim.due_fen


def gap(claim: Claim, day: int) -> int:
    """What may still be held."""
    return max(0, due(claim, day) - claim.cover)


def cap_left(claim: Claim, debtor: int) -> int | None:
    """How much of this debtor's own cap is left for holds; None: he has none."""
    cap = claim.debtors[debtor].cap_fen
    return None if cap < 0 else max(0, cap - claim.debtor_credited[debtor])


def gap_of(claim: Claim, debtor: int, day: int) -> int:
    """What may still be held of this debtor."""
    left = gap(claim, day)
    if claim.caps:
        own = cap_left(claim, debtor)
        if own is not None:
            left = min(left, max(0, own - claim.debtor_cover[debtor]))
    return left


def projected(book: Book, hold: Hold) -> tuple[int, int, int]:
    """Ceiling, controlled and deducted amounts when all that is pending on it is done, as far as can be
    known."""
    ceiling, controlled, deducted = hold.ceiling, hold.controlled, hold.deducted
    for control_id in hold.pending:
        control = book.controls[control_id]
        if control.kind == RELEASE:
            if control.whole:
                limit = 0
            elif control.keep_fen >= 0:
                limit = max(0, control.keep_fen - deducted)
            else:
                limit = control.requested_fen
            ceiling = min(ceiling, limit)
            controlled = min(controlled, ceiling)
        elif control.kind == DEDUCT:
            amount = controlled if control.whole else control.requested_fen
            if amount <= controlled:
                ceiling, controlled, deducted = ceiling - amount, controlled - amount, deducted + amount
    return ceiling, controlled, deducted


def is_released_whole(book: Book, hold: Hold) -> bool:
    """Whether a RELEASE of all of it is pending."""
    return any(
        book.controls[control_id].kind == RELEASE and book.controls[control_id].whole
        for control_id in hold.pending
    )


def recount(book: Book, claim: Claim, hold: Hold) -> None:
    """Reckon anew what a hold counts, and carry it into the claim's sums. Both are this step's copies."""
    rest = hold.deducted - hold.credited if hold.deducted > hold.credited else 0
    cover = kept = rest
    exposed = flight = reach = 0
    life = hold.life
    if life != ENDED and not hold.lapsed and not hold.waits:
        if hold.origin.is_thing:
            worth, stays, reach = _thing(book, hold)
            cover += worth
            kept += stays
        else:
            controlled = hold.controlled if life == EFFECTIVE else 0
            exposed = hold.ceiling - controlled if hold.ceiling > controlled else 0
            cover += controlled
            if len(hold.pending) > (hold.version == 0):
                ceiling, stays, deducted = projected(book, hold)
                kept += stays + deducted - hold.deducted
                reach = ceiling - stays
            else:
                kept += controlled
                reach = exposed
            if hold.version == 0 and not hold.overdue:
                expected = hold.origin.expected_fen
                flight = hold.ceiling if expected == NONE or expected > hold.ceiling else expected
        if life == EFFECTIVE and hold.until < claim.until_min:
            claim.until_min = hold.until
    if hold.pair:
        cover -= _counted_by_the_other(book, hold, cover - rest)
    if claim.caps:
        debtor = hold.origin.debtor
        claim.debtor_cover[debtor] += cover - hold.cover
        claim.debtor_kept[debtor] += kept - hold.kept
        claim.debtor_flight[debtor] += flight - hold.flight
    claim.cover += cover - hold.cover
    claim.kept += kept - hold.kept
    claim.rest += rest - hold.rest
    claim.flight += flight - hold.flight
    claim.exposed += exposed - hold.exposed
    if (cover > 0 or kept > 0) != (hold.cover > 0 or hold.kept > 0):
        mark(claim.counting, hold.origin.hold_id, cover > 0 or kept > 0)
    if reach != hold.reach:
        mark(claim.reaching, hold.origin.hold_id, reach > 0)
        claim.reach_max = max(claim.reach_max, reach)
    hold.cover = cover
    hold.kept = kept
    hold.rest = rest
    hold.flight = flight
    hold.exposed = exposed
    hold.reach = reach


def count_new(claim: Claim, hold: Hold) -> None:
    """The same for money in an account of which nothing was heard yet; without caps, and no replacement."""
    ceiling, expected = hold.ceiling, hold.origin.expected_fen
    flight = ceiling if expected == NONE or expected > ceiling else expected
    hold.flight = flight
    hold.exposed = hold.reach = ceiling
    claim.flight += flight
    claim.exposed += ceiling
    claim.reaching.add(hold.origin.hold_id)
    claim.reach_max = max(claim.reach_max, ceiling)


def _thing(book: Book, hold: Hold) -> tuple[int, int, int]:
    """What a thing covers, what it covers when all that is pending is done, and whether it reaches for a
    gap."""
    worth = hold.value if hold.life == EFFECTIVE else 0
    if is_released_whole(book, hold):
        return worth, 0, 0
    return worth, worth, 0 if worth else REACH_OF_A_THING


def _counted_by_the_other(book: Book, hold: Hold, own: int) -> int:
    """Of a pair the older counts its own, the newer what it has beyond that. Here: what the newer leaves
    out."""
    if hold.pair != hold.origin.replaces:
        return 0
    older = book.holds[hold.pair]
    return min(own, older.cover - older.rest)


def recount_with_pair(book: Book, hold: Hold) -> None:
    """The same for a hold and for the one it is paired with; the older first."""
    claim = book.edit_claim(hold.origin.claim)
    if not hold.pair:
        recount(book, claim, hold)
        return
    other = book.edit_hold(hold.pair)
    book.rescan.add(hold.origin.claim)
    older, newer = (other, hold) if hold.origin.replaces == hold.pair else (hold, other)
    recount(book, claim, older)
    recount(book, claim, newer)
