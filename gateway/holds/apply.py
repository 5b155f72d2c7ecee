"""Apply: what a fact does to the book. The same when it is decided and when the journal is replayed.

Nothing is decided or refused here, and nothing depends on what this process has sent.
"""

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

from chakong.institution.v1 import institution_pb2
from chakong.journal.v1 import ledger_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import case_file
from gateway.holds.book import Book
from gateway.holds.cover import count_new, recount, recount_with_pair
from gateway.holds.facts import control_of, origin_of
from gateway.holds.life import STATED, Word, after
from gateway.holds.model import (
    DEDUCT,
    EFFECTIVE,
    ENDED,
    FREEZE,
    QUEUED,
    RELEASE,
    Claim,
    Control,
    Hold,
    Objection,
    Origin,
    Outcome,
)
from gateway.holds.reading import Receipt, Said, read_receipt, read_statement

REFUSED: Final = hold_pb2.CONTROL_OUTCOME_REFUSED

K = TypeVar("K", bound=Hashable)


def ordered(book: Book, fact: ledger_pb2.Ordered) -> None:
    """A control is taken."""
    control = control_of(fact, book.now_ns)
    origin = origin_of(fact, book.directory, book.now_ns) if control.kind == FREEZE else None
    taken(book, control, origin, fact.left_count)


def taken(book: Book, control: Control, origin: Origin | None, left_count: int = 0) -> None:
    """The same with the values of the fact; `origin`: of the hold that a FREEZE makes."""
    control_id = control.control_id
    if control_id >= book.next_id:
        book.next_id = control_id + 1
    book.new_control(control)
    if control.waits:
        book.include(book.waiting, control_id, included=True)
    if control.order_id:
        book.orders[control.court, control.order_id] = control_id
    if origin is not None:
        _freeze(book, control, origin)
        return
    hold = book.edit_hold(control.hold_id)
    hold.controls += (control_id,)
    if not control.waits:
        _queue(book, hold, control, left_count)
        recount_with_pair(book, hold)


def _queue(book: Book, hold: Hold, control: Control, left_count: int) -> None:
    place = left_count if control.urgent else len(hold.pending)
    hold.pending = (*hold.pending[:place], control.control_id, *hold.pending[place:])
    if control.kind == DEDUCT:
        book.include(book.claims[hold.origin.claim].deducting, control.control_id, included=True)


def _freeze(book: Book, control: Control, origin: Origin) -> None:
    hold = Hold(origin, book.stamp, waits=control.waits)
    book.new_hold(hold)
    claim = book.edit_claim(origin.claim)
    hold_id = origin.hold_id
    claim.holds.append(hold_id)
    book.append(book.court_holds.setdefault(claim.court, []), hold_id)
    list_under(book.subject_holds, origin.subject, hold_id)
    list_under(book.institution_holds, origin.property.institution, hold_id)
    if hold.waits:
        return
    _release_to_leave(book, hold)
    if hold.pair or claim.caps or origin.is_thing:
        recount(book, claim, hold)
    else:
        count_new(claim, hold)


def list_under(index: dict[K, list[int]], key: K, hold_id: int) -> None:
    """Add a new hold to an index; Book takes it off again when the step is dropped."""
    holds = index.get(key)
    if holds is None:
        index[key] = [hold_id]
    else:
        holds.append(hold_id)


def _release_to_leave(book: Book, hold: Hold) -> None:
    hold_id = hold.origin.hold_id
    hold.pending = (hold_id,)
    hold.clock_ns = book.now_ns
    book.deadline(book.now_ns + book.limits.unknown_after_ns, hold_id)
    book.claims[hold.origin.claim].flying.add(hold_id)
    replaces = hold.origin.replaces
    if replaces:
        older = book.edit_hold(replaces)
        hold.pair, older.pair = replaces, hold_id


def approved(book: Book, fact: ledger_pb2.Approved) -> None:
    """A control may leave that waited for an officer; and its FREEZE, if it waited with it."""
    control = book.controls[fact.control_id]
    hold = book.edit_hold(control.hold_id)
    book.include(book.waiting, control.control_id, included=False)
    if hold.waits:
        book.include(book.waiting, control.hold_id, included=False)
        hold.waits = False
        _release_to_leave(book, hold)
    if control.kind != FREEZE:
        _queue(book, hold, control, 0)
    recount_with_pair(book, hold)


def received(book: Book, receipt: Receipt) -> None:
    """An institution's word on a control."""
    control = book.controls[receipt.control_id]
    hold = book.edit_hold(control.hold_id)
    claim = book.edit_claim(hold.origin.claim)
    outcome = receipt.outcome
    asked = control.asked_fen(hold.deducted)
    stated = receipt.said
    if stated is not None:
        state(book, claim, hold, stated)
    if control.kind == RELEASE and outcome == REFUSED:
        hold.is_stuck = True
    elif control.kind == RELEASE and not hold.origin.is_thing:
        # One that is done leaves no more than it asked for, whatever is stated beside it: else the same would
        # be asked for again and again.
        hold.controlled = min(hold.controlled, asked)
        hold.ceiling = min(hold.ceiling, asked)
    elif control.kind == RELEASE and control.whole and hold.life != ENDED:
        hold.is_stuck = True
    how = Outcome(
        book.stamp, outcome, receipt.refusal, receipt.text, receipt.deducted_fen, book.now_ns, asked
    )
    _end(book, claim, hold, control, how)


def ended(book: Book, fact: ledger_pb2.Ended) -> None:
    """A control ends by the gateway's own decision."""
    control = book.controls[fact.control_id]
    hold = book.edit_hold(control.hold_id)
    asked = control.asked_fen(hold.deducted)
    outcome = Outcome(book.stamp, REFUSED, fact.refusal, fact.text, 0, book.now_ns, asked)
    _end(book, book.edit_claim(hold.origin.claim), hold, control, outcome)


def _end(book: Book, claim: Claim, hold: Hold, control: Control, outcome: Outcome) -> None:
    control_id = control.control_id
    book.end_control(control_id, outcome)
    if control.waits:
        book.include(book.waiting, control_id, included=False)
    pending = hold.pending
    if pending and pending[0] == control_id:
        hold.pending = pending[1:]
    elif control_id in pending:
        hold.pending = tuple(one for one in pending if one != control_id)
    hold.changed_ns = book.now_ns
    if control.kind == FREEZE:
        if outcome.outcome == REFUSED:
            hold.life = after(hold.life, Word.REFUSED)
            hold.end = hold_pb2.HOLD_END_REFUSED
        _heard(claim, hold)
    elif control.kind == DEDUCT:
        book.include(claim.deducting, control_id, included=False)
    if hold.pair:
        if hold.life == ENDED:
            unpair(book, hold)
        recount_with_pair(book, hold)
    else:
        recount(book, claim, hold)


def _heard(claim: Claim, hold: Hold) -> None:
    """Its FREEZE is in flight no more."""
    if hold.origin.hold_id in claim.flying:
        claim.flying.discard(hold.origin.hold_id)
        claim.overdue -= hold.overdue


def state(book: Book, claim: Claim, hold: Hold, stated: Said) -> None:
    """What an institution states of a hold, if it is newer than what it stated before."""
    if stated.version <= hold.version:
        return
    if hold.version == 0:
        _heard(claim, hold)
    hold.version = stated.version
    life = hold.life = after(hold.life, STATED[stated.life])
    hold.end = stated.end
    hold.ceiling = stated.ceiling
    # A queued hold controls nothing, whatever is stated: nothing would come of releasing it.
    hold.controlled = 0 if life == QUEUED else stated.controlled
    hold.deducted = stated.deducted
    hold.available = stated.available
    hold.stated_ns = stated.stated_ns
    hold.position = stated.position
    hold.ahead = stated.ahead
    hold.since = stated.since
    hold.is_stuck = False
    hold.changed_ns = book.now_ns
    until = stated.until
    if life == EFFECTIVE:
        if until != hold.until:
            book.last_day(until, hold.origin.hold_id)
        hold.lapsed = until < book.today
    hold.until = until


def happened(book: Book, fact: ledger_pb2.Happened) -> None:
    """What an institution said by itself."""
    event = fact.event
    book.set_cursor(fact.endpoint, event.seq)
    if fact.doubted:
        return
    hold = book.edit_hold(event.hold.hold_id)
    stated = read_statement(event.hold.SerializeToString())
    state(book, book.edit_claim(hold.origin.claim), hold, stated)
    if event.kind == institution_pb2.HOLD_EVENT_KIND_OBJECTED:
        due = book.law.objection_answer_due(book.now_ns)
        hold.objections += (Objection(event.text, book.now_ns, due),)
        hold.changed_ns = book.now_ns
    if hold.life == ENDED and hold.pair:
        unpair(book, hold)
    recount_with_pair(book, hold)


def overdue(book: Book, fact: ledger_pb2.Overdue) -> None:
    """A FREEZE is past its deadline and counts nothing."""
    hold = book.edit_hold(fact.hold_id)
    hold.overdue = True
    claim = book.edit_claim(hold.origin.claim)
    claim.overdue += 1
    hold.life = after(hold.life, Word.OVERDUE)
    hold.changed_ns = book.now_ns
    recount_with_pair(book, hold)


def lapsed(book: Book, fact: ledger_pb2.Lapsed) -> None:
    """A hold's last day has passed."""
    hold = book.edit_hold(fact.hold_id)
    hold.lapsed = True
    hold.changed_ns = book.now_ns
    if hold.pair:
        unpair(book, hold)
    recount_with_pair(book, hold)


def unpaired(book: Book, fact: ledger_pb2.Unpaired) -> None:
    """A replacement is over."""
    hold = book.edit_hold(fact.hold_id)
    unpair(book, hold)
    recount_with_pair(book, hold)


def unpair(book: Book, hold: Hold) -> None:
    """Both halves of a pair count for themselves again."""
    other = book.edit_hold(hold.pair)
    hold.pair = other.pair = 0
    book.rescan.add(hold.origin.claim)
    recount(book, book.edit_claim(other.origin.claim), other)


def forgotten(book: Book, fact: ledger_pb2.Forgotten) -> None:
    """A claim, or some of its holds, leave the ledger, once the step is kept."""
    book.open_draft().forgotten.append((fact.claim, tuple(fact.hold_ids)))


FACTS: Final[dict[str, Callable[[Book, Any], None]]] = {
    "ordered": ordered,
    "received": lambda book, fact: received(book, read_receipt(fact.receipt.SerializeToString())),
    "happened": happened,
    "ended": ended,
    "claim_put": case_file.claim_put,
    "case_recorded": case_file.recorded,
    "approved": approved,
    "overdue": overdue,
    "lapsed": lapsed,
    "unpaired": unpaired,
    "sighted": case_file.sighted,
    "standing": case_file.standing,
    "forgotten": forgotten,
}


def apply(book: Book, fact: ledger_pb2.Fact) -> None:
    """What any fact does: on replay. ValueError for one that this version does not know."""
    name = fact.WhichOneof("fact")
    if name is None:
        raise ValueError("journal: a fact of a kind that is not known")
    FACTS[name](book, getattr(fact, name))
