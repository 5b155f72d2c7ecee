"""Forgetting: claims that were settled long ago leave the ledger, with their holds and controls; of others
the holds that ended long ago.

Settled: no hold of it stands, every control has its outcome, no more is due than is covered, and no standing
order is given. That something leaves is a fact of a step; it goes once the step is kept. While a snapshot is
written nothing leaves.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Sequence
from typing import Final, TypeVar

from gateway.holds import apply
from gateway.holds.book import Book, Draft
from gateway.holds.counting import Counting
from gateway.holds.cover import due
from gateway.holds.model import ENDED, RELEASE, Claim, Hold, Subject
from gateway.holds.past import Key, PastClaim, PastOrder

# A step lets go of so many holds; of more only where one claim has them.
FORGOTTEN_MAX: Final = 512
# When it is looked at again what could not leave now.
POSTPONED_NS: Final = 60 * 1_000_000_000

K = TypeVar("K", bound=Hashable)


def note(book: Book, draft: Draft) -> None:
    """A step is kept: claims that look settled now, and those of which a hold has ended, are looked at when
    their time has come."""
    keep_ns = book.limits.ended_keep_ns
    if not keep_ns:
        return
    due_ns = book.now_ns + keep_ns
    for number in draft.claims:
        claim = book.claims[number]
        if _looks_settled(book, claim):
            book.timetable.settled(number, due_ns)
    for hold_id in draft.holds:
        hold = book.holds[hold_id]
        if hold.life == ENDED or hold.lapsed:
            book.timetable.settled(hold.origin.claim, due_ns)


def note_restored(book: Book, claim: Claim) -> None:
    """The same for a claim that was read from a snapshot: by when it really changed, or a gateway that is
    started often would never let go of anything."""
    keep_ns = book.limits.ended_keep_ns
    if not keep_ns:
        return
    if _looks_settled(book, claim):
        book.timetable.settled(claim.number, last_change_ns(book, claim) + keep_ns)
        return
    ended = [hold.changed_ns for hold in map(book.holds.__getitem__, claim.holds) if _may_leave(book, hold)]
    if ended:
        book.timetable.settled(claim.number, min(ended) + keep_ns)


def _looks_settled(book: Book, claim: Claim) -> bool:
    if claim.flying or claim.reaching or claim.cover != claim.rest or claim.standing is not None:
        return False
    return due(claim, book.day) <= claim.cover


def forget(book: Book) -> None:
    """Make facts of claims and holds whose time has come."""
    timetable, taken = book.timetable, book.open_draft().taken
    left = FORGOTTEN_MAX
    while left > 0 and (entry := timetable.take_settled(book.now_ns)) is not None:
        due_ns, number = entry
        taken.append((timetable.settled, (number, due_ns)))
        left -= 1
        claim = book.claims.get(number)
        if claim is None:
            continue
        if not is_settled(book, claim):
            left -= _forget_holds(book, claim)
            continue
        keep_until_ns = last_change_ns(book, claim) + book.limits.ended_keep_ns
        if keep_until_ns > book.now_ns:
            timetable.settled(number, keep_until_ns)
        elif book.still is not None:
            timetable.settled(number, book.now_ns + POSTPONED_NS)
        else:
            left -= len(claim.holds)
            fact = book.fact().forgotten
            fact.claim = number
            apply.forgotten(book, fact)


def _forget_holds(book: Book, claim: Claim) -> int:
    """Of a claim that goes on: what ended long ago; how many holds that is. It is looked at again when the
    next one's time comes."""
    keep_ns, now_ns = book.limits.ended_keep_ns, book.now_ns
    ended = [hold for hold in map(book.holds.__getitem__, claim.holds) if _may_leave(book, hold)]
    gone = [hold.origin.hold_id for hold in ended if hold.changed_ns + keep_ns <= now_ns][:FORGOTTEN_MAX]
    if gone and book.still is not None:
        book.timetable.settled(claim.number, now_ns + POSTPONED_NS)
        return 0
    rest = {hold.origin.hold_id: hold.changed_ns for hold in ended}
    for hold_id in gone:
        del rest[hold_id]
    if rest:
        book.timetable.settled(claim.number, max(now_ns + 1, min(rest.values()) + keep_ns))
    if gone:
        fact = book.fact().forgotten
        fact.claim = claim.number
        fact.hold_ids.extend(gone)
        apply.forgotten(book, fact)
    return len(gone)


def _may_leave(book: Book, hold: Hold) -> bool:
    """Whether nothing of an ended hold is needed for its claim: no money came of it, and no court let go of
    it, which a standing order would have to know."""
    if hold.deducted or hold.credited or hold.pair or not _is_over(book, hold):
        return False
    controls = (book.controls[control_id] for control_id in hold.controls)
    return not any(one.kind == RELEASE and one.court for one in controls)


def is_settled(book: Book, claim: Claim) -> bool:
    """Whether nothing can come of it any more by itself."""
    return (
        claim.standing is None
        and due(claim, book.day) <= claim.cover
        and all(_is_over(book, book.holds[hold_id]) for hold_id in claim.holds)
    )


def _is_over(book: Book, hold: Hold) -> bool:
    return (hold.life == ENDED or hold.lapsed) and all(one in book.outcomes for one in hold.controls)


def last_change_ns(book: Book, claim: Claim) -> int:
    """When something was last put, recorded, or heard of any of its holds."""
    return max(claim.changed_ns, max((book.holds[one].changed_ns for one in claim.holds), default=0))


def leave(book: Book, draft: Draft, counting: Counting) -> None:
    """What left with this step goes; what must still be known of it stays. The step is kept."""
    for number, hold_ids in draft.forgotten:
        claim = book.claims[number]
        if hold_ids:
            counting.holds_left(len(hold_ids))
            orders = _remove_holds(book, claim, hold_ids)
            _take_out_of(claim.holds, hold_ids)
            book.past.add(PastClaim(number, "", (), book.now_ns, orders, (), hold_ids))
        else:
            counting.left(number, len(claim.holds))
            _remove(book, claim)
        for gone in book.past.let_go(book.now_ns - book.limits.orders_keep_ns):
            for key in gone.events:
                del book.case_events[key]


def _remove(book: Book, claim: Claim) -> None:
    number, claim_id, courts = claim.number, claim.claim_id, claim.courts
    hold_ids = tuple(claim.holds)
    orders = _remove_holds(book, claim, hold_ids)
    del book.claims[number]
    for court in courts:
        del book.claim_numbers[court, claim_id]
        names = book.court_claims[court]
        del names[bisect_left(names, claim_id)]
    del book.case_claims[claim.court, claim.case_number]
    del book.sightings[number], book.ambiguous[number]
    past = PastClaim(number, claim_id, courts, book.now_ns, orders, tuple(claim.events), hold_ids)
    book.past.add(past)


def _remove_holds(book: Book, claim: Claim, hold_ids: tuple[int, ...]) -> dict[Key, PastOrder]:
    """Holds and their controls go, but for the claim's own list; the orders that made them."""
    orders: dict[Key, PastOrder] = {}
    by_subject: dict[Subject, list[int]] = {}
    by_institution: dict[int, list[int]] = {}
    for hold_id in hold_ids:
        hold = book.holds.pop(hold_id)
        by_subject.setdefault(hold.origin.subject, []).append(hold_id)
        by_institution.setdefault(hold.origin.property.institution, []).append(hold_id)
        for control_id in hold.controls:
            _remove_control(book, control_id, orders)
    for subject, ids in by_subject.items():
        _take_out(book.subject_holds, subject, ids)
    for institution, ids in by_institution.items():
        _take_out(book.institution_holds, institution, ids)
    for court in claim.courts:
        _take_out(book.court_holds, court, hold_ids)
    return orders


def _remove_control(book: Book, control_id: int, orders: dict[Key, PastOrder]) -> None:
    control = book.controls.pop(control_id)
    del book.outcomes[control_id]
    if control.order_id:
        key = (control.court, control.order_id)
        del book.orders[key]
        orders[key] = PastOrder(control_id, control.hold_id, control.content_hash, control.waits)


def _take_out(index: dict[K, list[int]], key: K, ids: Sequence[int]) -> None:
    """Take ascending ids out of the list of one key."""
    known = index.get(key)
    if known is None or not ids:
        return
    _take_out_of(known, ids)
    if not known:
        del index[key]


def _take_out_of(known: list[int], ids: Sequence[int]) -> None:
    """The same for a list: they mostly stand near each other."""
    first, end = bisect_left(known, ids[0]), bisect_right(known, ids[-1])
    gone = set(ids)
    known[first:end] = [one for one in known[first:end] if one not in gone]
