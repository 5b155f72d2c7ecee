"""Book: all inquiries, questions and lines of the model, and how queries end.

What must hold after each call: a query is open or has one end state; an inquiry without open queries has had
its final answer; a question that waits has somebody who waits for it. Judging messages and replies is done
elsewhere.
"""

from collections import Counter
from collections.abc import Iterable

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.journal.v1 import journal_pb2 as journal
from tests.model import state, wire
from tests.model.line import Flight, Line
from tests.model.reply import Outcome
from tests.model.state import Ask, Entry, Inquiry, Query, Question

DUE_AFTER_NS = {
    gateway.URGENCY_URGENT: 0,
    gateway.URGENCY_NORMAL: 2 * wire.SECOND_NS,
    gateway.URGENCY_PATROL: 30 * wire.SECOND_NS,
}
FRESH_MAX_NS = 604_800 * wire.SECOND_NS


class Book:
    def __init__(self, attempts_max: int, partial_every_ns: int, asks_max: int, revision_base: int) -> None:
        self.attempts_max = attempts_max
        self.partial_every_ns = partial_every_ns
        self.asks_max = asks_max
        self.revision_base = revision_base
        self.directory = wire.Directory(0, (), ())
        self.lines: list[Line] = []
        self.inquiries: dict[int, Inquiry] = {}  # those for which something may still come
        self.asks: dict[Question, Ask] = {}  # the newest of each question, oldest first
        self.open_asks: dict[Ask, None] = {}
        self.answers: list[tuple[str, gateway.Answer]] = []  # with their court; not handed out yet
        self.counters: Counter[str] = Counter()

    def replace_directory(self, directory: wire.Directory, now_ns: int) -> None:
        """Follow what institutions can do; what is open where nothing can be asked now ends INCAPABLE."""
        before = self.directory
        if directory.version <= before.version:
            raise ValueError(f"version: {directory.version} given, more than {before.version} allowed")
        if self.lines and directory.fixed() != before.fixed():
            raise ValueError("snapshot: other institutions or endpoints than before")
        if not self.lines:
            self.lines = [Line(index, limits) for index, limits in enumerate(directory.endpoints)]
        self.directory = directory
        for line, limits in zip(self.lines, directory.endpoints, strict=True):
            line.limits = limits
        lost = {index for index, row in enumerate(directory.institutions) if not row.can & wire.CAN_INQUIRE}
        for ask in [ask for ask in self.open_asks if ask.question.institution in lost]:
            self.end_ask(ask, state.INCAPABLE)
        self.drop_unwanted()
        self.look_at(self.inquiries.values(), now_ns)

    # -- beginnings

    def take_up(self, inquiry_id: int, admission: journal.Admission, admitted: journal.Admitted) -> Inquiry:
        """Enter an inquiry and put its questions and notes on the lines."""
        inquiry = Inquiry(
            id=inquiry_id,
            court=admission.court_code,
            order_id=admitted.order_id,
            entry=admitted.entry,
            admitted_ns=admission.admitted_ns,
            deadline_ns=admitted.deadline_ns,
            due_ns=admission.admitted_ns + DUE_AFTER_NS[admitted.urgency],
            size_bytes=admitted.ByteSize(),
            revision=self.revision_base,
            answered_ns=admission.admitted_ns,
        )
        self.inquiries[inquiry_id] = inquiry
        items = wire.items_mask(list(admitted.entry.items))
        asks = [Entry(inquiry, institution.KIND_ASK, inquiry.due_ns) for _ in self.lines]
        notes = [Entry(inquiry, institution.KIND_NOTE, inquiry.due_ns) for _ in self.lines]
        for index in self.directory.concerned(admitted.scope, items):
            query = self._place(inquiry, index, items, admitted.freshness_s * wire.SECOND_NS)
            inquiry.queries.append(query)
            if query.ask is not None and query.is_joined:
                notes[query.ask.endpoint].notes.append(index)
            elif query.ask is not None:
                asks[query.ask.endpoint].asks[index] = query.ask
        for entries in zip(asks, notes, self.lines, strict=True):
            for entry in entries[:2]:
                if entry.asks or entry.notes:
                    entries[2].put(entry)
        self.counters["inquiries_accepted"] += 1
        self.counters["queries_total"] += len(inquiry.queries)
        self.counters["queries_joined"] += sum(query.is_joined for query in inquiry.queries)
        return inquiry

    def _place(self, inquiry: Inquiry, index: int, items: int, fresh_ns: int) -> Query:
        """The inquiry's query at one institution: impossible, joined, or with a question of its own."""
        row = self.directory.institutions[index]
        if not row.can & wire.CAN_INQUIRE:
            return Query(inquiry, index, None, state.INCAPABLE)
        subject = inquiry.entry.subject
        question = Question(subject.id_type, subject.id_number, subject.name, items & row.items, index)
        ask = self.asks.get(question)
        if ask is not None and ask.is_joinable() and 0 < fresh_ns >= inquiry.admitted_ns - ask.asked_ns:
            query = Query(inquiry, index, ask, ask.state, is_joined=True)
            self._lift(ask, inquiry.due_ns)
        else:
            ask = Ask(question, row.endpoint, inquiry.admitted_ns)
            self.asks.pop(question, None)
            self.asks[question] = ask
            self.open_asks[ask] = None
            query = Query(inquiry, index, ask)
        ask.queries.append(query)
        inquiry.has_news |= query.state in state.WITH_FINDING
        return query

    def _lift(self, ask: Ask, due_ns: int) -> None:
        """A more urgent joiner lifts a question that is not yet cut."""
        if ask.entry is not None and due_ns < ask.entry.due_ns:
            ask.entry.due_ns = due_ns
            self.lines[ask.endpoint].sort()

    def forget_asks(self, now_ns: int) -> None:
        """Let go of ended questions too old to be fresh, or more than there is room for, oldest first."""
        surplus = len(self.asks) - self.asks_max
        for question, ask in list(self.asks.items()):
            is_old = now_ns - ask.asked_ns > FRESH_MAX_NS
            if ask.state != state.OPEN and (is_old or surplus > 0):
                del self.asks[question]
                surplus -= 1

    # -- ends

    def settle(self, line: Line, flight: Flight, outcomes: list[Outcome], retry_ns: int, now_ns: int) -> None:
        """The flight was answered; what the answer left out is asked again from `retry_ns` on."""
        line.settle(flight)
        touched: list[Inquiry] = []
        for outcome in outcomes:
            if outcome.ask.state == state.OPEN:
                self.counters["records"] += len(outcome.records)
                outcome.ask.records = outcome.records
                outcome.ask.reason = outcome.reason
                touched += self.end_ask(outcome.ask, outcome.state)
        for entry in flight.entries:
            again = Entry(entry.inquiry, entry.kind, entry.due_ns, retry_ns, is_again=True)
            for index, ask in entry.asks.items():
                if ask.state == state.OPEN:
                    ask.unanswered_count += 1
                    again.asks[index] = ask
            for index, ask in list(again.asks.items()):
                if not ask.is_wanted() or ask.unanswered_count >= self.attempts_max:
                    del again.asks[index]
                    touched += self.end_ask(ask, state.UNREACHABLE)
            if again.asks:
                line.put(again)
        self.look_at(touched, now_ns)

    def give_up(self, flight: Flight) -> list[Inquiry]:
        """End what the flight carries UNREACHABLE."""
        asks = [ask for ask in flight.asks() if ask.state == state.OPEN]
        return [inquiry for ask in asks for inquiry in self.end_ask(ask, state.UNREACHABLE)]

    def end_ask(self, ask: Ask, ended: state.State) -> list[Inquiry]:
        """End a question and the queries that wait for it; the inquiries that may have ended by it."""
        ask.state = ended
        del self.open_asks[ask]
        self.lines[ask.endpoint].remove(ask)
        for query in ask.queries:
            if query.state == state.OPEN:
                query.state = ended
                query.inquiry.has_news |= ended in state.WITH_FINDING
            elif query.state == state.LATE and ended in (*state.WITH_FINDING, state.NONE):
                query.has_replied_late = True
                query.inquiry.has_news = True
        return [query.inquiry for query in ask.queries]

    def drop_unwanted(self) -> list[Inquiry]:
        """End questions that nobody waits for and that are not in flight."""
        unwanted = [ask for ask in self.open_asks if ask.entry is not None and not ask.is_wanted()]
        touched = [inquiry for ask in unwanted for inquiry in self.end_ask(ask, state.UNREACHABLE)]
        for line in self.lines:
            for flight in [flight for flight in line.again if not flight.is_wanted()]:
                line.again.remove(flight)
                touched += self.give_up(flight)
        return touched

    def end_overdue(self, now_ns: int) -> None:
        """Inquiries whose deadline has come wait no longer."""
        over = [row for row in self.inquiries.values() if not row.is_final and row.deadline_ns <= now_ns]
        for inquiry in over:
            for query in inquiry.queries:
                if query.state == state.OPEN and query.ask is not None:
                    is_late = self.lines[query.ask.endpoint].is_within_reach(query.ask)
                    query.state = state.LATE if is_late else state.UNREACHABLE
        over.sort(key=lambda inquiry: (inquiry.deadline_ns, inquiry.id))
        self.look_at([*over, *self.drop_unwanted()] if over else [], now_ns)

    # -- answers

    def look_at(self, inquiries: Iterable[Inquiry], now_ns: int) -> None:
        """Give those that have ended their final answer; let go of those for which nothing can come."""
        for inquiry in dict.fromkeys(inquiries):
            if not inquiry.is_final and not inquiry.is_open():
                inquiry.is_final = True
                self._answer(inquiry, gateway.STAGE_FINAL, now_ns)
                self.counters["inquiries_final"] += 1
                for query in inquiry.queries:
                    self.counters[state.COUNTER[query.state]] += 1
            if inquiry.is_released():
                self.inquiries.pop(inquiry.id, None)

    def news_due_ns(self, inquiry: Inquiry) -> int:
        """When its next coalesced answer may come."""
        return inquiry.answered_ns + self.partial_every_ns

    def answer_news(self, now_ns: int) -> None:
        """Give coalesced answers that are due."""
        for inquiry in list(self.inquiries.values()):
            if inquiry.has_news and self.news_due_ns(inquiry) <= now_ns:
                stage = gateway.STAGE_LATE if inquiry.is_final else gateway.STAGE_PARTIAL
                self._answer(inquiry, stage, now_ns)
                self.look_at([inquiry], now_ns)

    def _answer(self, inquiry: Inquiry, stage: gateway.Stage.ValueType, now_ns: int) -> None:
        self.answers.append((inquiry.court, inquiry.answer(stage, now_ns)))
        self.counters["answers"] += 1
