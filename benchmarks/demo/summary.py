"""Summary: a run in words and small tables, for a person at a terminal.

It prints what it is given and computes nothing but shares. No order, court or person is named.
"""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.demo.blacklist_report import BlacklistReport
from benchmarks.demo.figures import Figures
from benchmarks.demo.hold_figures import HoldFigures
from benchmarks.demo.holds_report import HoldsReport
from benchmarks.demo.invariants import Violation
from benchmarks.demo.report import STATES, Report, spread
from benchmarks.demo.tracker_report import TrackerReport
from benchmarks.verdicts import Mismatch

SLOWEST_SHOWN = 5
MISMATCHES_SHOWN = 10
MEBIBYTE = 1 << 20
FEN = 100


def print_summary(console: Console, report: Report, figures: Figures, truth_query_count: int) -> None:
    """The figures of the run, whether right or wrong."""
    inquiries = report.inquiries
    console.print()
    console.print(
        f"{report.query_count:,} queries at {report.institutions:,} institutions ended in "
        f"{report.seconds:,.1f} s: {report.queries_per_second:,.0f} a second",
        style="bold",
        highlight=False,
        soft_wrap=True,
    )
    _print_rows(console, _figures(report, truth_query_count))
    console.print(_states(report))
    if figures.slowest:
        slow = [
            f"{one.key} ({one.reply_ms_p50:,.0f} ms)"
            for one in sorted(figures.slowest, key=lambda one: -one.reply_ms_p50)[:SLOWEST_SHOWN]
        ]
        console.print(
            f"Slowest endpoints (median reply, in steps of about 10 %): {', '.join(slow)}",
            highlight=False,
            soft_wrap=True,
        )
    if inquiries.final != inquiries.accepted:
        console.print(f"{inquiries.accepted - inquiries.final:,} inquiries have no final answer", style="red")


def print_holds(console: Console, report: HoldsReport, figures: HoldFigures) -> None:
    """What was enforced, whether right or wrong."""
    seconds = figures.stages[-1][1] if figures.stages else 0.0
    console.print()
    console.print(
        f"{report.claims:,} claims enforced at {figures.institution_count:,} institutions "
        f"in {seconds:,.1f} s",
        style="bold",
        highlight=False,
        soft_wrap=True,
    )
    _print_rows(console, _holds(report, figures))


def print_tracker(console: Console, report: TrackerReport, seconds: float) -> None:
    """What was tracked, whether right or wrong."""
    console.print()
    console.print(
        f"{report.cases:,} cases registered and filled in with {report.events:,} events in {seconds:,.1f} s",
        style="bold",
        highlight=False,
        soft_wrap=True,
    )
    console.print(
        f"nodes: {report.nodes_done:,} done, {report.due_soon:,} due soon, {report.overdue:,} overdue",
        highlight=False,
        soft_wrap=True,
    )


def print_blacklist(console: Console, report: BlacklistReport, seconds: float) -> None:
    """What was listed, whether right or wrong."""
    console.print()
    console.print(
        f"{report.entries:,} debtors listed, {report.screened:,} subjects screened, {report.hits:,} hits, "
        f"{report.removed:,} removed in {seconds:,.1f} s",
        style="bold",
        highlight=False,
        soft_wrap=True,
    )
    console.print(f"units that have carried out every change: {report.acknowledged_units:,}", highlight=False)


def _holds(report: HoldsReport, figures: HoldFigures) -> dict[str, str]:
    latency_ms = spread(list(figures.latencies_ms))
    outcomes = [f"{count:,} {kind} {end}" for (kind, end), count in sorted(figures.outcomes.items())]
    return {
        "claims": f"{report.met:,} met ({figures.indivisible_count:,} by a thing worth more), "
        f"{report.short:,} short, {report.over:,} over",
        "money, yuan": f"due {report.due_fen / FEN:,.0f}, cover {report.cover_fen / FEN:,.0f}, "
        f"exposed {report.exposed_fen / FEN:,.0f}",
        "holds": ", ".join(f"{count:,} {life.lower()}" for life, count in report.by_state.items()),
        "controls": ", ".join(outcomes),
        "of these": f"{figures.approved_count:,} approved, {figures.renewed_count:,} renewed, "
        f"{figures.overtaken_count:,} refused as overtaken; {figures.objected_count:,} holds objected to",
        "order to outcome": f"median {latency_ms.p50:,.0f} ms, 99 % {latency_ms.p99:,.0f} ms, "
        f"longest {latency_ms.max:,.0f} ms",
        "differences with the books": f"{report.reconcile_differences:,}",
    }


def print_judgement(
    console: Console, violations: Sequence[Violation], mismatches: Sequence[Mismatch]
) -> None:
    """All right, or each violated invariant by name and the first mismatched verdicts."""
    for mismatch in mismatches[:MISMATCHES_SHOWN]:
        line = f"verdict on {mismatch.order_id}: {mismatch.got} came, must be {mismatch.expected}"
        console.print(line, style="red", highlight=False, soft_wrap=True)
    if len(mismatches) > MISMATCHES_SHOWN:
        console.print(f"and {len(mismatches) - MISMATCHES_SHOWN:,} more verdicts", style="red")
    for violation in violations:
        line = f"VIOLATED {violation.name}: {violation.detail}"
        console.print(line, style="bold red", highlight=False, soft_wrap=True)
    if not violations:
        console.print("All invariants hold.", style="bold green")


def _figures(report: Report, truth_query_count: int) -> dict[str, str]:
    inquiries, size, latency_ms = report.inquiries, report.batch_size, report.answer_latency_ms
    verdicts, peak = report.verdicts, report.rss_peak_bytes
    return {
        "inquiries": f"{inquiries.sent:,} sent, {inquiries.accepted:,} accepted, "
        f"{inquiries.repeated:,} repeated, {inquiries.refused:,} refused",
        "final answers": f"{inquiries.final:,}",
        "verdicts": f"{verdicts.expected:,} compared, {verdicts.mismatched:,} mismatched",
        "queries on the wire": f"{report.queries_on_wire:,}",
        "records": f"{report.records:,}",
        "compared with the truth": f"{truth_query_count:,} queries",
        "batches": f"{report.batches:,}; size: median {size.p50:,.0f}, 99 % {size.p99:,.0f}, "
        f"most {size.max:,.0f}",
        "answer latency": f"median {latency_ms.p50 / 1e3:,.2f} s, 99 % {latency_ms.p99 / 1e3:,.2f} s, "
        f"longest {latency_ms.max / 1e3:,.2f} s",
        "memory at the peak": f"gateway {peak.gateway / MEBIBYTE:,.0f} MiB, "
        f"simulator {peak.simulator / MEBIBYTE:,.0f} MiB",
    }


def _print_rows(console: Console, rows: Mapping[str, str]) -> None:
    """A line for each, whatever the width: a file has 80 columns, and a line broken there is hard to find."""
    width = max(map(len, rows))
    for name, text in rows.items():
        console.print(f"{name:<{width}}  {text}", highlight=False, soft_wrap=True)


def _states(report: Report) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("end state")
    table.add_column("queries", justify="right")
    table.add_column("share", justify="right")
    for state in STATES:
        count = report.state_counts[state]
        share = count / report.query_count if report.query_count else 0.0
        table.add_row(state, f"{count:,}", f"{share:.4%}")
    return table
