"""Every invariant holds on a right run and is named on a wrong one."""

from dataclasses import replace

import pytest

from benchmarks.demo.invariants import COMMON, Evidence, judge, truth_compared
from benchmarks.demo.report import InquiryCounts, Report, VerdictCounts
from benchmarks.demo.scenarios import PLANS
from tests.benchmarks.demo import made

CALM = {**COMMON, **PLANS["calm"].invariants}

OPEN = {**made.holds().by_state, "SENT": 1}
DIFFERENT = made.holds(reconcile_differences=1)


def sent(**changes: int) -> Report:
    return made.report(inquiries=replace(made.report().inquiries, **changes))


def names(evidence: Evidence) -> set[str]:
    return {violation.name for violation in judge(evidence, CALM)}


def test_right_calm_day_violates_nothing() -> None:
    assert judge(made.evidence(), CALM) == ()


@pytest.mark.parametrize(
    ("name", "evidence"),
    [
        ("whole_sample_sent", made.evidence(sent(sent=9_999))),
        (
            "sent_is_accepted_repeated_refused",
            made.evidence(sent(refused=1)),
        ),
        ("accepted_as_published", made.evidence(sent(accepted=9_125))),
        ("repeated_as_published", made.evidence(sent(repeated=41))),
        ("every_verdict_compared", made.evidence(made.report(verdicts=VerdictCounts(9_999, 0)))),
        ("no_verdict_mismatched", made.evidence(made.report(verdicts=VerdictCounts(10_000, 1)))),
        ("every_accepted_inquiry_final", made.evidence(missing_final_count=1)),
        ("final_is_accepted", made.evidence(sent(final=9_123))),
        ("end_states_add_up_to_total", made.evidence(made.report(query_count=made.QUERY_COUNT - 1))),
        ("total_as_published", made.evidence(made.report(query_count=made.QUERY_COUNT + 1))),
        ("incapable_as_published", made.evidence(made.report(state_counts=made.states(INCAPABLE=1)))),
        ("nothing_cancelled", made.evidence(made.report(state_counts=made.states(CANCELLED=1)))),
        ("answers_keep_the_contract", made.evidence(faults={"second_final": 2})),
        ("answers_agree_with_the_truth", made.evidence(truth_faults={"record_missing": 1})),
        ("who_is_silent_is_as_the_scenario_says", made.evidence(weather_faults={"LATE_not_foreseen": 1})),
        ("directory_is_whole", made.evidence(made.report(endpoints=371))),
        ("claims_enforced", made.evidence(made.report(holds=made.holds(claims=999)))),
        ("nothing_held_too_much", made.evidence(made.report(holds=made.holds(over=1)))),
        ("nothing_held_too_much", made.evidence(made.report(holds=made.holds(worst_over_fen=1)))),
        ("holds_are_in_an_end_or_in_force", made.evidence(made.report(holds=made.holds(by_state=OPEN)))),
        ("holds_agree_with_the_books", made.evidence(made.report(holds=DIFFERENT))),
        ("holds_agree_with_claims_and_orders", made.evidence(hold_faults={"due_differs": 1})),
        ("cases_are_filled_in", made.evidence(tracker_faults={"event_missing": 3})),
        ("list_is_screened_and_acted_on", made.evidence(blacklist_faults={"screened_wrongly": 1})),
        ("queries_on_wire_as_published", made.evidence(made.report(queries_on_wire=22_073_459))),
        ("nothing_late", made.evidence(made.report(state_counts=made.states(LATE=1)))),
        ("nothing_unreachable", made.evidence(made.report(state_counts=made.states(UNREACHABLE=1)))),
        ("nothing_refused", made.evidence(made.report(state_counts=made.states(REFUSED=1)))),
        ("truth_compared", made.evidence(truth_query_count=23_823_406)),
    ],
)
def test_violated_invariant_is_named(name: str, evidence: Evidence) -> None:
    assert name in names(evidence)


def test_every_invariant_of_a_calm_day_is_seen_to_fail() -> None:
    broken = made.evidence(
        made.report(
            inquiries=InquiryCounts(1, 2, 3, 4, 5),
            verdicts=VerdictCounts(1, 1),
            state_counts=dict.fromkeys(made.report().state_counts, 1),
            query_count=1,
            queries_on_wire=1,
            institutions=1,
            holds=made.holds(claims=1, over=1, by_state=OPEN, reconcile_differences=1),
        ),
        missing_final_count=1,
        faults={"a": 1},
        truth_faults={"b": 1},
        weather_faults={"c": 1},
        hold_faults={"d": 1},
        tracker_faults={"e": 1},
        blacklist_faults={"f": 1},
        truth_query_count=1,
    )
    assert names(broken) == set(CALM)


def test_detail_says_what_came_and_what_must_be() -> None:
    (violation,) = judge(made.evidence(missing_final_count=3), CALM)
    assert violation.detail == "without FINAL answer: 3 came, must be 0"
    (violation,) = judge(made.evidence(faults={"b": 2, "a": 1}), CALM)
    assert violation.detail == "a 1 times, b 2 times"


def test_truth_must_be_compared_at_scale() -> None:
    assert truth_compared(10)(made.evidence(truth_query_count=9)) == (
        "queries compared: 9 came, must be at least 10"
    )
