"""Made-up reports and figures for tests."""

from dataclasses import replace
from typing import Any

from benchmarks.demo.figures import Bucket, ClassCoverage, Figures, Moment, SlowEndpoint
from benchmarks.demo.invariants import Evidence
from benchmarks.demo.report import STATES, InquiryCounts, Report, ResidentPeak, Spread, VerdictCounts

QUERY_COUNT = 23_896_870
INCAPABLE_COUNT = 73_463


def report(**changes: Any) -> Report:
    """A right calm day, with changes."""
    states = dict.fromkeys(STATES, 0) | {"FOUND": 40_000, "AMBIGUOUS": 900, "INCAPABLE": INCAPABLE_COUNT}
    states["NONE"] = QUERY_COUNT - sum(states.values())
    made = Report(
        scenario="calm",
        institutions=3_916,
        endpoints=372,
        inquiries=InquiryCounts(sent=10_000, accepted=9_124, repeated=42, refused=834, final=9_124),
        verdicts=VerdictCounts(expected=10_000, mismatched=0),
        query_count=QUERY_COUNT,
        state_counts=states,
        queries_on_wire=22_073_460,
        records=45_000,
        batches=1_500,
        batch_size=Spread(2_048.0, 4_096.0, 4_096.0),
        seconds=12.5,
        answer_latency_ms=Spread(8_000.0, 12_000.0, 12_400.0),
        rss_peak_bytes=ResidentPeak(500_000_000, 400_000_000),
    )
    return replace(made, **changes)


def states(**changes: int) -> dict[str, int]:
    """The calm day's end states with changes, the sum kept by NONE."""
    changed = report().state_counts | changes
    changed["NONE"] += QUERY_COUNT - sum(changed.values())
    return changed


def evidence(made: Report | None = None, **changes: Any) -> Evidence:
    """A right run, with changes."""
    whole = Evidence(
        made or report(), 0, {}, truth_query_count=QUERY_COUNT, truth_faults={}, weather_faults={}
    )
    return replace(whole, **changes)


def figures() -> Figures:
    """A run of ten seconds; names as long as they get."""
    moments = (Moment(at * 0.5, 10_000, at * 450, at * 1_100_000, at * 1_100_000) for at in range(21))
    names = ("rural_credit_cooperative", "rural_commercial_bank", "village_bank", "unit", "joint_stock_bank")
    classes = (
        ClassCoverage(
            name,
            1_000,
            {"NONE": 900, "FOUND": 20, "INCAPABLE": 10, "LATE": 40, "UNREACHABLE": 20, "REFUSED": 10},
        )
        for name in names
    )
    slowest = (
        SlowEndpoint(f"joint_stock_bank-{place:03}", 1, 30, 0, 1_900.0 / place, 2_900.0 / place, "closed")
        for place in range(1, 13)
    )
    sizes = (Bucket(float(2**power), 37 * power) for power in range(14))
    return Figures(tuple(moments), tuple(classes), tuple(slowest), (*sizes, Bucket(float("inf"), 0)))


def nothing() -> Figures:
    """A run that broke off before anything came."""
    return Figures((), (), (), ())
