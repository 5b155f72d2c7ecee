"""Rounds are read in full: what is right adds up, and each thing that is wrong is told."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmarks.bench.answered import SEED, Checker, Wanted
from benchmarks.bench.result import WrongAnswerError
from benchmarks.bench.streams import Round
from benchmarks.subjects import subject
from chakong.gateway.v1.gateway_pb2 import (
    STAGE_FINAL,
    STAGE_PARTIAL,
    Answer,
    Coverage,
    Finding,
    Missing,
    SubmitBulkResponse,
    Verdict,
    WatchResponse,
)
from chakong.type.v1.type_pb2 import (
    END_STATE_AMBIGUOUS,
    END_STATE_FOUND,
    END_STATE_INCAPABLE,
    END_STATE_LATE,
    END_STATE_UNREACHABLE,
    EndState,
    Record,
)
from simulator.layout import INQUIRE, Layout
from simulator.truth import Subject, Truth

LAYOUT = Layout.load()
ABLE = frozenset(one.index for one in LAYOUT.institutions if INQUIRE in one.can)
UNABLE = sorted(set(range(len(LAYOUT.institutions))) - ABLE)
COUNT = 3
FIRST = 10
CHECKER = Checker()


def answer(order: int) -> Answer:
    """As the gateway must give it on a calm day."""
    person = subject(order)
    truth = Truth(SEED, LAYOUT).found(Subject(person.id_type, person.id_number, person.name))
    findings = []
    for index, found in sorted(truth.items()):
        if index in ABLE:
            records = [
                Record(**{name: getattr(one, name) for name in one.__slots__}) for one in found.records
            ]
            findings.append(_finding(index, found.state, records))
    found_count = sum(one.state == END_STATE_FOUND for one in findings)
    coverage = Coverage(
        total=len(LAYOUT.institutions),
        found=found_count,
        ambiguous=len(findings) - found_count,
        none=len(ABLE) - len(findings),
        incapable=len(UNABLE),
        missing=[Missing(state=END_STATE_INCAPABLE, institutions=UNABLE)],
    )
    return Answer(
        inquiry_id=order + 1,
        order_id=f"b-{order:010}",
        stage=STAGE_FINAL,
        revision=2,
        coverage=coverage,
        findings=findings,
    )


def _finding(index: int, state: int, records: list[Record]) -> Finding:
    if state == END_STATE_FOUND:
        return Finding(institution=index, state=END_STATE_FOUND, records=records)
    return Finding(institution=index, state=END_STATE_AMBIGUOUS)


def right() -> list[Answer]:
    return [answer(order) for order in range(FIRST, FIRST + COUNT)]


def came(answers: list[Answer], **changed: object) -> Round:
    response = SubmitBulkResponse(accepted=COUNT)
    for name, value in changed.items():
        if isinstance(value, int):
            setattr(response, name, value)
    message = WatchResponse(answers=answers).SerializeToString()
    return Round(1.0, (100,), (response.SerializeToString(),), (message,))


def test_right_round_is_summed_up() -> None:
    answered = CHECKER.check(came(right()), Wanted(FIRST, COUNT))
    assert answered.query_count == COUNT * len(LAYOUT.institutions)
    assert answered.record_count >= answered.found_count > 0
    assert answered.answer_count == COUNT


def test_partial_answer_before_the_final_one_is_no_second() -> None:
    first = answer(FIRST)
    partial = Answer()
    partial.CopyFrom(first)
    partial.stage, partial.revision = STAGE_PARTIAL, 1
    partial.coverage.none -= 5
    partial.coverage.open += 5
    assert CHECKER.check(came([partial, *right()]), Wanted(FIRST, COUNT)).answer_count == COUNT + 1


def lost(answers: list[Answer]) -> None:
    del answers[-1]


def twice(answers: list[Answer]) -> None:
    answers.append(answers[0])


def foreign(answers: list[Answer]) -> None:
    answers[0].order_id = "b-0000099999"


def does_not_add_up(answers: list[Answer]) -> None:
    answers[0].coverage.none -= 1


def smaller(answers: list[Answer]) -> None:
    answers[0].coverage.none -= 1
    answers[0].coverage.total -= 1


def joined(answers: list[Answer]) -> None:
    answers[0].coverage.joined = 1


def made_up(answers: list[Answer]) -> None:
    found = next(one for one in answers[0].findings if one.records)
    found.records[0].amount_fen += 1


def concealed(answers: list[Answer]) -> None:
    at = next(at for at, one in enumerate(answers[0].findings) if one.state == END_STATE_FOUND)
    del answers[0].findings[at]
    answers[0].coverage.found -= 1
    answers[0].coverage.none += 1


@pytest.mark.parametrize(
    "spoil", [lost, twice, foreign, does_not_add_up, smaller, joined, made_up, concealed]
)
def test_wrong_answer_is_told(spoil: Callable[[list[Answer]], None]) -> None:
    answers = right()
    spoil(answers)
    with pytest.raises(WrongAnswerError):
        CHECKER.check(came(answers), Wanted(FIRST, COUNT))


@pytest.mark.parametrize("changed", [{"accepted": COUNT - 1}, {"repeated": 1}, {"refused": 1}], ids=str)
def test_wrong_acknowledgement_is_told(changed: dict[str, int]) -> None:
    with pytest.raises(WrongAnswerError):
        CHECKER.check(came(right(), **changed), Wanted(FIRST, COUNT))


def test_refused_message_is_told() -> None:
    refused = SubmitBulkResponse(verdicts=[Verdict(index=0)])
    refused.error.code = 8
    whole = replace(came(right()), acknowledgements=(refused.SerializeToString(),))
    with pytest.raises(WrongAnswerError, match="status of a message: 8"):
        CHECKER.check(whole, Wanted(FIRST, COUNT))


def mute_answer(state: EndState.ValueType) -> Answer:
    """Whoever has nothing and is first of them is silent instead."""
    silent = answer(FIRST)
    silent.coverage.none -= 1
    silent.coverage.late += state == END_STATE_LATE
    silent.coverage.unreachable += state == END_STATE_UNREACHABLE
    silent.coverage.missing.append(Missing(state=state, institutions=[mute_index()]))
    return silent


def mute_index() -> int:
    found = {one.institution for order in range(FIRST, FIRST + COUNT) for one in answer(order).findings}
    return min(ABLE - found)


def test_the_mute_must_be_missing_in_a_state_that_fits() -> None:
    checker = Checker({mute_index(): (END_STATE_LATE,)})
    accepted = SubmitBulkResponse(accepted=1).SerializeToString()

    def round_of(one: Answer) -> Round:
        return Round(1.0, (100,), (accepted,), (WatchResponse(answers=[one]).SerializeToString(),))

    assert checker.check(round_of(mute_answer(END_STATE_LATE)), Wanted(FIRST, 1)).answer_count == 1
    with pytest.raises(WrongAnswerError, match="another state"):
        checker.check(round_of(mute_answer(END_STATE_UNREACHABLE)), Wanted(FIRST, 1))
    with pytest.raises(WrongAnswerError, match="not mute"):
        checker.check(round_of(answer(FIRST)), Wanted(FIRST, 1))
    with pytest.raises(WrongAnswerError, match="not mute"):
        CHECKER.check(round_of(mute_answer(END_STATE_LATE)), Wanted(FIRST, 1))


def test_inquiry_at_one_institution_is_one_query() -> None:
    whole = answer(FIRST)
    asked = next(one.institution for one in whole.findings if one.state == END_STATE_FOUND)
    findings = [one for one in whole.findings if one.institution == asked]
    del whole.findings[:]
    whole.findings.extend(findings)
    whole.coverage.CopyFrom(Coverage(total=1, found=1))
    accepted = SubmitBulkResponse(accepted=1).SerializeToString()
    one = Round(1.0, (100,), (accepted,), (WatchResponse(answers=[whole]).SerializeToString(),))
    assert CHECKER.check(one, Wanted(FIRST, 1, (asked,))).query_count == 1
    with pytest.raises(WrongAnswerError, match="coverage"):
        CHECKER.check(one, Wanted(FIRST, 1, (UNABLE[0],)))
