"""Endpoint: what one endpoint says to a batch, and how it behaves on the day.

It decides with the scenario and answers from the population, and from the books where an account was
touched; the only things it remembers are how many batches it has seen and what was counted. It neither reads
nor writes streams.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chakong.institution.v1 import institution_pb2
from simulator._drawn import Drawn
from simulator.books.books import Books
from simulator.cache import DrawnCache
from simulator.layout import Layout, bitmap
from simulator.lies import Circumstances, decline, refuse, twist
from simulator.scenarios import DECLINE_ONE_IN, POISON_ONE_IN, Fault, Gate, Scenario

NO_HELLO = bitmap(())


@dataclass(slots=True)
class Counts:
    batches: int = 0
    entries: int = 0
    replies: int = 0
    reply_bytes: int = 0
    controls: int = 0
    faults: int = 0


@dataclass(frozen=True, slots=True)
class World:
    """What all endpoints share."""

    layout: Layout
    cache: DrawnCache
    scenario: Scenario
    now_ns: Callable[[], int]
    start_ns: int
    counts: Counts

    def since_ns(self) -> int:
        return self.now_ns() - self.start_ns


@dataclass(frozen=True, slots=True)
class Word:
    """What to say to a batch, when and how often. No reply: the stream is to end at once."""

    reply: bytes | None
    delay_ms: int = 0
    copies: int = 1


class EndpointDesk:
    """One endpoint."""

    def __init__(self, world: World, index: int, books: Books | None = None) -> None:
        """`books`: what was touched there; records of touched accounts say what is in them now."""
        self._world = world
        self._books = books
        self._index = index
        self._ordinal = 0
        members = world.layout.endpoints[index].institutions
        self._members = frozenset(members)
        self._stranger = next(
            institution.index
            for institution in world.layout.institutions
            if institution.index not in self._members
        )

    def gate(self) -> Gate:
        return self._world.scenario.gate(self._index, self._world.since_ns())

    def closes_in_s(self) -> float | None:
        return self._world.scenario.closes_in_s(self._index, self._world.since_ns())

    def describe(self) -> institution_pb2.DescribeResponse:
        able = self._world.scenario.able(self._world.since_ns())
        can_follow = self._world.scenario.can_follow(self._index)
        response = institution_pb2.DescribeResponse(can_follow=can_follow)
        for index in self._world.layout.endpoints[self._index].institutions:
            can = self._world.layout.institutions[index].can
            response.capabilities.add(
                institution=index,
                can_inquire=index in able,
                can_freeze="FREEZE" in can,
                can_deduct="DEDUCT" in can,
            )
        return response

    def answer(self, message: bytes, drawn: Drawn, hello: bytes | None) -> Word:
        """`hello`: bitmap of the institutions of the stream's first message; None: there was none."""
        scenario, counts = self._world.scenario, self._world.counts
        conduct = scenario.conduct(self._index, self._ordinal)
        self._ordinal += 1
        counts.batches += 1
        counts.entries += drawn.entry_count
        if conduct.fault is Fault.RESET:
            counts.faults += 1
            return Word(None)
        refusal = self._refusal(drawn, hello, conduct.fault)
        if refusal:
            counts.faults += 1
            reply = refuse(drawn.batch_id, refusal)
        else:
            reply = self._reply(message, drawn, hello or NO_HELLO, conduct.fault)
        return Word(reply, conduct.delay_ms, conduct.copies)

    def _refusal(self, drawn: Drawn, hello: bytes | None, fault: Fault) -> str:
        scenario = self._world.scenario
        if drawn.needs_hello and hello is None:
            return "institutions: none in an entry, and none in a first message of this stream"
        if not scenario.is_in_hours(self._index, self._world.now_ns()):
            return "outside the hours of service"
        if fault is Fault.REFUSAL:
            return "the core system is busy"
        poison_salt = scenario.poison_salt(self._index)
        if poison_salt is not None and drawn.chosen(poison_salt, POISON_ONE_IN):
            return "an entry could not be processed"
        return ""

    def _reply(self, message: bytes, drawn: Drawn, hello: bytes, fault: Fault) -> bytes:
        scenario = self._world.scenario
        able = scenario.able_bitmap(self._index, self._world.since_ns())
        limit = drawn.entry_count // 2 if fault is Fault.HALF else drawn.entry_count
        reply = drawn.reply(self._index, hello, able, limit)
        if self._books is not None and self._books.is_touched:
            reply = self._refreshed(self._books, reply)
        decline_salt = scenario.decline_salt(self._index)
        declined = drawn.chosen(decline_salt, DECLINE_ONE_IN) if decline_salt is not None else []
        if not declined and fault in (Fault.NONE, Fault.HALF):
            return reply
        self._world.counts.faults += 1
        greeted = int.from_bytes(hello, "little")
        known = Circumstances(
            message=message,
            hello=frozenset(index for index in self._members if greeted >> index & 1),
            answering=drawn.answering(self._index, hello, able),
            stranger=self._stranger,
        )
        return decline(reply, set(declined), known) if declined else twist(reply, fault, known)

    def _refreshed(self, books: Books, reply: bytes) -> bytes:
        said = institution_pb2.Reply.FromString(reply)
        now_ns = self._world.now_ns()
        touched = [
            books.refresh(finding.institution, record, now_ns)
            for finding in said.findings
            for record in finding.records
        ]
        return said.SerializeToString() if any(touched) else reply


class Conversation:
    """One stream to an endpoint: it remembers whom the first message named."""

    def __init__(self, world: World, desk: EndpointDesk) -> None:
        self._world = world
        self._desk = desk
        self._hello: bytes | None = None

    def hear(self, message: bytes) -> Word | None:
        """What is to be said; None: nothing, it was a first message. ValueError for bytes that are no
        batch."""
        drawn = self._world.cache.draw(message)
        if drawn.batch_id == 0:
            self._hello = drawn.hello
            return None
        return self._desk.answer(message, drawn, self._hello)
