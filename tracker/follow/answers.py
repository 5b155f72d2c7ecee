"""Answers: what an answer to an inquiry means for its case, as events of the closed list.

Pure. The same answer makes the same events, under the same ids. Nothing found is said only of a full inquiry
all of whose queries ended NONE or INCAPABLE; where there are several debtors, once the latest about each of
them ended so. In all other cases of no property, and where nobody told who the debtors are, or whom of them
an inquiry was about, an officer decides.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from chakong.gateway.v1.gateway_pb2 import REACH_ALL, STAGE_FINAL, STAGE_LATE, Answer, Coverage, InquiryView
from chakong.tracker.v1.case_pb2 import Detail, EndCount, Event
from chakong.type.v1.type_pb2 import END_STATE_FOUND, Record
from runtime.calendar import date_of
from tracker.follow.asked import Asked, Rounds
from tracker.follow.names import YUAN, is_own, own_subject, property_thing, subject_key

ITEMS: Final = frozenset(range(1, 26))
DEPOSIT: Final = "deposit"
STATES: Final = ("found", "none", "ambiguous", "refused", "incapable", "late", "unreachable", "cancelled")
ENDED: Final = frozenset({STAGE_FINAL, STAGE_LATE})
# Each is an event, and judged on top of those before it: of more, those worth most are recorded.
PROPERTIES_MAX: Final = 200
FEN_MAX: Final = 1 << 50


class Question(NamedTuple):
    """What an inquiry asked. `items` None: not known; empty: all. `about`: the key of its subject; empty: not
    known."""

    is_everybody: bool
    items: tuple[int, ...] | None
    about: bytes = b""

    @property
    def is_full(self) -> bool:
        """Every institution was asked, for everything."""
        return self.is_everybody and self.items is not None and (not self.items or set(self.items) >= ITEMS)

    @property
    def codes(self) -> tuple[int, ...]:
        """The items one by one; none where they are not known."""
        return tuple(sorted(ITEMS)) if self.items == () else tuple(sorted(self.items or ()))


OWN_QUESTION: Final = Question(is_everybody=True, items=())
UNKNOWN_QUESTION: Final = Question(is_everybody=False, items=None)


@dataclass(frozen=True, slots=True)
class Known:
    """What the meaning of an answer depends on, of its case.

    `ended_on`: since when enforcement is ended for now, 0: it is not. `found_fen`: properties that were found
    and are not let go of since, with the most that was in them. `measured`: since when a property is under a
    measure. `rounds`: inquiries that have ended; `subjects`: keys of the debtors.
    """

    subject_count: int = 0
    ended_on: int = 0
    found_fen: dict[str, int] = field(default_factory=dict)
    measured: dict[str, int] = field(default_factory=dict)
    rounds: Rounds = field(default_factory=Rounds)
    subjects: tuple[bytes, ...] = ()

    def is_new(self, thing: str, on: int) -> bool:
        """Whether a property found on this day was not known: neither found nor held before."""
        return thing not in self.found_fen and self.measured.get(thing, on) >= on

    def is_more(self, thing: str, on: int, amount_fen: int) -> bool:
        """Whether it was not known, or has more in it than was known."""
        return self.is_new(thing, on) or amount_fen > self.found_fen.get(thing, 0)

    def subject_of(self, order_id: str, question: Question) -> int | None:
        """Which of the subjects an inquiry was about; None: nobody knows, or it was none of them."""
        if (own := own_subject(order_id)) is not None:
            return own
        if question.about:
            return self.subjects.index(question.about) if question.about in self.subjects else None
        return 0 if self.subject_count == 1 else None

    def is_stranger(self, question: Question) -> bool:
        """Whether an inquiry was about somebody else than the debtors that were told."""
        return bool(question.about and self.subjects) and question.about not in self.subjects


class Read(NamedTuple):
    """The events of an answer; what was found, and how many properties are in none of them; what it says of a
    subject."""

    events: list[Event]
    found_fen: dict[str, int]
    left_out_count: int
    asked: Asked | None = None


def question_of(view: InquiryView) -> Question:
    """What an inquiry asked, as the gateway tells it."""
    items = tuple(view.asked.items) if view.HasField("asked") else None
    about = subject_key(view.subject) if view.HasField("subject") else b""
    return Question(view.scope.reach == REACH_ALL, items, about)


def read_answer(
    answer: Answer, question: Question, known: Known, terms: Mapping[int, str], today: int
) -> Read:
    """The events of an answer, in the order in which one follows from the other. `terms`: by item, the kind
    of property of terms.toml; items without one are no property that can be controlled."""
    begun = min(date_of(answer.admitted_ns), today)
    on = min(date_of(answer.answered_ns), today)
    number = answer.inquiry_id
    if known.is_stranger(question):
        question = question._replace(is_everybody=False)
    subject = known.subject_of(answer.order_id, question)
    events = [online_inquiry(number, answer.order_id, answer.case_number, begun)]
    if answer.stage in ENDED:
        ended = _event(answer, f"inquiry-{number}-ended", "online_inquiry", begun)
        ended.detail.CopyFrom(_outcome(answer, question))
        if subject is not None and (question.about or is_own(answer.order_id)):
            ended.detail.subject = subject + 1
        events.append(ended)
    found = _properties(answer, terms)
    kept = sorted(found, key=lambda thing: found[thing].amount_fen, reverse=True)[:PROPERTIES_MAX]
    if known.ended_on and on >= known.ended_on:
        # Before the property becomes known by its other event: of two messages the second may be lost.
        more = [thing for thing in kept if known.is_more(thing, on, found[thing].amount_fen)]
        events += _found(
            answer, "after", "property_found_after_suspension", on, {one: found[one] for one in more}
        )
    news = {thing: found[thing] for thing in kept if known.is_new(thing, on)}
    events += _found(answer, "found", "property_found", on, news)
    if kept:
        event = _event(answer, f"with-{number}", "with_property", on)
        event.detail.inquiry = str(number)
        events.append(event)
    asked = _asked(answer, question, subject, begun)
    if asked is not None and known.rounds.are_over_with(asked, known.subject_count):
        events += _without(answer, question, on)
    amounts_fen = {thing: found[thing].amount_fen for thing in kept}
    return Read(events, amounts_fen, len(found) - len(kept), asked)


def online_inquiry(inquiry_id: int, order_id: str, case_number: str, on: int) -> Event:
    """An inquiry was started."""
    detail = Detail(inquiry=str(inquiry_id))
    return Event(
        event_id=f"inquiry-{inquiry_id}",
        case_number=case_number,
        kind="online_inquiry",
        effective=on,
        basis=order_id,
        detail=detail,
    )


def without_persons(answer: Answer) -> Answer:
    """A copy with no name and number of anybody in it."""
    copy = Answer()
    copy.CopyFrom(answer)
    for finding in copy.findings:
        finding.ClearField("reason")
        for record in finding.records:
            for name in ("holder_number", "holder_name", "description"):
                record.ClearField(name)
    return copy


def _properties(answer: Answer, terms: Mapping[int, str]) -> dict[str, Detail]:
    """By its name, every property found that can be controlled; an account with nothing in it is none."""
    found: dict[str, Detail] = {}
    for finding in answer.findings:
        if finding.state != END_STATE_FOUND:
            continue
        for record in finding.records:
            kind = terms.get(record.item, "")
            amount_fen = _fen(record)
            if not kind or (kind == DEPOSIT and record.amount_fen <= 0):
                continue
            thing = property_thing(finding.institution, record.item, record.locator, record.currency)
            found[thing] = Detail(property=kind, amount_fen=amount_fen, inquiry=str(answer.inquiry_id))
    return found


def _found(answer: Answer, name: str, kind: str, on: int, found: Mapping[str, Detail]) -> Iterator[Event]:
    for thing, detail in found.items():
        event = _event(answer, f"{name}-{answer.inquiry_id}-{thing}", kind, on, thing)
        event.detail.CopyFrom(detail)
        yield event


def _asked(answer: Answer, question: Question, subject: int | None, begun: int) -> Asked | None:
    """What an inquiry that has ended says of a subject; None: nothing."""
    if subject is None or answer.stage not in ENDED or not (question.is_full or answer.coverage.found):
        return None
    return Asked(subject, str(answer.inquiry_id), begun, _is_nothing_there(answer, question))


def _without(answer: Answer, question: Question, on: int) -> Iterator[Event]:
    for name, kind in (("none", "no_property_found"), ("without", "without_property")):
        event = _event(answer, f"{name}-{answer.inquiry_id}", kind, on)
        event.detail.CopyFrom(_outcome(answer, question))
        yield event


def _fen(record: Record) -> int:
    """Yuan alone are an amount."""
    return min(max(record.amount_fen, 0), FEN_MAX) if record.currency in ("", YUAN) else 0


def _is_nothing_there(answer: Answer, question: Question) -> bool:
    coverage = answer.coverage
    if answer.stage not in ENDED or not question.is_full or coverage.open or not coverage.total:
        return False
    return coverage.total == coverage.none + coverage.incapable


def _outcome(answer: Answer, question: Question) -> Detail:
    return Detail(
        inquiry=str(answer.inquiry_id),
        is_full=question.is_full,
        items=question.codes,
        ended=_ended(answer.coverage),
    )


def _ended(coverage: Coverage) -> list[EndCount]:
    counts = ((state, getattr(coverage, state)) for state in STATES)
    return [EndCount(state=state.upper(), count=count) for state, count in counts if count]


def _event(answer: Answer, event_id: str, kind: str, on: int, thing: str = "") -> Event:
    return Event(
        event_id=event_id,
        case_number=answer.case_number,
        kind=kind,
        effective=on,
        thing=thing,
        basis=answer.order_id,
    )
