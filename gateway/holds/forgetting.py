"""Forgetting: claims that were settled long ago leave the ledger, with their holds and controls.

Settled: no hold of it stands, every control has its outcome, no more is due than is covered, and no standing
order is given. That a claim leaves is a fact of a step; it goes once the step is kept. While a snapshot is
written none leaves.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable
from typing import Final, TypeVar

from gateway.holds import apply
from gateway.holds.book import Book
from gateway.holds.cover import due
from gateway.holds.model import ENDED, Claim, Hold, Subject
from gateway.holds.past import Key, PastClaim, PastOrder

# A step lets go of so many holds; of more only where one claim has them.
FORGOTTEN_MAX: Final = 512
# When it is looked at again what could not leave now.
POSTPONED_NS: Final = 60 * 1_000_000_000

K = TypeVar("K", bound=Hashable)


def note(book: Book, claim: Claim) -> None:
    """A step changed it: if it looks settled, it is looked at again when its time has come."""
    if claim.flying or claim.reaching or claim.cover != claim.rest or claim.standing is not None:
        return
    if book.limits.ended_keep_ns and due(claim, book.day) <= claim.cover:
        book.timetable.settled(claim.number, book.now_ns + book.limits.ended_keep_ns)


def forget(book: Book) -> None:
    """Make facts of claims whose time has come."""
    timetable, taken = book.timetable, book.open_draft().taken
    left = FORGOTTEN_MAX
    while left > 0 and (entry := timetable.take_settled(book.now_ns)) is not None:
        due_ns, number = entry
        taken.append((timetable.settled, (number, due_ns)))
        left -= 1
        claim = book.claims.get(number)
        if claim is None or not is_settled(book, claim):
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


def remove(book: Book, number: int) -> None:
    """A claim leaves; what must still be known of it stays. The step that says so is kept."""
    claim = book.claims.pop(number)
    claim_id, courts, hold_ids = claim.message.claim_id, claim.courts, claim.holds
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
    for court in courts:
        _take_out(book.court_holds, court, hold_ids)
        del book.claim_numbers[court, claim_id]
        names = book.court_claims[court]
        del names[bisect_left(names, claim_id)]
    del book.case_claims[claim.court, claim.case_number]
    del book.sightings[number], book.ambiguous[number]
    for gone in book.past.let_go(book.now_ns - book.limits.orders_keep_ns):
        for key in gone.events:
            del book.case_events[key]
    past = PastClaim(number, claim_id, courts, book.now_ns, orders, tuple(claim.events), tuple(hold_ids))
    book.past.add(past)


def _remove_control(book: Book, control_id: int, orders: dict[Key, PastOrder]) -> None:
    control = book.controls.pop(control_id)
    del book.outcomes[control_id]
    if control.order_id:
        key = (control.court, control.order_id)
        del book.orders[key]
        orders[key] = PastOrder(control_id, control.hold_id, control.content_hash, control.waits)


def _take_out(index: dict[K, list[int]], key: K, ids: list[int]) -> None:
    """Take ascending ids out of the list of one key: they mostly stand near each other."""
    known = index.get(key)
    if known is None or not ids:
        return
    first, end = bisect_left(known, ids[0]), bisect_right(known, ids[-1])
    gone = set(ids)
    known[first:end] = [one for one in known[first:end] if one not in gone]
    if not known:
        del index[key]
