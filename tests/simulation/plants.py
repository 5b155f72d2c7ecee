"""Plants: real mistakes, put into the gateway's code one at a time, to see that the simulation finds them.

Each is what somebody could have written. A planted mistake changes one method while it is in, and nothing
is left of it afterwards. Compiled modules call what stands in their .pxd directly: a mistake is planted in
what does not.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from google.protobuf.message import DecodeError

from chakong.institution.v1 import institution_pb2
from chakong.journal.v1 import ledger_pb2
from gateway.edge.control_line import ControlLine
from gateway.edge.desk import Desk
from gateway.edge.pump import Pump
from gateway.holds import Fault, apply, follow, guard, lapse, making, outcome
from gateway.holds.book import Book
from gateway.holds.ledger import Ledger
from gateway.holds.model import EFFECTIVE, NONE, QUEUED, Claim
from gateway.holds.reading import Receipt
from gateway.holds.sending import Leaving
from runtime import calendar

if TYPE_CHECKING:
    from gateway._core import Settled

Change = tuple[Any, str, Any]


@dataclass(frozen=True, slots=True)
class Plant:
    """A mistake: what it is, and which attribute becomes what."""

    what: str
    changes: Callable[[], Iterator[Change]]


@contextmanager
def planted(name: str) -> Iterator[None]:
    """With this mistake in. LookupError for one that is not in the table; the empty name: with none."""
    changes = list(PLANTS[name].changes()) if name else []
    before = [(owner, attribute, getattr(owner, attribute)) for owner, attribute, _ in changes]
    for owner, attribute, value in changes:
        setattr(owner, attribute, value)
    try:
        yield
    finally:
        for owner, attribute, value in before:
            setattr(owner, attribute, value)


def _everywhere(known: Callable[..., Any], other: Callable[..., Any]) -> Iterator[Change]:
    """Wherever the gateway has this function under a name of its own."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith("gateway."):
            for attribute, value in list(vars(module).items()):
                if value is known:
                    yield module, attribute, other


def _lost_resend() -> Iterator[Change]:
    def give_back(self: ControlLine, control_ids: Iterable[int]) -> None:
        self._in_flight.difference_update(control_ids)

    yield ControlLine, "_give_back", give_back


def _double_send() -> Iterator[Change]:
    replay, take = Ledger.replay, Ledger.take
    stale: WeakKeyDictionary[Book, set[int]] = WeakKeyDictionary()

    def replay_and_remember(self: Ledger, body: bytes, seq: int) -> None:
        replay(self, body, seq)
        stale.setdefault(self._book, set()).update(self._book.left)

    def take_renumbered(self: Ledger, endpoint: int, count_max: int) -> list[Leaving]:
        return [
            renumbered(one) if one.control_id in stale.get(self._book, ()) else one
            for one in take(self, endpoint, count_max)
        ]

    def renumbered(leaving: Leaving) -> Leaving:
        made = institution_pb2.ControlBatch.FromString(leaving.message)
        made.controls[0].control_id += 1_000_000
        return Leaving(leaving.control_id, made.SerializeToString())

    yield Ledger, "replay", replay_and_remember
    yield Ledger, "take", take_renumbered


def _off_by_one_expiry() -> Iterator[Change]:
    def early(book: Book, hold_id: int) -> None:
        hold = book.holds[hold_id]
        if hold.is_in_force and hold.until <= book.today:
            fact = book.fact().lapsed
            fact.hold_id = hold_id
            apply.lapsed(book, fact)

    def early_of_claim(book: Book, number: int) -> None:
        for hold_id in book.claims[number].holds:
            early(book, hold_id)

    yield from _everywhere(lapse.lapse, early)
    yield from _everywhere(lapse.lapse_of_claim, early_of_claim)


def _over_limit_race() -> Iterator[Change]:
    judged = guard.amount_fault

    def careless(book: Book, claim: Claim, *given: Any) -> Any:
        flight, claim.flight = claim.flight, 0
        try:
            return judged(book, claim, *given)
        finally:
            claim.flight = flight

    yield from _everywhere(judged, careless)
    yield from _everywhere(follow._end_what_does_not_fit, lambda *_given: None)


def _forgotten_promotion() -> Iterator[Change]:
    happened = apply.happened

    def forgetful(book: Book, fact: ledger_pb2.Happened) -> None:
        stated = fact.event.hold
        if not fact.doubted and book.holds[stated.hold_id].life == QUEUED and stated.life == EFFECTIVE:
            book.set_cursor(fact.endpoint, fact.event.seq)
        else:
            happened(book, fact)

    yield apply, "happened", forgetful
    yield apply, "FACTS", apply.FACTS | {"happened": forgetful}


def _forgotten_inquiry() -> Iterator[Change]:
    yield Pump, "replay", lambda _self: 0


def _silence_is_nothing() -> Iterator[Change]:
    taken = Pump.on_reply

    def on_reply(self: Pump, endpoint: int, message: bytes) -> "Settled":
        with suppress(DecodeError):
            reply = institution_pb2.Reply.FromString(message)
            said = [one for one in reply.findings if one.outcome != institution_pb2.OUTCOME_UNAVAILABLE]
            del reply.findings[:]
            reply.findings.extend(said)
            message = reply.SerializeToString()
        return taken(self, endpoint, message)

    yield Pump, "on_reply", on_reply


def _oldest_thing_first() -> Iterator[Change]:
    def release_excess(book: Book, claim: Claim, owed: int) -> None:
        things = sorted(
            hold_id
            for hold_id in claim.counting
            if book.holds[hold_id].origin.is_thing and book.holds[hold_id].kept > book.holds[hold_id].rest
        )
        kept, worth = claim.kept, 0
        for hold in map(book.holds.__getitem__, things):
            if kept - hold.value >= owed and not hold.is_stuck:
                kept -= hold.value
                making.own_release(book, hold, making.EXCESS, keep_fen=0)
            else:
                worth += hold.value
        if not worth or (kept - owed) * 100 > book.law.clearly_percent * owed:
            follow._release_money(book, claim, kept - worth - max(0, owed - worth), debtor=NONE)

    yield follow, "_release_excess", release_excess


def _late_lapse() -> Iterator[Change]:
    def late(book: Book, hold_id: int) -> None:
        hold = book.holds[hold_id]
        if hold.is_in_force and hold.until < calendar.add_days(book.today, -1):
            fact = book.fact().lapsed
            fact.hold_id = hold_id
            apply.lapsed(book, fact)

    yield from _everywhere(lapse.lapse, late)


def _answers_skipped() -> Iterator[Change]:
    replay = Desk.replay

    def replay_and_begin_anew(self: Desk, after_seq: int = 0) -> int:
        step_count = replay(self, after_seq)
        self.answers_seq = self._journal.last_seq
        return step_count

    yield Desk, "replay", replay_and_begin_anew


def _sent_deduction_ended() -> Iterator[Change]:
    def end_deductions(book: Book, claim: Claim, owed: int) -> None:
        total = claim.rest + guard.pending_deductions(book, claim)
        for control_id in sorted(claim.deducting, reverse=True):
            if total <= owed:
                return
            control = book.controls[control_id]
            hold = book.holds[control.hold_id]
            total -= hold.controlled if control.whole else control.requested_fen
            making.end(book, control_id, follow.OTHER, "RULE_ABOVE_CLAIM: more than is due")

    yield follow, "_end_deductions_not_owed", end_deductions


def _gap_taken() -> Iterator[Change]:
    taken = outcome.event

    def event(book: Book, endpoint: int, event: institution_pb2.HoldEvent) -> Fault | None:
        if event.seq > book.cursors.get(endpoint, 0):
            book.set_cursor(endpoint, event.seq - 1)
        return taken(book, endpoint, event)

    yield outcome, "event", event


def _second_receipt() -> Iterator[Change]:
    taken, decided = outcome.receipt, ControlLine._decided

    def receipt(book: Book, endpoint: int, word: Receipt) -> Fault | None:
        if word.control_id in book.outcomes:
            book.fact().received.receipt.MergeFromString(word.content)
            return None
        return taken(book, endpoint, word)

    async def all_of_them(self: ControlLine, receipts: Iterable[Receipt], control_ids: set[int]) -> set[int]:
        ended: set[int] = set()
        for one in receipts:
            ended |= await decided(self, [one], control_ids)
        return ended

    yield outcome, "receipt", receipt
    yield ControlLine, "_decided", all_of_them


PLANTS: dict[str, Plant] = {
    "lost-resend": Plant("a call that came to nothing is not made again", _lost_resend),
    "double-send": Plant("after a crash a control is sent again under a new id", _double_send),
    "off-by-one-expiry": Plant("a hold is void on its last day", _off_by_one_expiry),
    "over-limit-race": Plant(
        "FREEZEs on their way are not counted when the next is judged", _over_limit_race
    ),
    "forgotten-promotion": Plant("a queued hold that takes effect stays queued", _forgotten_promotion),
    "forgotten-inquiry": Plant("a start takes up no inquiry that was not answered", _forgotten_inquiry),
    "silence-is-nothing": Plant("who cannot look now counts as having nothing", _silence_is_nothing),
    "oldest-thing-first": Plant("of things that are not needed the oldest is let go of", _oldest_thing_first),
    "late-lapse": Plant("a hold is in force for a day after its last", _late_lapse),
    "answers-skipped": Plant(
        "an answer is passed over when they are read from the journal", _answers_skipped
    ),
    "sent-deduction-ended": Plant("a DEDUCT that has left is ended as if it had not", _sent_deduction_ended),
    "gap-taken": Plant("an event is taken though one before it is missing", _gap_taken),
    "second-receipt": Plant("a receipt that comes twice counts twice", _second_receipt),
}
