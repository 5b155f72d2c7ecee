"""Answered: whether a round brought what it had to: every inquiry accepted, and answered FINAL once.

Read after the clock has stopped, every answer in full; a sample is compared with what the simulated
institutions really have. Pure.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from benchmarks.bench.result import WrongAnswerError, expect
from benchmarks.bench.streams import Round
from benchmarks.demo.inbox import Inbox
from benchmarks.demo.truth import Comparison
from benchmarks.subjects import subject
from chakong.gateway.v1.gateway_pb2 import (
    STAGE_FINAL,
    Answer,
    Coverage,
    SubmitBulkResponse,
    WatchResponse,
)
from chakong.type.v1.type_pb2 import END_STATE_INCAPABLE
from simulator.layout import INQUIRE, Layout
from simulator.truth import Found, Subject, Truth

# Of a round's answers, those whose content is compared; evenly chosen.
SAMPLE_COUNT = 100
SEED = 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """Order numbers `first_order` and up, each about the subject of that number. `institutions`: for an order
    number, the one institution that it is put to; empty: everybody."""

    first_order: int
    count: int
    institutions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """Sums over the final answers."""

    query_count: int
    found_count: int
    record_count: int
    answer_count: int


# In the place of an end state: it is not missing.
ANSWERED = 0
# Institution -> the states that a query there may end in.
Mute = Mapping[int, tuple[int, ...]]
NOBODY: Final[Mute] = MappingProxyType({})


class Checker:
    """Knows the population of a calm day. `mute`: who never answers; everybody else must."""

    def __init__(self, mute: Mute = NOBODY) -> None:
        layout = Layout.load()
        self._truth = Truth(SEED, layout)
        self._institutions = len(layout.institutions)
        self._able = frozenset(one.index for one in layout.institutions if INQUIRE in one.can)
        self._mute = {index: states for index, states in mute.items() if index in self._able}

    def check(self, came: Round, wanted: Wanted) -> Answered:
        """WrongAnswerError for the first that is not as it must be."""
        _expect_accepted(came.acknowledgements, wanted.count)
        return self.check_answers(came.answers, wanted)

    def check_answers(self, messages: Sequence[bytes], wanted: Wanted) -> Answered:
        """The same of what a watch brought, when acknowledgements were looked at elsewhere."""
        inbox = Inbox("")
        orders = range(wanted.first_order, wanted.first_order + wanted.count)
        finals: dict[int, Answer] = {}
        for answer in _answers(messages):
            inbox.take(answer, 0)
            if answer.stage == STAGE_FINAL:
                finals[order_number(answer)] = answer
        expect("broken promises of answers", dict(+inbox.faults), {})
        expect("inquiries with a final answer", inbox.final_count(), wanted.count)
        expect("orders answered that were not sent", len(finals.keys() - set(orders)), 0)
        expect("orders answered", len(finals), wanted.count)
        return self._sums(finals, wanted, inbox.answer_count)

    def _sums(self, finals: dict[int, Answer], wanted: Wanted, answer_count: int) -> Answered:
        step = max(1, wanted.count // SAMPLE_COUNT)
        comparison = Comparison()
        query_count = found_count = record_count = 0
        for order, answer in finals.items():
            coverage = answer.coverage
            asked = wanted.institutions[order % len(wanted.institutions)] if wanted.institutions else None
            total = self._institutions if asked is None else 1
            able = len(self._able) if asked is None else int(asked in self._able)
            mute = self._expect_mute(coverage, asked)
            ended = coverage.found + coverage.none + coverage.ambiguous
            if (coverage.total, coverage.incapable, ended) != (total, total - able, able - mute):
                raise WrongAnswerError(
                    f"coverage: {coverage.total} concerned, {ended} answered, "
                    f"{total} and {able - mute} expected"
                )
            expect("queries joined", coverage.joined, 0)
            query_count += total
            found_count += coverage.found
            record_count += sum(len(finding.records) for finding in answer.findings)
            if order % step == 0:
                comparison.compare(answer, self._found(order, asked))
        expect("contradictions of the truth", dict(+comparison.faults), {})
        return Answered(query_count, found_count, record_count, answer_count)

    def _expect_mute(self, coverage: Coverage, asked: int | None) -> int:
        """How many of those concerned never answer; exactly these are missing, in a state that fits."""
        came = {
            index: missing.state
            for missing in coverage.missing
            if missing.state != END_STATE_INCAPABLE
            for index in missing.institutions
        }
        mute = self._mute.keys() if asked is None else self._mute.keys() & {asked}
        odd = Counter(came.get(index, ANSWERED) for index in came.keys() ^ mute)
        expect("who is missing though not mute, or mute but answered (0), by end state", dict(odd), {})
        unfit = sum(state not in self._mute[index] for index, state in came.items())
        expect("mute institutions in another state", unfit, 0)
        return len(mute)

    def _found(self, order: int, asked: int | None) -> dict[int, Found]:
        person = subject(order)
        found = self._truth.found(Subject(person.id_type, person.id_number, person.name))
        return {index: one for index, one in found.items() if index in self._able and asked in (None, index)}


def order_number(answer: Answer) -> int:
    """Of the order that is answered, as benchmarks.bench.messages numbers them."""
    return int(answer.order_id.removeprefix("b-"))


def _expect_accepted(acknowledgements: tuple[bytes, ...], count: int) -> None:
    accepted = 0
    for message in acknowledgements:
        response = SubmitBulkResponse.FromString(message)
        expect("status of a message", response.error.code, 0)
        expect("inquiries repeated or refused", (response.repeated, response.refused), (0, 0))
        accepted += response.accepted
    expect("inquiries accepted", accepted, count)


def _answers(messages: Sequence[bytes]) -> Iterator[Answer]:
    for message in messages:
        yield from WatchResponse.FromString(message).answers
