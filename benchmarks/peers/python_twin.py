"""Python twin: the Engine's work in plain Python, for the figure of what compiling is worth.

Fair: messages are read and written by protobuf's own C runtime (upb), sets of institutions are integers, an
entry is encoded once for all endpoints, what a scope reaches is kept, hashes come from hashlib; no object is
made for a query. It does what the benchmarks need: check, the canonical frame, the acknowledgement, order
ids, joining of open and fresh questions, queues by endpoint, batches up to their limits, replies with their
checks, final answers.

It leaves out, which makes it faster: deadlines, retries, cancelling, partial and late answers, urgency, notes
for joined mandates, limits on memory, changes of the directory. A question is joined only where the same
items were asked for, and one unreadable inquiry refuses the whole message.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.engine.world import COURT, NOW_NS
from benchmarks.peers.book import Ask, Ticket
from benchmarks.peers.intake import SECOND_NS, Accepted, Checked, Intake
from benchmarks.peers.lane import Batch, Lane, Piece, Said, said_of
from benchmarks.peers.reach import Reach, bits, members
from chakong.institution.v1 import institution_pb2 as institution
from chakong.journal.v1 import journal_pb2 as journal
from gateway.directory import Directory
from gateway.edge.raw import field_bytes

ENTRIES_FIELD = 2
KIND_ASK = b"\x28\x01"  # Entry.kind
NOTHING_SAID = Said()

Question = tuple[int, str, str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class TwinAnswers:
    """Answers of one court, with the names of the Engine's."""

    court: str
    message: bytes
    count: int


class Twin:
    """Use as the Engine. All endpoints are open, each for as many batches as the directory says."""

    def __init__(self, directory: Directory, key: bytes = b"benchmark of 16b") -> None:
        self._reach = Reach(directory)
        self._intake = Intake(self._reach, key)
        self._lanes = [
            Lane(row.index, row.max_batch_entries, row.max_batch_bytes, row.in_flight_max)
            for row in directory.endpoints
        ]
        # Endpoints where something waits and a batch may leave.
        self._ready: dict[int, None] = {}
        self._asks: dict[Question, list[Ask]] = {}
        self._done: list[Ticket] = []

    @property
    def order_count(self) -> int:
        """Order ids that are known."""
        return self._intake.order_count

    def recall_orders(self, rows: bytes) -> None:
        """Fill the table of order ids with the Engine's rows of 40 bytes."""
        self._intake.recall_orders(rows)

    def check_and_admit(self, message: bytes, court: str = COURT, now_ns: int = NOW_NS) -> int:
        """Both, as with a journal that takes no time; how many were accepted."""
        checked = self.check(message, court, now_ns)
        self.admit(checked, now_ns)
        return checked.accepted

    def check(self, message: bytes, court: str, now_ns: int) -> Checked:
        """Judge a SubmitBulkRequest sent by `court`."""
        return self._intake.check(message, court, now_ns)

    def admit(self, checked: Checked, now_ns: int) -> None:
        """Take up what was accepted: join what is open or fresh, queue the rest."""
        for accepted in checked.inquiries:
            self._admit(accepted, checked.court, now_ns)

    def take_batches(self) -> list[Batch]:
        """The next batch of each endpoint with room; empty when there is none."""
        batches = []
        for endpoint in list(self._ready):
            lane = self._lanes[endpoint]
            batches.append(lane.cut())
            if not lane.waiting or not lane.has_room:
                del self._ready[endpoint]
        return batches

    def settle(self, endpoint: int, message: bytes) -> None:
        """Take a Reply whole. ValueError where it contradicts its batch: nothing has changed."""
        reply = institution.Reply.FromString(message)
        lane = self._lanes[endpoint]
        batch = lane.in_flight.get(reply.batch_id)
        if batch is None:
            raise ValueError(f"batch_id: {reply.batch_id} given, not in flight at endpoint {endpoint}")
        answered = [(bits(group.institutions), group.entry_count) for group in reply.answered]
        for who, entry_count in answered:
            if entry_count > batch.entry_count:
                raise ValueError(f"entry_count: {entry_count} given, at most {batch.entry_count} allowed")
            if who & ~self._reach.behind(endpoint):
                raise ValueError(f"answered.institutions: some are not behind endpoint {endpoint}")
        said = said_of(reply, batch, answered)
        del lane.in_flight[batch.id]
        for place, piece in enumerate(batch.pieces):
            who = 0
            for institutions, entry_count in answered:
                if place < entry_count:
                    who |= institutions
            self._end(lane, piece, who, said.get(place, NOTHING_SAID))
        if lane.waiting:
            self._ready[endpoint] = None

    def take_answers(self, now_ns: int) -> Iterator[TwinAnswers]:
        """Final answers that came about since, by court; each handed out once."""
        by_court: dict[str, journal.Answers] = {}
        for ticket in self._done:
            answers = by_court.get(ticket.court)
            if answers is None:
                answers = by_court[ticket.court] = journal.Answers()
            ticket.write(answers.answers.add(), now_ns)
        self._done.clear()
        for court, answers in by_court.items():
            yield TwinAnswers(court, answers.SerializeToString(), len(answers.answers))

    def _admit(self, accepted: Accepted, court: str, now_ns: int) -> None:
        row, entry = accepted.row, accepted.row.entry
        capable = accepted.concerned & self._reach.capable
        ticket = Ticket(
            accepted.inquiry_id,
            row.order_id,
            court,
            entry.mandate.case_number,
            now_ns,
            now_ns,
            accepted.concerned.bit_count(),
            accepted.concerned ^ capable,
            capable.bit_count(),
        )
        subject = entry.subject
        question = (subject.id_type, subject.id_number, subject.name, tuple(entry.items))
        asks = self._asks.setdefault(question, [])
        rest = capable
        if row.freshness_s:
            oldest_ns = now_ns - row.freshness_s * SECOND_NS
            for ask in reversed(asks):
                if not rest or ask.asked_ns < oldest_ns:
                    break
                rest ^= ask.join(ticket, rest)
        if rest:
            ask = Ask(subject, now_ns, rest, waiting=[(ticket, rest)])
            asks.append(ask)
            self._queue(ask, rest, accepted.entry)
        elif not ticket.open_count:
            self._done.append(ticket)

    def _queue(self, ask: Ask, institutions: int, entry: bytes) -> None:
        whole = field_bytes(ENTRIES_FIELD, entry + KIND_ASK)
        for endpoint, part, named in self._reach.parts(institutions):
            encoded = field_bytes(ENTRIES_FIELD, entry + named + KIND_ASK) if named else whole
            lane = self._lanes[endpoint]
            lane.waiting.append(Piece(ask, part, encoded))
            if lane.has_room:
                self._ready[endpoint] = None

    def _end(self, lane: Lane, piece: Piece, who: int, said: Said) -> None:
        """What these institutions answered ends; what they left open is asked again."""
        ask = piece.ask
        ended = ask.open & piece.institutions & who & ~said.unavailable
        if ended:
            self._done += ask.end(ended, said.findings)
        left = piece.institutions & ask.open
        if left:
            entry = institution.Batch.FromString(piece.encoded).entries[0]
            entry.institutions[:] = members(left)
            again = field_bytes(ENTRIES_FIELD, entry.SerializeToString())
            lane.waiting.append(Piece(ask, left, again))
