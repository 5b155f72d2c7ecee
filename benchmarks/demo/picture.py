"""Picture: out/demo.png, five panels that show a run at a glance.

Draws what it is given, with matplotlib's file backend; one colour means one end state in every panel. It
computes nothing but heights of bars and the span of the time axis.
"""

from dataclasses import replace
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, FixedLocator, FuncFormatter, MaxNLocator, PercentFormatter

from benchmarks.demo.figures import Bucket, ClassCoverage, Figures, Moment, SlowEndpoint
from benchmarks.demo.report import STATES, Report

STATE_COLOURS = {
    "FOUND": "#2a9d6f",
    "NONE": "#a9bccd",
    "AMBIGUOUS": "#e9b44c",
    "REFUSED": "#8e6bb0",
    "INCAPABLE": "#66707a",
    "LATE": "#e8824a",
    "UNREACHABLE": "#c43c3c",
    "CANCELLED": "#2f343a",
}
ACCENT = "#1f6f9f"
SECOND = "#c9752d"
INK = "#22282e"
FAINT = "#d9dee3"
MUTED = "#68727c"
BARS_MAX = 12
NO_REPLY = "no reply taken"
# In a longer run all happens at the start and at the deadline: its time axis is logarithmic from 1 s on.
LINEAR_S_MAX = 20.0
LOGARITHMIC_TICKS_S = (0, 0.5, 1, 2, 5, 10, 20, 50, 100)
ANSWERED = ("FOUND", "NONE", "AMBIGUOUS", "REFUSED")
# Left, bottom, width and height of each panel's axes, as shares of the picture; labels need the room between.
PLACES = {
    "throughput": (0.055, 0.57, 0.55, 0.285),
    "end_states": (0.735, 0.57, 0.24, 0.285),
    "coverage": (0.13, 0.135, 0.215, 0.30),
    "slowest": (0.495, 0.135, 0.165, 0.30),
    "batch_sizes": (0.735, 0.135, 0.24, 0.30),
}
PIXELS_PER_INCH = 110


def draw(report: Report, figures: Figures, path: Path) -> None:
    """Write the picture as PNG; the folder exists."""
    compose(report, figures).savefig(path, format="png")


def compose(report: Report, figures: Figures) -> Figure:
    """The picture, not yet written."""
    figure = Figure(figsize=(16, 9.6), dpi=PIXELS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    _title(figure, report)
    _throughput(figure.add_axes(PLACES["throughput"]), figures.moments, report.seconds)
    _end_states(figure.add_axes(PLACES["end_states"]), report)
    _coverage(figure.add_axes(PLACES["coverage"]), figures.classes)
    _slowest(figure.add_axes(PLACES["slowest"]), figures.slowest)
    _batch_sizes(figure.add_axes(PLACES["batch_sizes"]), figures.batch_sizes, report)
    return figure


def _title(figure: Figure, report: Report) -> None:
    inquiries = report.inquiries
    head = f"chakong, {report.scenario}: {report.query_count:,} queries ended in {report.seconds:,.1f} s"
    line = (
        f"{inquiries.sent:,} inquiries of courts ({inquiries.accepted:,} accepted, {inquiries.repeated:,} "
        f"repeated, {inquiries.refused:,} refused) at {report.institutions:,} institutions behind "
        f"{report.endpoints:,} endpoints; {report.records:,} records found; {report.batches:,} batches"
    )
    figure.text(0.055, 0.952, head, fontsize=19, fontweight="bold", color=INK)
    figure.text(0.055, 0.922, line, fontsize=11.5, color=MUTED)


def _throughput(axes: Axes, moments: tuple[Moment, ...], end_s: float) -> None:
    """The axis ends with the last final answer."""
    dress(axes, "Throughput")
    edges_s, rates = _rates(moments)
    if rates:
        axes.stairs(rates, edges_s, fill=True, color=ACCENT, alpha=0.18)
        axes.stairs(rates, edges_s, color=ACCENT, linewidth=1.8)
    axes.set_ylim(0, max(rates, default=0) * 1.15 or 1)
    axes.set_xlabel("seconds since the first message", color=MUTED)
    if end_s > LINEAR_S_MAX:
        axes.set_xscale("symlog", linthresh=1.0)
        axes.xaxis.set_major_locator(FixedLocator(LOGARITHMIC_TICKS_S))
        axes.xaxis.set_major_formatter(FuncFormatter(_plain))
        axes.set_xlabel("seconds since the first message, logarithmic from 1 on", color=MUTED)
    axes.set_ylabel("queries put on the wire per second", color=ACCENT)
    axes.yaxis.set_major_formatter(EngFormatter(sep=" "))
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    right = axes.twinx()
    shown = _until(moments, end_s)
    answered = [moment.final_count for moment in shown]
    right.plot([moment.at_s for moment in shown], answered, color=SECOND, linewidth=1.8)
    right.set_ylim(0, max(answered, default=0) * 1.15 or 1)
    axes.set_xlim(0, shown[-1].at_s if len(shown) > 1 else 1)
    right.set_ylabel("inquiries answered, in all", color=SECOND)
    right.yaxis.set_major_formatter(FuncFormatter(thousands))
    right.tick_params(colors=MUTED, length=0)
    for side in right.spines.values():
        side.set_visible(False)


def _until(moments: tuple[Moment, ...], end_s: float) -> tuple[Moment, ...]:
    """Those before the end, and what the first look after it saw, put at the end; all when there was none."""
    before = tuple(moment for moment in moments if moment.at_s < end_s)
    after = tuple(replace(moment, at_s=end_s) for moment in moments[len(before) :][:1])
    return before + after if before else moments


def _rates(moments: tuple[Moment, ...]) -> tuple[list[float], list[float]]:
    """Edges of the intervals between neighbouring moments, and queries per second within each."""
    edges_s = [moment.at_s for moment in moments[:1]]
    rates: list[float] = []
    before = moments[0] if moments else None
    for after in moments[1:]:
        if before is not None and after.at_s > before.at_s:
            rates.append((after.queries_on_wire - before.queries_on_wire) / (after.at_s - before.at_s))
            edges_s.append(after.at_s)
            before = after
    return edges_s, rates


def _end_states(axes: Axes, report: Report) -> None:
    dress(axes, "End states (logarithmic)")
    counts = [report.state_counts[state] for state in STATES]
    places = range(len(STATES))
    axes.barh(places, [max(count, 0.6) for count in counts], color=[STATE_COLOURS[s] for s in STATES])
    axes.set_yticks(places, STATES)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(0.6, max([*counts, 10]) * 150)
    axes.xaxis.set_major_formatter(EngFormatter(sep=" "))
    for place, count in zip(places, counts, strict=True):
        axes.text(max(count, 0.6) * 1.5, place, f"{count:,}", va="center", fontsize=10, color=INK)
    axes.set_xlabel("queries", color=MUTED)


def _coverage(axes: Axes, classes: tuple[ClassCoverage, ...]) -> None:
    dress(axes, "Coverage by class of institution")
    places = range(len(classes))
    lefts = [0.0] * len(classes)
    shown = [state for state in STATES if any(one.state_counts.get(state) for one in classes)]
    for state in shown:
        widths = [one.state_counts.get(state, 0) / max(one.query_count, 1) for one in classes]
        axes.barh(places, widths, left=lefts, color=STATE_COLOURS[state], label=state, height=0.7)
        lefts = [left + width for left, width in zip(lefts, widths, strict=True)]
    axes.set_yticks(places, [one.institution_class.replace("_", " ") for one in classes])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.text(1.02, -0.85, "answered", va="center", fontsize=8.5, color=MUTED)
    for place, one in zip(places, classes, strict=True):
        answered = sum(one.state_counts.get(state, 0) for state in ANSWERED) / max(one.query_count, 1)
        axes.text(1.02, place, _floored_percent(answered), va="center", fontsize=8.5, color=MUTED)
    axes.xaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
    axes.set_xlabel("share of queries", color=MUTED)
    if shown:
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(-0.46, -0.14),
            ncols=4,
            fontsize=8.5,
            frameon=False,
            handlelength=0.9,
        )


def _floored_percent(share: float) -> str:
    """Never rounded up to 100 %: a missing answer must show."""
    return "100 %" if share >= 1 else f"{int(share * 1000) / 10:.1f} %"


def _slowest(axes: Axes, slowest: tuple[SlowEndpoint, ...]) -> None:
    dress(axes, "Slowest endpoints")
    shown = slowest[:BARS_MAX]
    places = range(len(shown))
    axes.barh(places, [one.reply_ms_p99 for one in shown], color=ACCENT, alpha=0.28, label="99th percentile")
    axes.barh(places, [one.reply_ms_p50 for one in shown], color=ACCENT, height=0.45, label="median")
    for place, one in zip(places, shown, strict=True):
        if not one.reply_count:
            spot = axes.get_yaxis_transform()
            axes.text(0.02, place, NO_REPLY, transform=spot, va="center", fontsize=8.5, color=MUTED)
    axes.set_yticks(places, [one.key for one in shown])
    axes.invert_yaxis()
    axes.text(0.0, 1.015, "in steps of about 10 %", transform=axes.transAxes, fontsize=9, color=MUTED)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(thousands))
    axes.set_xlabel("reply time of a batch, ms", color=MUTED)
    if shown:
        axes.set_xlim(0, max(one.reply_ms_p99 for one in shown) * 1.06 or 1)
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(-0.2, -0.14),
            ncols=2,
            fontsize=8.5,
            frameon=False,
            handlelength=0.9,
        )


def _batch_sizes(axes: Axes, buckets: tuple[Bucket, ...], report: Report) -> None:
    dress(axes, "Batch sizes")
    shown = _trimmed(buckets)
    places = range(len(shown))
    axes.bar(places, [bucket.batch_count for bucket in shown], color=ACCENT, width=0.86)
    axes.set_xticks(
        places, [_bucket_label(bucket) for bucket in shown], rotation=45, ha="right", fontsize=8.5
    )
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(thousands))
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.set_ylabel("batches", color=MUTED)
    size = report.batch_size
    note = f"median {size.p50:,.0f}, 99th percentile {size.p99:,.0f}, largest {size.max:,.0f}"
    axes.text(0.0, 1.015, note, transform=axes.transAxes, fontsize=9, color=MUTED)
    axes.set_xlabel("entries in a batch, at most", color=MUTED)


def _trimmed(buckets: tuple[Bucket, ...]) -> tuple[Bucket, ...]:
    """Without the empty buckets at both ends."""
    used = [place for place, bucket in enumerate(buckets) if bucket.batch_count]
    return buckets[used[0] : used[-1] + 1] if used else ()


def _bucket_label(bucket: Bucket) -> str:
    return "more" if bucket.size_max == float("inf") else f"{bucket.size_max:,.0f}"


def dress(axes: Axes, title: str) -> None:
    """A panel's title and quiet edges, as all of them have."""
    axes.set_title(title, loc="left", fontsize=12.5, fontweight="bold", color=INK, pad=16)
    axes.tick_params(colors=MUTED, labelcolor=INK, length=0, labelsize=9.5)
    for name, side in axes.spines.items():
        side.set_visible(name == "bottom")
        side.set_color(FAINT)
    axes.set_axisbelow(True)


def _plain(value: float, _position: int | None = None) -> str:
    return f"{value:g}"


def thousands(value: float, _position: int | None = None) -> str:
    """A tick in whole numbers."""
    return f"{value:,.0f}"
