"""Made-up reports and figures for tests."""

from dataclasses import replace
from typing import Any

from benchmarks.demo.blacklist_report import BlacklistReport
from benchmarks.demo.figures import Bucket, ClassCoverage, Figures, Moment, SlowEndpoint
from benchmarks.demo.hold_figures import HoldFigures, HoldMoment, Money
from benchmarks.demo.holds_report import HoldsReport
from benchmarks.demo.invariants import Evidence
from benchmarks.demo.reckoning import LIVES
from benchmarks.demo.report import STATES, InquiryCounts, Report, ResidentPeak, Spread, VerdictCounts
from benchmarks.demo.tracker_report import TrackerReport

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
        holds=holds(),
        tracker=TrackerReport(cases=8_856, events=75_312, nodes_done=35_182, due_soon=3_166, overdue=1_256),
        tracked_seconds=60.0,
        blacklist=BlacklistReport(entries=800, screened=9_000, hits=800, removed=160, acknowledged_units=40),
        listed_seconds=10.0,
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
        made or report(),
        0,
        {},
        truth_query_count=QUERY_COUNT,
        truth_faults={},
        weather_faults={},
        hold_faults={},
        tracker_faults={},
        blacklist_faults={},
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


def holds(**changes: Any) -> HoldsReport:
    """A thousand claims, rightly enforced, with changes."""
    by_state = dict.fromkeys(LIVES, 0) | {"QUEUED": 140, "EFFECTIVE": 2_014, "ENDED": 205}
    made = HoldsReport(
        claims=1_000,
        met=492,
        short=508,
        over=0,
        cover_fen=103_498_692_682,
        due_fen=1_128_856_704_513,
        exposed_fen=2_568_839_759_085,
        worst_over_fen=0,
        by_state=by_state,
        reconcile_differences=0,
    )
    return replace(made, **changes)


def hold_figures() -> HoldFigures:
    """Twelve seconds of enforcing."""
    names = (
        "claim",
        "freeze",
        "approve",
        "check",
        "renew",
        "credit",
        "release",
        "value",
        "deduct",
        "receive",
    )
    outcomes = {("FREEZE", "DONE"): 2_359, ("RENEW", "DONE"): 520, ("RENEW", "REFUSED"): 21}
    outcomes |= {("RELEASE", "DONE"): 706, ("RELEASE", "DROPPED"): 1, ("DEDUCT", "DONE"): 260}
    return HoldFigures(
        moments=tuple(HoldMoment(at * 0.25, at * 80, at * 78, at * 2_000_000_000) for at in range(50)),
        stages=tuple((name, place * 1.2) for place, name in enumerate((*names, "end"))),
        outcomes=outcomes,
        latencies_ms=tuple(float(place % 900) for place in range(3_845)),
        money=Money(
            due_fen=1_128_856_704_513,
            controlled_fen=60_736_673_200,
            valued_fen=33_610_119_000,
            deducted_fen=15_269_256_600,
            credited_fen=129_031_654_300,
            gap_fen=1_040_760_861_200,
            exposed_fen=2_568_839_759_085,
        ),
        institution_count=412,
        renewed_count=520,
        approved_count=263,
        indivisible_count=4,
        objected_count=111,
        overtaken_count=2,
    )


def no_hold_figures() -> HoldFigures:
    """Enforcing that broke off before anything came."""
    return HoldFigures((), (), {}, (), Money(0, 0, 0, 0, 0, 0, 0), 0, 0, 0, 0, 0, 0)


def nothing() -> Figures:
    """A run that broke off before anything came."""
    return Figures((), (), (), ())
