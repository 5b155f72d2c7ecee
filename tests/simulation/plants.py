"""Plants: real mistakes, put into the gateway's code one at a time, to see that the simulation finds them.

Each is what somebody could have written. A planted mistake changes one method while it is in, and nothing
is left of it afterwards.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from google.protobuf.message import DecodeError

from chakong.institution.v1 import institution_pb2
from gateway.edge.control_line import ControlLine
from gateway.edge.pump import Pump
from gateway.holds import apply, follow, guard, lapse
from gateway.holds.book import Book
from gateway.holds.facts import Said
from gateway.holds.ledger import Ledger
from gateway.holds.model import EFFECTIVE, QUEUED, Claim, Hold
from gateway.holds.sending import Sending

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
    replay, message = Ledger.replay, Sending._message
    stale: WeakKeyDictionary[Book, set[int]] = WeakKeyDictionary()

    def replay_and_remember(self: Ledger, body: bytes, seq: int) -> None:
        replay(self, body, seq)
        stale.setdefault(self._book, set()).update(self._book.left)

    def renumbered(self: Sending, control_id: int, hold: Hold) -> bytes:
        made = institution_pb2.ControlBatch.FromString(message(self, control_id, hold))
        if control_id in stale.get(self._book, ()):
            made.controls[0].control_id += 1_000_000
        return made.SerializeToString()

    yield Ledger, "replay", replay_and_remember
    yield Sending, "_message", renumbered


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
    state = apply.state

    def forgetful(book: Book, claim: Claim, hold: Hold, stated: Said) -> None:
        if not (hold.life == QUEUED and stated.life == EFFECTIVE):
            state(book, claim, hold, stated)

    yield from _everywhere(state, forgetful)


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
}
