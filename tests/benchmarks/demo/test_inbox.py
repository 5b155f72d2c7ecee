"""The inbox: what it keeps, and every broken promise of an answer by name."""

from collections import Counter

import pytest

from benchmarks.demo.inbox import Inbox
from chakong.gateway.v1.gateway_pb2 import (
    STAGE_FINAL,
    STAGE_LATE,
    STAGE_PARTIAL,
    Answer,
    Coverage,
    Finding,
    Missing,
    Stage,
)
from chakong.type.v1.type_pb2 import END_STATE_FOUND, END_STATE_LATE, Record

MS = 1_000_000


def answer(stage: Stage.ValueType, revision: int, coverage: Coverage, *findings: Finding) -> Answer:
    return Answer(
        inquiry_id=7, order_id="a", stage=stage, revision=revision, coverage=coverage, findings=findings
    )


def partial(revision: int = 1) -> Answer:
    return answer(STAGE_PARTIAL, revision, Coverage(total=5, open=3, found=1, none=1), found(3))


def final(revision: int = 2) -> Answer:
    missing = [Missing(state=END_STATE_LATE, institutions=[8, 9])]
    return answer(
        STAGE_FINAL, revision, Coverage(total=5, found=1, none=2, late=2, missing=missing), found(3)
    )


def late(revision: int = 3) -> Answer:
    missing = [Missing(state=END_STATE_LATE, institutions=[9])]
    coverage = Coverage(total=5, found=1, none=2, late=2, late_answered=1, missing=missing)
    return answer(STAGE_LATE, revision, coverage, found(3), found(8, is_late=True))


def found(institution: int, *, is_late: bool = False) -> Finding:
    return Finding(institution=institution, state=END_STATE_FOUND, records=[Record(item=1)], late=is_late)


def inbox_with(*answers: Answer) -> Inbox:
    inbox = Inbox("X1")
    inbox.sent(["a"], 100 * MS)
    inbox.accepted([("a", 7)])
    for place, answer in enumerate(answers):
        inbox.take(answer, (200 + place) * MS)
    inbox.finish()
    return inbox


def test_right_course_of_answers_has_no_fault() -> None:
    inbox = inbox_with(partial(), final(), late())
    assert inbox.faults == Counter()
    assert inbox.is_done()
    assert (inbox.final_count(), inbox.missing_final_count()) == (1, 0)
    assert inbox.finals[7].late == 2
    assert inbox.answers[7].stage == STAGE_LATE
    assert (inbox.record_count(), inbox.queries_ended) == (2, 5)
    assert inbox.latencies_ms() == [101.0]


def test_answers_may_overtake_the_acknowledgement() -> None:
    inbox = Inbox("X1")
    inbox.sent(["a"], 0)
    inbox.take(final(revision=1), 5 * MS)
    assert inbox.is_done()  # nothing is accepted yet
    inbox.accepted([("a", 7), ("b", 8)])
    assert not inbox.is_done()
    assert inbox.missing_final_count() == 1
    assert inbox.latencies_ms() == [5.0]


def with_coverage(answer: Answer, coverage: Coverage) -> Answer:
    answer.coverage.CopyFrom(coverage)
    return answer


def foreign(answer: Answer) -> Answer:
    answer.inquiry_id = 99
    return answer


def other_order(answer: Answer) -> Answer:
    answer.order_id = "b"
    return answer


@pytest.mark.parametrize(
    ("fault", "answers"),
    [
        ("second_final", [final(), final(3)]),
        ("partial_after_final", [final(), partial(3)]),
        ("late_before_final", [late()]),
        ("revision_did_not_rise", [partial(2), final(2)]),
        ("revision_below_1", [final(0)]),
        ("stage_unknown", [Answer(inquiry_id=7, order_id="a", revision=1)]),
        ("findings_lost", [late(2), final(3)]),
        ("total_changed", [partial(), with_coverage(final(), Coverage(total=3, none=3))]),
        ("counts_changed_after_final", [final(), with_coverage(late(), Coverage(total=5, none=5))]),
        ("coverage_does_not_add_up", [with_coverage(partial(), Coverage(total=5, open=3, none=1))]),
        ("open_after_final", [with_coverage(final(), Coverage(total=5, open=1, none=4))]),
        ("missing_differs_from_counts", [with_coverage(final(), Coverage(total=5, none=3, late=2))]),
        ("answer_to_unknown_inquiry", [foreign(final())]),
        ("answer_names_other_order", [other_order(final())]),
    ],
)
def test_broken_promise_is_counted_by_name(fault: str, answers: list[Answer]) -> None:
    assert inbox_with(*answers).faults[fault] == 1


def test_inquiry_id_given_twice_is_a_fault() -> None:
    inbox = Inbox("X1")
    inbox.accepted([("a", 7), ("b", 7)])
    assert inbox.faults["inquiry_id_given_twice"] == 1
