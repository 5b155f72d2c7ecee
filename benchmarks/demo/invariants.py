"""Invariants: what must hold for a run to count as right, each with a name that is printed when it does not.

Pure. Those of COMMON hold in every scenario; a scenario adds its own (benchmarks.demo.scenarios).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.demo.report import Report

# What the packaged sample must come to (the data's own description).
SENT_COUNT = 10_000
ACCEPTED_COUNT = 9_124
REPEATED_COUNT = 42
QUERY_COUNT = 23_896_870
INCAPABLE_COUNT = 73_463
WIRE_COUNT_CALM = 22_073_460
INSTITUTION_COUNT = 3_916
ENDPOINT_COUNT = 372
CLAIM_COUNT = 1_000


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken invariant: its name, and what came instead of what."""

    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the invariants are judged on besides the report. `faults`: name -> how often, none of them 0."""

    report: Report
    missing_final_count: int
    faults: Mapping[str, int]
    truth_query_count: int
    truth_faults: Mapping[str, int]
    weather_faults: Mapping[str, int]
    hold_faults: Mapping[str, int]
    tracker_faults: Mapping[str, int]
    blacklist_faults: Mapping[str, int]


Invariant = Callable[[Evidence], str]  # empty: it holds; else what came, and what it must be


def judge(evidence: Evidence, invariants: Mapping[str, Invariant]) -> tuple[Violation, ...]:
    """All violated ones, in the order of `invariants`."""
    told = [(name, invariant(evidence)) for name, invariant in invariants.items()]
    return tuple(Violation(name, detail) for name, detail in told if detail)


def equal(name: str, came: float, wanted: float) -> str:
    """The detail of an equation that must hold."""
    return "" if came == wanted else f"{name}: {came:,} came, must be {wanted:,}"


def state_is(state: str, wanted: int) -> Invariant:
    """Exactly so many queries ended in this state."""
    return lambda evidence: equal(state, evidence.report.state_counts[state], wanted)


def wire_is(wanted: int) -> Invariant:
    """Exactly so many (subject, items, institution) triples were asked on the wire."""
    return lambda evidence: equal("queries_on_wire", evidence.report.queries_on_wire, wanted)


def truth_compared(least: int) -> Invariant:
    """Answers worth at least so many queries were compared with the simulator's truth."""

    def check(evidence: Evidence) -> str:
        came = evidence.truth_query_count
        return "" if came >= least else f"queries compared: {came:,} came, must be at least {least:,}"

    return check


def _sent_adds_up(evidence: Evidence) -> str:
    inquiries = evidence.report.inquiries
    total = inquiries.accepted + inquiries.repeated + inquiries.refused
    return equal("accepted + repeated + refused", total, inquiries.sent)


def _states_add_up(evidence: Evidence) -> str:
    return equal("sum of end states", sum(evidence.report.state_counts.values()), evidence.report.query_count)


def _quiet(evidence: Evidence) -> str:
    """Every control has its outcome: no hold waits for an institution's word."""
    states = evidence.report.holds.by_state
    return equal("holds without outcome", sum(states[life] for life in ("REQUESTED", "SENT", "UNKNOWN")), 0)


def _named(faults: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,} times" for name, count in sorted(faults.items()))


COMMON: Mapping[str, Invariant] = {
    "whole_sample_sent": lambda e: equal("sent", e.report.inquiries.sent, SENT_COUNT),
    "sent_is_accepted_repeated_refused": _sent_adds_up,
    "accepted_as_published": lambda e: equal("accepted", e.report.inquiries.accepted, ACCEPTED_COUNT),
    "repeated_as_published": lambda e: equal("repeated", e.report.inquiries.repeated, REPEATED_COUNT),
    "every_verdict_compared": lambda e: equal("compared", e.report.verdicts.expected, SENT_COUNT),
    "no_verdict_mismatched": lambda e: equal("mismatched", e.report.verdicts.mismatched, 0),
    "every_accepted_inquiry_final": lambda e: equal("without FINAL answer", e.missing_final_count, 0),
    "final_is_accepted": lambda e: equal("final", e.report.inquiries.final, e.report.inquiries.accepted),
    "end_states_add_up_to_total": _states_add_up,
    "total_as_published": lambda e: equal("total", e.report.query_count, QUERY_COUNT),
    "incapable_as_published": state_is("INCAPABLE", INCAPABLE_COUNT),
    "nothing_cancelled": state_is("CANCELLED", 0),
    "answers_keep_the_contract": lambda e: _named(e.faults),
    "answers_agree_with_the_truth": lambda e: _named(e.truth_faults),
    "who_is_silent_is_as_the_scenario_says": lambda e: _named(e.weather_faults),
    "directory_is_whole": lambda e: (
        equal("institutions", e.report.institutions, INSTITUTION_COUNT)
        or equal("endpoints", e.report.endpoints, ENDPOINT_COUNT)
    ),
    "claims_enforced": lambda e: equal("claims", e.report.holds.claims, CLAIM_COUNT),
    "nothing_held_too_much": lambda e: (
        equal("claims over", e.report.holds.over, 0) or equal("fen over", e.report.holds.worst_over_fen, 0)
    ),
    "holds_are_in_an_end_or_in_force": _quiet,
    "holds_agree_with_the_books": lambda e: equal("differences", e.report.holds.reconcile_differences, 0),
    "holds_agree_with_claims_and_orders": lambda e: _named(e.hold_faults),
    "cases_are_filled_in": lambda e: _named(e.tracker_faults),
    "list_is_screened_and_acted_on": lambda e: _named(e.blacklist_faults),
}
