"""Far side: what an endpoint of a drawn world makes of one batch.

By its role and by chance it answers truthfully, in part, late, twice, falsely or not at all; what it says
that is no lie is always the truth. It keeps no time.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from chakong.institution.v1 import institution_pb2 as institution
from tests.model.face import CAUSE_BROKEN, CAUSE_TIMEOUT, CAUSE_UNDELIVERED
from tests.model.world import SECOND_NS, person, record
from tests.whole.drawn_world import DrawnWorld, truth

if TYPE_CHECKING:
    from gateway._core import Batch

MILLISECOND_NS = 1_000_000
HOUR_NS = 3_600 * SECOND_NS
LIES = ("garbage", "another batch", "unknown index", "wrong institution", "foreign record", "refusal")
# Of what a flaky endpoint does, one in so many is honest.
FLAWS = ("loss", "loss", "lie", "half", "forgotten", "unavailable", "twice", "", "", "")


@dataclass(frozen=True, slots=True)
class Sent:
    """A batch on its way. `hello`: whom an entry without institutions is for."""

    batch: "Batch"
    message: institution.Batch
    hello: tuple[int, ...]

    def addressed(self, entry: institution.Entry) -> Collection[int]:
        return entry.institutions or self.hello

    def questions(self) -> Iterator[tuple[int, institution.Entry, int]]:
        """(place, entry, institution) of all that wants an answer."""
        for place, entry in enumerate(self.message.entries):
            if entry.kind == institution.KIND_ASK:
                for one in self.addressed(entry):
                    yield place, entry, one


@dataclass(frozen=True, slots=True)
class Word:
    """What comes of a batch after `delay_ns`: `replies`, each so much later; or no reply and a cause."""

    delay_ns: int
    replies: tuple[bytes, ...] = ()
    cause: int = 0


class FarSide:
    """All endpoints of one world. `able`: who can look now, whatever the gateway believes."""

    def __init__(self, world: DrawnWorld, chance: Random, poison: Collection[str]) -> None:
        self.able = set(range(len(world.institutions))) - world.mute
        self._world = world
        self._chance = chance
        self._poison = frozenset(poison)

    def word(self, sent: Sent) -> Word:
        """What becomes of the batch."""
        chance, role = self._chance, self._world.endpoints[sent.batch.endpoint].role
        delay_ns = chance.randint(1, 500) * MILLISECOND_NS
        if role == "dead" or (role == "lossy" and chance.random() < 0.5):
            return self._lost(delay_ns)
        if role == "flaky":
            return self._flawed(sent, chance.randint(1, 120) * SECOND_NS, chance.choice(FLAWS))
        if role == "liar":
            return Word(delay_ns, (self._lie(sent),))
        if role == "poisoned" and any(row.subject.id_number in self._poison for row in sent.message.entries):
            return Word(delay_ns, (_refusal(sent),))
        if role == "slow":
            delay_ns = chance.randint(1, 2 * HOUR_NS)
        return Word(delay_ns, (self._honest(sent),))

    def _flawed(self, sent: Sent, delay_ns: int, flaw: str) -> Word:
        match flaw:
            case "loss":
                return self._lost(delay_ns)
            case "lie":
                return Word(delay_ns, (self._lie(sent),))
            case "twice":
                return Word(delay_ns, (self._honest(sent),) * 2)
        return Word(delay_ns, (self._honest(sent, flaw),))

    def _lost(self, delay_ns: int) -> Word:
        return Word(delay_ns, cause=self._chance.choice((CAUSE_UNDELIVERED, CAUSE_BROKEN, CAUSE_TIMEOUT)))

    def _answering(self, sent: Sent) -> list[int]:
        named = {one for entry in sent.message.entries for one in entry.institutions}
        return sorted(self.able & (named | set(sent.hello)))

    def _honest(self, sent: Sent, flaw: str = "") -> bytes:
        chance, answering = self._chance, self._answering(sent)
        if flaw == "forgotten" and answering:
            answering.remove(chance.choice(answering))
        entry_count = len(sent.message.entries)
        if flaw == "half":
            entry_count //= 2
        reply = institution.Reply(batch_id=sent.batch.id)
        if answering:
            reply.answered.add(institutions=answering, entry_count=entry_count)
        able = set(answering)
        for place, entry, one in sent.questions():
            if one not in able or place >= entry_count:
                continue
            kept = self._world.kept(entry.items, one)
            said = truth(entry.subject, kept, one) if kept else None
            if flaw == "unavailable" and chance.random() < 0.5:
                said = institution.Finding(institution=one, outcome=institution.OUTCOME_UNAVAILABLE)
            if said is not None:
                said.entry = place
                reply.findings.append(said)
        return reply.SerializeToString()

    def _lie(self, sent: Sent) -> bytes:
        reply = institution.Reply.FromString(self._honest(sent))
        entry_count = len(sent.message.entries)
        behind = self._world.endpoints[sent.batch.endpoint].behind
        match self._chance.choice(LIES):
            case "another batch":
                reply.batch_id += 1 << 40
            case "unknown index":
                reply.answered.add(institutions=behind[:1], entry_count=entry_count + 1)
            case "wrong institution":
                reply.answered.add(institutions=[len(self._world.institutions)], entry_count=entry_count)
            case "refusal":
                return _refusal(sent)
            case "foreign record":
                said = next((row for row in reply.findings if row.outcome == institution.OUTCOME_FOUND), None)
                if said is None:
                    return b"\xff\xff"
                said.records.append(record(person(999, "查无此人")))
            case _:
                return b"\xff\xff"
        return reply.SerializeToString()


def _refusal(sent: Sent) -> bytes:
    return institution.Reply(batch_id=sent.batch.id, refusal="no").SerializeToString()
