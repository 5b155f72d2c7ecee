"""Engine: the slow, obviously right model of gateway/_core, with the same face.

One Query for each inquiry and institution, one Ask for each question and institution, every answer counted
anew. It is the oracle of the compiled Engine and never part of the product. Where the Engine's rules leave a
choice, the model takes the simplest:

- Deadlines come due in `advance` alone; coalesced answers also in `take_answers`.
- Inquiry ids of an abandoned frame are not given again.
- Freshness is measured from the joiner's admission (`Admission.admitted_ns`): a replay joins the same.
- A question that nobody waits for any more joins nobody while it is open. It is dropped at once unless a
  batch in flight carries it; if it is answered all the same, the answer is fresh.
- NOTEs are always delivered, also those of inquiries that have ended meanwhile; a batch with a NOTE has
  somebody who waits for it. A batch that is given up takes its NOTEs with it. A reply books them for all they
  are addressed to.
- Attempts of a batch (`fail`) and of a question left unanswered by a taken reply are counted apart.
- "Waits for another try" is what waits after a failure that counts, or after a reply that left it out.
- A question at an institution that can no longer be inquired of ends INCAPABLE for good: no LATE answer
  follows.
- On replay an inquiry that had its final answer leaves only its order id.
- All 25 items named is the same as none named. A blank is U+0020. A scope with a fault concerns whom it may;
  of the items those that exist count. An unknown role of the debtor is both UNKNOWN_VALUE and NOT_THE_DEBTOR.
- `Settled.batch_id` is 0 for whatever the protobuf runtime cannot parse.
- Entries always name their institutions.
"""

import struct

from google.protobuf.message import DecodeError

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.journal.v1 import journal_pb2 as journal
from tests.model import intake, state, wire
from tests.model.book import Book
from tests.model.face import CHECK_OK, FAULT_NONE, Answers, Batch, Checked, Settled
from tests.model.line import Flight
from tests.model.reply import judge

NEVER_NS = 2**63 - 1


class ModelEngine:
    def __init__(
        self,
        key: bytes,
        *,
        first_inquiry_id: int = 1,
        revision_base: int = 0,
        deadline_default_s: int = 86_400,
        attempts_max: int = 4,
        unanswered_retry_ns: int = 1_000_000_000,
        partial_every_ns: int = 1_000_000_000,
        inquiries_max: int = 2_000_000,
        asks_max: int = 16_000_000,
        orders_max: int = 32_000_000,
        bytes_max: int = 8_000_000_000,
    ) -> None:
        if len(key) != 16:
            raise ValueError(f"key: {len(key)} bytes given, 16 allowed")
        limits = (first_inquiry_id, deadline_default_s, attempts_max, unanswered_retry_ns, partial_every_ns)
        if min(*limits, inquiries_max, asks_max, orders_max, bytes_max) < 1:
            raise ValueError("a limit below 1")
        self._unanswered_retry_ns = unanswered_retry_ns
        self._inquiries_max = inquiries_max
        self._bytes_max = bytes_max
        self._intake = intake.Intake(key, first_inquiry_id, deadline_default_s, orders_max)
        self._book = Book(attempts_max, partial_every_ns, asks_max, revision_base)
        self._now_ns = 0  # the latest that was passed; a directory comes without a time
        self._advanced_ns = 0

    def set_directory(self, snapshot: bytes) -> None:
        self._book.replace_directory(wire.read_directory(snapshot), self._now_ns)

    def open_endpoint(self, endpoint: int, in_flight_max: int) -> None:
        self._book.lines[endpoint].in_flight_max = in_flight_max

    # -- inquiries

    def check(self, message: bytes, court: str, now_ns: int) -> Checked:
        self._pass_time(now_ns)
        checked, needed = self._intake.check(message, court, self._book.directory, now_ns)
        if checked.status != CHECK_OK:
            return checked
        held = [*self._intake.reserved.values(), needed]
        for name, count, limit in (
            (
                "inquiries",
                len(self._book.inquiries) + sum(len(row.keys) for row in held),
                self._inquiries_max,
            ),
            ("asks", len(self._book.open_asks) + sum(row.queries for row in held), self._book.asks_max),
            ("bytes", self._bytes_held() + needed.frame_bytes, self._bytes_max),
        ):
            if needed.keys and count > limit:
                return intake.full(checked, f"{name}: {count} needed, at most {limit}")
        self._intake.reserve(checked, needed)
        self._book.counters["inquiries_repeated"] += checked.repeated
        self._book.counters["inquiries_refused"] += checked.refused
        return checked

    def abandon(self, checked: Checked) -> None:
        self._intake.release(checked.first_inquiry_id)

    def recall_orders(self, rows: bytes) -> None:
        self._intake.recall(rows)

    @property
    def orders_forgotten(self) -> int:
        return self._intake.forgotten

    def admit(self, frame: bytes, seq: int, now_ns: int, answered: bytes = b"") -> None:
        self._pass_time(now_ns)
        admission = _readable(frame)
        if len(answered) % 8:
            raise ValueError(f"answered: {len(answered)} bytes given, a multiple of 8 allowed")
        answered_ids = {row[0] for row in struct.iter_unpack("<Q", answered)}
        self._intake.release(admission.first_inquiry_id)
        came = []
        for inquiry_id, admitted in enumerate(admission.inquiries, admission.first_inquiry_id):
            key = wire.order_key(self._intake.key, admission.court_code, admitted.order_id)
            self._intake.remember(key, (admitted.content_hash, inquiry_id))
            self._intake.next_inquiry_id = max(self._intake.next_inquiry_id, inquiry_id + 1)
            if inquiry_id not in answered_ids:
                came.append(self._book.take_up(inquiry_id, admission, admitted))
        self._book.forget_asks(now_ns)
        self._book.look_at(came, now_ns)

    def cancel(self, inquiry_id: int, now_ns: int) -> bool:
        self._pass_time(now_ns)
        inquiry = self._book.inquiries.get(inquiry_id)
        if inquiry is None or inquiry.is_final:
            return False
        for query in inquiry.queries:
            if query.state == state.OPEN:
                query.state = state.CANCELLED
        self._book.look_at([inquiry, *self._book.drop_unwanted()], now_ns)
        return True

    # -- batches

    def take_batches(self, now_ns: int, bytes_max: int) -> list[Batch]:
        self._pass_time(now_ns)
        batches: list[Batch] = []
        while not batches or sum(len(batch.message) for batch in batches) < bytes_max:
            dues = {line.endpoint: line.oldest_due_ns(now_ns) for line in self._book.lines}
            waiting = {endpoint: due_ns for endpoint, due_ns in dues.items() if due_ns is not None}
            if not waiting:
                break
            flight = self._book.lines[min(waiting, key=lambda endpoint: waiting[endpoint])].take(now_ns)
            self._count_sent(flight)
            batches.append(flight.batch)
        return batches

    def _count_sent(self, flight: Flight) -> None:
        counters = self._book.counters
        for ask in flight.asks():
            counters["queries_on_wire"] += not ask.was_sent
            ask.was_sent = True
        for entry in flight.entries:
            counters["notes_on_wire"] += 0 if entry.was_sent else len(entry.notes)
            entry.was_sent = True
        counters["batches"] += 1
        counters["batch_entries"] += len(flight.entries)

    def settle(self, endpoint: int, reply: bytes, now_ns: int) -> Settled:
        self._pass_time(now_ns)
        line = self._book.lines[endpoint]
        judged = judge(reply, line, self._book.directory)
        self._book.counters["replies"] += 1
        if judged.fault == FAULT_NONE:
            flight = line.in_flight[judged.batch_id]
            self._book.settle(line, flight, judged.outcomes, now_ns + self._unanswered_retry_ns, now_ns)
        else:
            self._book.counters["replies_refused"] += 1
        return Settled(judged.batch_id, judged.fault)

    def fail(self, endpoint: int, batch: int, cause: int, retry_ns: int, now_ns: int) -> None:
        self._pass_time(now_ns)
        line = self._book.lines[endpoint]
        flight = line.in_flight.get(batch)
        if flight is None:
            raise LookupError(f"batch {batch} is not in flight at endpoint {endpoint}")
        self._book.counters["failures"] += 1
        goes_again = line.fail(flight, cause, retry_ns, self._book.attempts_max)
        touched = [] if goes_again else self._book.give_up(flight)
        self._book.look_at([*touched, *self._book.drop_unwanted()], now_ns)

    # -- time and answers

    def advance(self, now_ns: int) -> None:
        self._pass_time(now_ns)
        self._advanced_ns = max(self._advanced_ns, now_ns)
        self._book.end_overdue(now_ns)
        self._book.answer_news(now_ns)

    def next_due(self) -> int:
        book = self._book
        dues = [row.deadline_ns for row in book.inquiries.values() if not row.is_final]
        dues += [book.news_due_ns(row) for row in book.inquiries.values() if row.has_news]
        retries = [entry.ready_ns for line in book.lines for entry in line.waiting]
        retries += [flight.ready_ns for line in book.lines for flight in line.again]
        return min(
            [*dues, *(ready_ns for ready_ns in retries if ready_ns > self._advanced_ns)], default=NEVER_NS
        )

    def take_answers(self, now_ns: int) -> list[Answers]:
        self._pass_time(now_ns)
        self._book.answer_news(now_ns)
        by_court: dict[str, journal.Answers] = {}
        for court, answer in self._book.answers:
            by_court.setdefault(court, journal.Answers()).answers.append(answer)
        self._book.answers.clear()
        return [_packed(court, answers) for court, answers in by_court.items()]

    # -- figures

    def open_inquiries(self) -> int:
        return sum(not inquiry.is_final for inquiry in self._book.inquiries.values())

    def stats(self) -> dict[str, int]:
        book = self._book
        inquiries = book.inquiries.values()
        waiting = [entry.due_ns for line in book.lines for entry in line.waiting]
        gauges = {
            "inquiries_open": self.open_inquiries(),
            "queries_open": sum(len(inquiry.queries) for inquiry in inquiries if not inquiry.is_final),
            "waiting_entries": len(waiting),
            "in_flight": sum(len(line.in_flight) for line in book.lines),
            "bytes_held": self._bytes_held(),
            "asks": len(book.asks),
            "oldest_due_ns": min(waiting, default=0),
            "orders": len(self._intake.orders),
        }
        return {name: book.counters[name] for name in (*COUNTERS, *state.COUNTER.values())} | gauges

    def _bytes_held(self) -> int:
        book = self._book
        frames = sum(row.frame_bytes for row in self._intake.reserved.values())
        entries = sum(inquiry.size_bytes for inquiry in book.inquiries.values())
        records = sum(record.ByteSize() for ask in book.asks.values() for record in ask.records)
        return frames + entries + records + sum(answer.ByteSize() for _, answer in book.answers)

    def _pass_time(self, now_ns: int) -> None:
        self._now_ns = max(self._now_ns, now_ns)


COUNTERS = (
    "inquiries_accepted",
    "inquiries_repeated",
    "inquiries_refused",
    "inquiries_final",
    "answers",
    "records",
    "queries_total",
    "queries_joined",
    "queries_on_wire",
    "notes_on_wire",
    "batches",
    "batch_entries",
    "replies",
    "replies_refused",
    "failures",
)


def _readable(frame: bytes) -> journal.Admission:
    admission = journal.Admission()
    try:
        admission.ParseFromString(frame)
    except DecodeError as error:
        raise ValueError("frame: not a readable Admission") from error
    if not admission.inquiries or not admission.first_inquiry_id or not admission.court_code:
        raise ValueError("frame: an Admission without inquiries, ids or court")
    if any(len(row.content_hash) != 16 or not row.order_id for row in admission.inquiries):
        raise ValueError("frame: an inquiry without content hash or order id")
    return admission


def _packed(court: str, answers: journal.Answers) -> Answers:
    finals = [row.inquiry_id for row in answers.answers if row.stage == gateway.STAGE_FINAL]
    return Answers(
        court=court,
        message=answers.SerializeToString(),
        count=len(answers.answers),
        finals=b"".join(inquiry_id.to_bytes(8, "little") for inquiry_id in finals),
    )
