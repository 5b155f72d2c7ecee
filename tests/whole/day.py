"""Day: an Engine, courts, endpoints and a journal through one day of fake time, from a seed.

It drives the Engine as pump and line do: durable first, answers one group at a time, a fault reported as a
failure. The gateway may crash: what was not durable is gone, and the journal is read again. After every step
it looks at the Engine's own figures; what courts are told goes to the ledger.
"""

import heapq
from collections import deque
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.journal.v1 import journal_pb2 as journal
from tests.model.face import (
    CAUSE_GARBAGE,
    CAUSE_REFUSED,
    CHECK_FULL,
    FAULT_NONE,
    FAULT_REFUSAL,
    FAULT_UNKNOWN_BATCH,
)
from tests.model.world import COURT, KEY, NOON_NS, OTHER_COURT, SECOND_NS, bulk, inquiry, person
from tests.whole.drawn_world import DrawnWorld
from tests.whole.far_side import HOUR_NS, MILLISECOND_NS, FarSide, Sent
from tests.whole.ledger import Ledger

if TYPE_CHECKING:
    from gateway._core import Answers, Checked, Engine

    Made = Callable[..., Engine]

DAY_NS = 24 * HOUR_NS
NEVER_NS = 2**63 - 1
STEPS_MAX = 100_000
TICKS_LAST = 3
DEADLINES_S = (5, 60, 3_600, 20_000, 86_400)
BACKOFF_NS_MAX = 60 * SECOND_NS


class Day:
    """`play` it; AssertionError when something was not as it must be."""

    def __init__(self, seed: int, made: "Made") -> None:
        self._made = made
        self.chance = chance = Random(seed)
        self.world = DrawnWorld.of(chance)
        self.people = [person(number) for number in range(chance.randint(3, 25))]
        poison = {one.id_number for one in self.people if chance.random() < 0.1}
        self.far = FarSide(self.world, chance, poison)
        self.ledger = Ledger(self.world)
        self.now_ns = NOON_NS
        self.life = 0
        self.version = 0
        self.mute = set(self.world.mute)
        self._limits = {"inquiries_max": 30} if chance.random() < 0.2 else {}
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._event_count = 0
        self._frames: list[tuple[int, bytes]] = []  # durable, in order: (seq, an Admission)
        self._cancelled: list[int] = []
        self._orders = b""
        self._order_count = 0
        self._seq = 0
        self._next_id = 1
        self._by_case: dict[str, tuple[gateway.Inquiry, frozenset[int]]] = {}
        self.trace: list[object] = []
        self.engine: Engine
        self._start()
        for _ in range(chance.randint(3, 9)):
            self._at(chance.randint(0, DAY_NS), self._burst)
        for _ in range(chance.choice((0, 0, 2, 8))):
            self._at(chance.randint(0, DAY_NS), self._turn)
        for _ in range(chance.choice((0, 0, 1, 2))):
            self._at(chance.randint(0, DAY_NS), self._crash)

    def play(self) -> None:
        """The whole day, and the days after it until nothing is left to wait for."""
        for _ in range(STEPS_MAX):
            due_ns = self.engine.next_due()
            if not self._events and due_ns == NEVER_NS:
                break
            if self._events and self._events[0][0] <= due_ns:
                self.now_ns, _, event = heapq.heappop(self._events)
                event()
            else:
                self.now_ns = max(self.now_ns, due_ns)
            self._tick()
        else:
            raise AssertionError("the day does not end")
        for _ in range(TICKS_LAST):
            self._tick(is_lazy=False)
            while self._events:
                self._events.pop(0)[2]()
        assert self.ledger.open() == []
        self._rest()

    # -- courts

    def _burst(self) -> None:
        """Several messages within a few seconds."""
        for _ in range(self.chance.randint(1, 6)):
            self._at(self.chance.choice((0, 0, 10 * MILLISECOND_NS, 3 * SECOND_NS)), self._submit)

    def _submit(self) -> None:
        court = self.chance.choice((COURT, COURT, OTHER_COURT))
        made = [self._drawn(court) for _ in range(self.chance.choice((1, 1, 2, 5, 12)))]
        checked = self.engine.check(bulk(*made), court, self.now_ns)
        if checked.status == CHECK_FULL:
            assert self._limits, "full without limits"
            assert not checked.frame
            return
        assert checked.accepted == len(made), gateway.SubmitBulkResponse.FromString(checked.response)
        life, at_ns = self.life, self.now_ns
        self._at(
            self.chance.choice((0, MILLISECOND_NS, 40 * MILLISECOND_NS)),
            lambda: self._written(checked, made, court, at_ns) if life == self.life else None,
        )

    def _written(self, checked: "Checked", made: list[gateway.Inquiry], court: str, at_ns: int) -> None:
        """The journal's word on a frame."""
        if self.chance.random() < 0.05:
            self.engine.abandon(checked)
            return
        self._seq += 1
        self._frames.append((self._seq, checked.frame))
        self._orders += checked.orders
        self._next_id = max(self._next_id, checked.first_inquiry_id + checked.accepted)
        for number, one in enumerate(made, start=checked.first_inquiry_id):
            self.ledger.promise(number, court, one, at_ns, self.mute)
            self._by_case[one.mandate.case_number] = (one, self.world.concerned(one))
            if self.chance.random() < 0.05:
                self._at(self.chance.randint(0, HOUR_NS), lambda number=number: self._cancel(number))  # type: ignore[misc]
        self._unsure()
        self.engine.admit(checked.frame, self._seq, self.now_ns)

    def _cancel(self, number: int) -> None:
        promise = self.ledger.promises[number]
        if self.engine.cancel(number, self.now_ns):
            assert promise.final is None
            promise.is_cancelled = True
            self._cancelled.append(number)

    def _drawn(self, court: str) -> gateway.Inquiry:
        chance = self.chance
        self._order_count += 1
        made = inquiry(f"o{self._order_count}", chance.choice(self.people))
        made.court_code = court
        made.urgency = chance.choice((0, 1, 2, 3))  # type: ignore[assignment]
        made.deadline_s = chance.choice(DEADLINES_S)
        if chance.random() < 0.4:
            made.freshness_s = chance.choice((0, 60, 7_200))
        if chance.random() < 0.3:
            made.items.extend(chance.sample((1, 2, 3, 6, 8, 9), chance.randint(1, 3)))
        match chance.choice(("all", "all", "banks", "list", "province")):
            case "banks":
                made.scope.reach = gateway.REACH_BANKS
            case "list":
                count = len(self.world.institutions)
                named = chance.sample(range(count), min(count, chance.randint(1, 4)))
                made.scope.CopyFrom(gateway.Scope(reach=gateway.REACH_LIST, institutions=named))
            case "province":
                made.scope.CopyFrom(gateway.Scope(reach=gateway.REACH_PROVINCE, province="33"))
        if not self._is_valid(made):
            made.scope.CopyFrom(gateway.Scope(reach=gateway.REACH_ALL))
            del made.items[:]
        return made

    def _is_valid(self, made: gateway.Inquiry) -> bool:
        return bool(self.world.concerned(made))

    # -- endpoints

    def _hello(self, endpoint: int) -> tuple[int, ...]:
        return tuple(one for one in self.world.endpoints[endpoint].behind if one not in self.mute)

    def _send(self) -> None:
        """Hand out what can go; each batch keeps to its endpoint's limits."""
        budget = self.chance.choice((1, 4_096, 1 << 30))
        for batch in self.engine.take_batches(self.now_ns, budget):
            gate = self.world.endpoints[batch.endpoint]
            sent = Sent(batch, institution.Batch.FromString(batch.message), self._hello(batch.endpoint))
            key = (batch.endpoint, batch.id)
            assert key not in self._in_flight, "handed out twice"
            assert batch.id == sent.message.id
            assert batch.entry_count == len(sent.message.entries) <= gate.entries_max
            assert len(batch.message) <= gate.bytes_max or batch.entry_count == 1
            self._in_flight[key] = sent
            here = sum(endpoint == batch.endpoint for endpoint, _ in self._in_flight)
            assert here <= self._allowed[batch.endpoint], f"endpoint {batch.endpoint} has {here} in flight"
            self._check_asked(sent)
            word = self.far.word(sent)
            self.trace.append((self.now_ns, *key, batch.message))
            self._expect(word.delay_ns, sent, word.replies, word.cause)

    def _check_asked(self, sent: Sent) -> None:
        """Only who is concerned is asked, under a mandate that was admitted."""
        for _, entry, one in sent.questions():
            made, concerned = self._by_case[entry.mandate.case_number]
            assert entry.subject == made.subject
            assert list(entry.items) == sorted(made.items)
            assert one in concerned or not entry.institutions

    def _expect(self, delay_ns: int, sent: Sent, replies: tuple[bytes, ...], cause: int) -> None:
        life = self.life

        def comes() -> None:
            if life != self.life:
                return
            for reply in replies:
                self._settle(sent, reply)
            if not replies:
                self._fail(sent, cause)

        self._at(delay_ns, comes)

    def _settle(self, sent: Sent, reply: bytes) -> None:
        endpoint = sent.batch.endpoint
        settled = self.engine.settle(endpoint, reply, self.now_ns)
        if settled.fault == FAULT_NONE:
            del self._in_flight[endpoint, settled.batch_id]
        elif (endpoint, settled.batch_id) in self._in_flight and settled.fault != FAULT_UNKNOWN_BATCH:
            role = self.world.endpoints[endpoint].role
            assert role in ("liar", "flaky", "poisoned"), f"fault {settled.fault} at a {role} endpoint"
            self._fail(sent, CAUSE_REFUSED if settled.fault == FAULT_REFUSAL else CAUSE_GARBAGE)
        elif (endpoint, sent.batch.id) in self._in_flight:
            # The line ends the stream, and with it all that is in flight on it; here only this one.
            self._fail(sent, CAUSE_GARBAGE)

    def _fail(self, sent: Sent, cause: int) -> None:
        key = (sent.batch.endpoint, sent.batch.id)
        if self._in_flight.pop(key, None) is not None:
            retry_ns = self.now_ns + self.chance.randint(0, BACKOFF_NS_MAX)
            self.engine.fail(*key, cause, retry_ns, self.now_ns)

    def _shut(self, endpoint: int) -> None:
        """Open or close an endpoint that is not always open."""
        gate = self.world.endpoints[endpoint]
        self._open(endpoint, self.chance.choice((0, 1, gate.in_flight_max)))
        life = self.life
        if self.now_ns < NOON_NS + DAY_NS:
            self._at(
                self.chance.randint(SECOND_NS, 3 * HOUR_NS),
                lambda: self._shut(endpoint) if life == self.life else None,
            )

    def _open(self, endpoint: int, in_flight_max: int) -> None:
        self._allowed[endpoint] = max(in_flight_max, self._in_flight_at(endpoint))
        self._open_now[endpoint] = in_flight_max
        self.engine.open_endpoint(endpoint, in_flight_max)

    def _in_flight_at(self, endpoint: int) -> int:
        return sum(place == endpoint for place, _ in self._in_flight)

    def _turn(self) -> None:
        """Some institutions gain or lose what they can; the gateway hears of it a little later."""
        for one in self.chance.sample(
            range(len(self.world.institutions)), min(3, len(self.world.institutions))
        ):
            self.far.able ^= {one}
        self._at(self.chance.randint(0, 300 * SECOND_NS), self._described)
        self._unsure()

    def _described(self) -> None:
        mute = set(range(len(self.world.institutions))) - self.far.able
        if mute != self.mute:
            self.mute = mute
            self._unsure()
            self._set_directory()

    def _unsure(self) -> None:
        """Between what an institution can and what is known of it, its queries may end in several ways."""
        for promise in self.ledger.open():
            promise.ever_mute |= set(range(len(self.world.institutions))) - self.far.able

    def _set_directory(self) -> None:
        self.version += 1
        self.engine.set_directory(self.world.snapshot(self.version, self.mute))
        self.ledger.directory(self.mute)

    # -- the gateway's life

    def _start(self) -> None:
        self.engine = self._made(
            KEY, first_inquiry_id=self._next_id, revision_base=self.life << 16, **self._limits
        )
        self.version = 0
        self._in_flight: dict[tuple[int, int], Sent] = {}
        self._allowed = dict.fromkeys(range(len(self.world.endpoints)), 0)
        self._open_now = dict(self._allowed)
        self._outbox: deque[Answers] = deque()
        self._set_directory()
        for endpoint, gate in enumerate(self.world.endpoints):
            if gate.role == "shut":
                self._at(0, lambda endpoint=endpoint: self._shut(endpoint))  # type: ignore[misc]
            else:
                self._at(
                    self.chance.randint(0, 5) * SECOND_NS,
                    lambda endpoint=endpoint, gate=gate: self._open(endpoint, gate.in_flight_max),  # type: ignore[misc]
                )

    def _crash(self) -> None:
        """All but the journal is lost; and the gateway starts again."""
        self.life += 1
        self._start()
        if self._orders:
            self.engine.recall_orders(self._orders)
        for seq, frame in self._frames:
            ids = range(first := journal.Admission.FromString(frame).first_inquiry_id, first + _count(frame))
            finals = [number for number in ids if self.ledger.promises[number].final is not None]
            if len(finals) < len(ids):
                answered = b"".join(number.to_bytes(8, "little") for number in finals)
                self.engine.admit(frame, seq, self.now_ns, answered)
        for number in self._cancelled:
            self.engine.cancel(number, self.now_ns)

    def _tick(self, *, is_lazy: bool = True) -> None:
        if is_lazy and self.chance.random() < 0.1:
            return
        if self.engine.next_due() <= self.now_ns:
            self.engine.advance(self.now_ns)
        self._send()
        if not self._outbox:
            self._outbox.extend(self.engine.take_answers(self.now_ns))
            if self._outbox:
                life = self.life
                self._at(
                    self.chance.choice((0, 5 * MILLISECOND_NS)),
                    lambda: self._publish() if life == self.life else None,
                )
        self._check_figures()

    def _publish(self) -> None:
        """The answers are durable."""
        while self._outbox:
            answers = self._outbox.popleft()
            self._seq += 1
            message = journal.Answers.FromString(answers.message)
            finals = [row.inquiry_id for row in message.answers if row.stage == gateway.STAGE_FINAL]
            assert answers.count == len(message.answers) > 0
            assert answers.finals == b"".join(number.to_bytes(8, "little") for number in finals)
            self.trace.append((self.now_ns, answers.message))
            for answer in message.answers:
                self.ledger.told(answers.court, answer, self.now_ns, self.life)

    def _check_figures(self) -> None:
        stats = self.engine.stats()
        assert stats["in_flight"] == len(self._in_flight)
        assert stats["inquiries_open"] == self.engine.open_inquiries() >= 0
        ended = sum(count for name, count in stats.items() if name.startswith("state_"))
        assert stats["queries_total"] >= stats["queries_open"] + ended
        assert all(count >= 0 for count in stats.values())

    def _rest(self) -> None:
        """A week later nothing is left of the day, and all room is free again."""
        for _ in range(4):
            self.now_ns += 2 * DAY_NS
            self.engine.advance(self.now_ns)
            self.engine.take_batches(self.now_ns, 1 << 30)
            assert self.engine.take_answers(self.now_ns) == []
        stats = self.engine.stats()
        names = (
            "in_flight",
            "inquiries_open",
            "queries_open",
            "waiting_entries",
            "bytes_held",
            "asks",
            "oldest_due_ns",
        )
        left = {name: stats[name] for name in names if stats[name]}
        assert not left, left

    def _at(self, wait_ns: int, event: Callable[[], None]) -> None:
        self._event_count += 1
        heapq.heappush(self._events, (self.now_ns + wait_ns, self._event_count, event))


def _count(frame: bytes) -> int:
    return len(journal.Admission.FromString(frame).inquiries)
