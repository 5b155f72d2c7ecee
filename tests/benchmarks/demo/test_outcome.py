"""The outcome of an exchange: figures, and every kind of wrong answer noticed."""

from collections.abc import Callable
from dataclasses import asdict

import pytest

from benchmarks.demo.concern import Concern
from benchmarks.demo.exchange import Exchange
from benchmarks.demo.holding import Held
from benchmarks.demo.listing import Listed
from benchmarks.demo.measure import Measured
from benchmarks.demo.outcome import After, Outcome, make_outcome
from benchmarks.demo.tracking import Tracked
from benchmarks.demo.truth import found_for
from benchmarks.sample import CourtSample, SampleInquiry
from benchmarks.scrape import Scrape
from benchmarks.subjects import load_inquiry
from chakong.gateway.v1.gateway_pb2 import (
    REACH_ALL,
    STAGE_FINAL,
    Answer,
    Coverage,
    Finding,
    Missing,
    Scope,
    SubmitBulkResponse,
)
from chakong.type.v1 import type_pb2
from chakong.type.v1.type_pb2 import END_STATE_FOUND, END_STATE_INCAPABLE, EndState
from runtime.data import institutions
from simulator.layout import Layout
from simulator.truth import Truth
from tests.benchmarks.demo import made as made_up

SEED = 1
MS = 1_000_000
METRICS = """\
# TYPE chakong_queries_on_wire_total counter
chakong_queries_on_wire_total 3904.0
# TYPE chakong_batches_total counter
chakong_batches_total{endpoint_class="unit"} 360.0
# TYPE chakong_batch_entries histogram
chakong_batch_entries_bucket{le="1.0"} 0.0
chakong_batch_entries_bucket{le="2.0"} 360.0
chakong_batch_entries_bucket{le="+Inf"} 360.0
"""
HELD = Held(made_up.holds(), made_up.hold_figures(), {"a_fault": 1}, {"gateway": 9, "simulator": 2})
TRACKED = Tracked(made_up.report().tracker, {"another_fault": 2}, 3.0)
LISTED = Listed(made_up.report().blacklist, {"third_fault": 3}, 4.0)
CONCERN = Concern(institutions())
TRUTH = Truth(SEED, Layout.load())
INCAPABLE = [row["index"] for row in institutions() if "INQUIRE" not in row["can"]]


def right_answer(number: int) -> Answer:
    inquiry = load_inquiry("X1", "a", number)
    inquiry.scope.CopyFrom(Scope(reach=REACH_ALL))
    found = found_for(TRUTH, inquiry, CONCERN.institutions(inquiry))
    findings = [
        Finding(
            institution=index,
            state=EndState.ValueType(one.state),
            records=[type_pb2.Record(**asdict(record)) for record in one.records]
            if one.state == END_STATE_FOUND
            else [],
        )
        for index, one in found.items()
        if index not in INCAPABLE
    ]
    count = sum(finding.state == END_STATE_FOUND for finding in findings)
    return Answer(
        inquiry_id=1,
        order_id="a",
        case_number=inquiry.mandate.case_number,
        stage=STAGE_FINAL,
        revision=1,
        findings=findings,
        coverage=Coverage(
            total=3_916,
            found=count,
            ambiguous=len(findings) - count,
            none=3_904 - len(findings),
            incapable=12,
            missing=[Missing(state=END_STATE_INCAPABLE, institutions=INCAPABLE)],
        ),
    )


def rich_number() -> int:
    """A subject that has something at a bank that can be asked."""
    return next(number for number in range(1_000) if right_answer(number).coverage.found)


def outcome(change: Callable[[Answer], object] = lambda answer: None) -> Outcome:
    number = rich_number()
    inquiry = load_inquiry("X1", "a", number)
    inquiry.scope.CopyFrom(Scope(reach=REACH_ALL))
    exchange = Exchange([CourtSample("X1", (SampleInquiry(inquiry, "ok"),))])
    exchange.started_ns, exchange.last_final_ns = 100 * MS, 350 * MS
    inbox = exchange.inboxes["X1"]
    inbox.sent(["a"], 150 * MS)
    response = SubmitBulkResponse(accepted=1, first_inquiry_id=1)
    inbox.accepted(exchange.verdicts["X1"].check(exchange.sample[0].inquiries, response))
    answer = right_answer(number)
    change(answer)
    inbox.take(answer, 350 * MS)
    measured = Measured((), (), Scrape(METRICS), {"gateway": 7, "simulator": 8})
    return make_outcome("calm", SEED, exchange, measured, HELD, After(TRACKED, LISTED))


def test_right_answer_leaves_no_fault_and_all_figures() -> None:
    made = outcome()
    evidence, report = made.evidence, made.evidence.report
    assert (evidence.faults, evidence.truth_faults, evidence.weather_faults) == ({}, {}, {})
    assert (evidence.missing_final_count, evidence.truth_query_count) == (0, 3_904)
    assert (report.query_count, sum(report.state_counts.values())) == (3_916, 3_916)
    assert report.state_counts["INCAPABLE"] == 12
    assert report.records >= report.state_counts["FOUND"] >= 1
    assert (report.queries_on_wire, report.batches) == (3_904, 360)
    assert (report.batch_size.p50, report.batch_size.max) == (1.5, 2.0)
    assert (report.seconds, report.answer_latency_ms.p50) == (0.25, 200.0)
    assert (report.rss_peak_bytes.gateway, report.rss_peak_bytes.simulator) == (9, 8)
    assert (report.holds, evidence.hold_faults) == (made_up.holds(), {"a_fault": 1})
    assert (report.blacklist.entries, evidence.blacklist_faults) == (800, {"third_fault": 3})
    assert (report.tracker.cases, evidence.tracker_faults) == (8_856, {"another_fault": 2})
    assert sum(one.query_count for one in made.figures.classes) == 3_916


def silence(answer: Answer) -> None:
    answer.coverage.none -= 1
    answer.coverage.late += 1
    silent = next(index for index in range(3_916) if index not in INCAPABLE)
    answer.coverage.missing.add(state=type_pb2.END_STATE_LATE, institutions=[silent])


@pytest.mark.parametrize(
    ("kind", "fault", "change"),
    [
        ("faults", "total_differs_from_directory", lambda answer: setattr(answer.coverage, "total", 3_915)),
        ("faults", "case_number_differs", lambda answer: setattr(answer, "case_number", "other")),
        ("faults", "revision_below_1", lambda answer: setattr(answer, "revision", 0)),
        ("truth_faults", "none_but_there_is_something", lambda answer: answer.findings.pop()),
        ("weather_faults", "LATE_not_foreseen", silence),
    ],
)
def test_wrong_answer_is_evidence(kind: str, fault: str, change: Callable[[Answer], object]) -> None:
    assert getattr(outcome(change).evidence, kind)[fault] == 1


def test_nothing_that_came_is_a_report_of_zeros() -> None:
    exchange = Exchange([CourtSample("X1", ())])
    measured = Measured((), (), Scrape(METRICS), {"gateway": 0, "simulator": 0})
    report = make_outcome("calm", SEED, exchange, measured, HELD, After(TRACKED, LISTED)).evidence.report
    assert (report.query_count, report.seconds, set(report.state_counts.values())) == (0, 0.0, {0})
