"""State: one object for each inquiry, for each of its queries and for each question asked of an institution.

Slow and plain on purpose: nothing is counted ahead of time, every answer is put together from the queries. It
decides nothing; the book does.
"""

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import type_pb2 as types

OPEN = types.END_STATE_UNSPECIFIED
FOUND = types.END_STATE_FOUND
NONE = types.END_STATE_NONE
AMBIGUOUS = types.END_STATE_AMBIGUOUS
REFUSED = types.END_STATE_REFUSED
INCAPABLE = types.END_STATE_INCAPABLE
LATE = types.END_STATE_LATE
UNREACHABLE = types.END_STATE_UNREACHABLE
CANCELLED = types.END_STATE_CANCELLED

WITH_FINDING = (FOUND, AMBIGUOUS, REFUSED)
JOINABLE = (FOUND, NONE, AMBIGUOUS)
MISSING = (REFUSED, INCAPABLE, LATE, UNREACHABLE, CANCELLED)

# The name of each end state among Engine.stats().
COUNTER = {
    FOUND: "state_found",
    NONE: "state_none",
    AMBIGUOUS: "state_ambiguous",
    REFUSED: "state_refused",
    INCAPABLE: "state_incapable",
    LATE: "state_late",
    UNREACHABLE: "state_unreachable",
    CANCELLED: "state_cancelled",
}

State: TypeAlias = types.EndState.ValueType


class Question(NamedTuple):
    id_type: int
    id_number: str
    name: str
    items: int
    institution: int


@dataclass(slots=True, eq=False)
class Ask:
    """A question as it is put to one institution, for all who wait for it."""

    question: Question
    endpoint: int
    asked_ns: int
    state: State = OPEN
    records: list[types.Record] = field(default_factory=list)
    reason: str = ""
    unanswered_count: int = 0
    was_sent: bool = False
    queries: list["Query"] = field(default_factory=list)
    entry: "Entry | None" = None  # where it waits; None while a batch carries it

    def is_joinable(self) -> bool:
        """Answered, or open and not abandoned."""
        return self.state in JOINABLE or self.is_wanted()

    def is_wanted(self) -> bool:
        """Open, and somebody waits for it."""
        return self.state == OPEN and any(query.state == OPEN for query in self.queries)


@dataclass(slots=True, eq=False)
class Query:
    """One inquiry at one institution."""

    inquiry: "Inquiry"
    institution: int
    ask: Ask | None
    state: State = OPEN
    is_joined: bool = False
    has_replied_late: bool = False

    def finding(self) -> gateway.Finding | None:
        """What the institution said, where that was more than "nothing"."""
        if self.ask is None or not (self.state in WITH_FINDING or self.has_replied_late):
            return None
        if self.ask.state not in WITH_FINDING:
            return None
        return gateway.Finding(
            institution=self.institution,
            state=self.ask.state,
            records=self.ask.records,
            reason=self.ask.reason,
            late=self.has_replied_late,
        )


@dataclass(slots=True, eq=False)
class Inquiry:
    id: int
    court: str
    order_id: str
    entry: institution.Entry  # without kind and institutions
    admitted_ns: int
    deadline_ns: int
    due_ns: int
    size_bytes: int
    queries: list[Query] = field(default_factory=list)
    revision: int = 0
    is_final: bool = False
    has_news: bool = False  # something since the last answer that is worth another
    answered_ns: int = 0  # of the last answer; admission before the first

    def is_open(self) -> bool:
        return any(query.state == OPEN for query in self.queries)

    def is_released(self) -> bool:
        """Final, and nothing can come any more."""
        if not self.is_final or self.has_news:
            return False
        return not any(q.state == LATE and q.ask is not None and q.ask.state == OPEN for q in self.queries)

    def coverage(self) -> gateway.Coverage:
        states = [query.state for query in self.queries]
        coverage = gateway.Coverage(
            total=len(states),
            open=states.count(OPEN),
            found=states.count(FOUND),
            none=states.count(NONE),
            ambiguous=states.count(AMBIGUOUS),
            refused=states.count(REFUSED),
            incapable=states.count(INCAPABLE),
            late=states.count(LATE),
            unreachable=states.count(UNREACHABLE),
            cancelled=states.count(CANCELLED),
            joined=sum(query.is_joined for query in self.queries),
            late_answered=sum(query.has_replied_late for query in self.queries),
        )
        for state in MISSING if self.is_final else ():
            missing = [q.institution for q in self.queries if q.state == state and not q.has_replied_late]
            if missing:
                coverage.missing.add(state=state, institutions=sorted(missing))
        return coverage

    def answer(self, stage: gateway.Stage.ValueType, now_ns: int) -> gateway.Answer:
        """The next revision."""
        self.revision += 1
        self.has_news = False
        self.answered_ns = now_ns
        findings = [query.finding() for query in self.queries]
        return gateway.Answer(
            inquiry_id=self.id,
            order_id=self.order_id,
            case_number=self.entry.mandate.case_number,
            stage=stage,
            revision=self.revision,
            coverage=self.coverage(),
            findings=[finding for finding in findings if finding is not None],
            admitted_ns=self.admitted_ns,
            answered_ns=now_ns,
            asked_ns=min([self.admitted_ns, *(q.ask.asked_ns for q in self.queries if q.ask is not None)]),
        )


@dataclass(slots=True, eq=False)
class Entry:
    """What one inquiry has for one endpoint: questions (ASK) or further mandates (NOTE)."""

    inquiry: Inquiry
    kind: institution.Kind.ValueType
    due_ns: int
    ready_ns: int = 0
    is_again: bool = False
    was_sent: bool = False
    asks: dict[int, Ask] = field(default_factory=dict)  # by institution; with ASK
    notes: list[int] = field(default_factory=list)  # institutions; with NOTE

    def is_wanted(self) -> bool:
        """Somebody waits for an answer, or a mandate is still to be booked."""
        return bool(self.notes) or any(ask.is_wanted() for ask in self.asks.values())

    def message(self) -> institution.Entry:
        message = institution.Entry(kind=self.kind, institutions=sorted([*self.asks, *self.notes]))
        message.MergeFrom(self.inquiry.entry)
        return message
