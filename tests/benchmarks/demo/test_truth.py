"""Comparison with the truth: right answers pass, and each kind of wrong one is named."""

from collections import Counter
from dataclasses import asdict, replace

import pytest

from benchmarks.demo.concern import Concern
from benchmarks.demo.truth import Comparison, found_for
from benchmarks.sample import load_sample
from chakong.gateway.v1.gateway_pb2 import Answer, Coverage, Finding, Missing
from chakong.type.v1 import type_pb2
from chakong.type.v1.type_pb2 import (
    END_STATE_AMBIGUOUS,
    END_STATE_FOUND,
    END_STATE_LATE,
    END_STATE_REFUSED,
    END_STATE_UNREACHABLE,
    EndState,
)
from runtime.data import institutions
from simulator.layout import Layout
from simulator.truth import Found, Record, Truth

CAR = Record(13, "A 1", "car", 0, "", "1", "n", "")
ACCOUNT = Record(1, "62", "personal", 500, "CNY", "1", "n", "")
TRUTH = {3: Found(END_STATE_FOUND, (ACCOUNT, CAR)), 5: Found(END_STATE_AMBIGUOUS, (ACCOUNT,))}


def finding(institution: int, state: EndState.ValueType, *records: Record, late: bool = False) -> Finding:
    told = [type_pb2.Record(**asdict(record)) for record in records]
    return Finding(institution=institution, state=state, records=told, late=late)


def answer(*findings: Finding, missing: Missing | None = None) -> Answer:
    return Answer(coverage=Coverage(total=9, missing=[missing] if missing else []), findings=findings)


FOUND_RIGHT = finding(3, END_STATE_FOUND, CAR, ACCOUNT)
AMBIGUOUS_RIGHT = finding(5, END_STATE_AMBIGUOUS)


def compared(came: Answer) -> Comparison:
    comparison = Comparison()
    comparison.compare(came, TRUTH)
    return comparison


def test_right_answer_passes_and_counts_its_queries_and_records() -> None:
    comparison = compared(answer(FOUND_RIGHT, AMBIGUOUS_RIGHT))
    assert +comparison.faults == Counter()
    assert (comparison.query_count, comparison.record_count) == (9, 2)


def test_who_did_not_answer_may_keep_what_there_is() -> None:
    missing = Missing(state=END_STATE_UNREACHABLE, institutions=[3, 7])
    comparison = compared(answer(AMBIGUOUS_RIGHT, missing=missing))
    assert +comparison.faults == Counter()
    assert comparison.query_count == 7


def test_refusal_is_no_contradiction() -> None:
    missing = Missing(state=END_STATE_REFUSED, institutions=[3])
    refusal = finding(3, END_STATE_REFUSED)
    assert +compared(answer(refusal, AMBIGUOUS_RIGHT, missing=missing)).faults == Counter()


@pytest.mark.parametrize(
    ("fault", "came"),
    [
        ("none_but_there_is_something", answer(FOUND_RIGHT)),
        (
            "found_where_there_is_nothing",
            answer(FOUND_RIGHT, AMBIGUOUS_RIGHT, finding(4, END_STATE_FOUND, CAR)),
        ),
        ("state_contradicts_truth", answer(FOUND_RIGHT, finding(5, END_STATE_FOUND, ACCOUNT))),
        ("record_missing", answer(finding(3, END_STATE_FOUND, CAR), AMBIGUOUS_RIGHT)),
        ("record_not_there", answer(finding(3, END_STATE_FOUND, CAR, CAR, ACCOUNT), AMBIGUOUS_RIGHT)),
        (
            "record_not_there",
            answer(finding(3, END_STATE_FOUND, CAR, replace(ACCOUNT, amount_fen=501)), AMBIGUOUS_RIGHT),
        ),
        ("ambiguous_with_records", answer(FOUND_RIGHT, finding(5, END_STATE_AMBIGUOUS, ACCOUNT))),
        ("institution_named_twice", answer(FOUND_RIGHT, FOUND_RIGHT, AMBIGUOUS_RIGHT)),
        (
            "answered_and_missing",
            answer(FOUND_RIGHT, AMBIGUOUS_RIGHT, missing=Missing(state=END_STATE_LATE, institutions=[3])),
        ),
    ],
)
def test_wrong_answer_is_named(fault: str, came: Answer) -> None:
    assert compared(came).faults[fault] == 1


def test_truth_is_asked_only_about_the_concerned() -> None:
    truth, concern = Truth(1, Layout.load()), Concern(institutions())
    lines = [line.inquiry for line in load_sample()[0].inquiries if line.expect == "ok"][:200]
    found = [found_for(truth, inquiry, concern.institutions(inquiry)) for inquiry in lines]
    assert sum(len(one) for one in found) > 200
    for inquiry, one in zip(lines, found, strict=True):
        concerned = concern.institutions(inquiry)
        assert all(concerned[institution] for institution in one)
        for there in one.values():
            assert not inquiry.items or {record.item for record in there.records} <= set(inquiry.items)
