"""Hold picture: out/holds.png, five panels that show at a glance what was enforced.

Draws what it is given, in the manner of benchmarks.demo.picture; one colour means one thing in every panel.
It computes nothing but heights of bars.
"""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import EngFormatter, FuncFormatter, MaxNLocator, NullLocator

from benchmarks.demo.hold_figures import HoldFigures, HoldMoment, Money
from benchmarks.demo.holds_report import HoldsReport
from benchmarks.demo.picture import ACCENT, FAINT, INK, MUTED, PIXELS_PER_INCH, SECOND, dress, thousands

STATE_COLOURS = {"met": "#2a9d6f", "short": "#e9b44c", "over": "#c43c3c"}
OUTCOME_COLOURS = {"DONE": "#2a9d6f", "DROPPED": "#a9bccd", "REFUSED": "#8e6bb0"}
KINDS = ("FREEZE", "RENEW", "RELEASE", "DEDUCT")
FEN = 100
LATENCY_BARS = 40
BAR_HEIGHT = 0.26
# Of money people say billion, not giga.
MONEY_UNITS = ((1e12, "tn"), (1e9, "bn"), (1e6, "M"), (1e3, "k"))
# Left, bottom, width and height of each panel's axes, as shares of the picture; labels need the room between.
PLACES = {
    "course": (0.055, 0.57, 0.55, 0.285),
    "claims": (0.735, 0.57, 0.24, 0.285),
    "money": (0.13, 0.135, 0.215, 0.30),
    "controls": (0.43, 0.135, 0.23, 0.30),
    "latency": (0.735, 0.135, 0.24, 0.30),
}


def draw_holds(scenario: str, report: HoldsReport, figures: HoldFigures, path: Path) -> None:
    """Write the picture as PNG; the folder exists."""
    compose_holds(scenario, report, figures).savefig(path, format="png")


def compose_holds(scenario: str, report: HoldsReport, figures: HoldFigures) -> Figure:
    """The picture, not yet written."""
    figure = Figure(figsize=(16, 9.6), dpi=PIXELS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    _title(figure, scenario, report, figures)
    _course(figure.add_axes(PLACES["course"]), figures.moments, figures.stages)
    _claims(figure.add_axes(PLACES["claims"]), report)
    _money(figure.add_axes(PLACES["money"]), figures.money)
    _controls(figure.add_axes(PLACES["controls"]), figures.outcomes)
    _latency(figure.add_axes(PLACES["latency"]), figures.latencies_ms)
    return figure


def _title(figure: Figure, scenario: str, report: HoldsReport, figures: HoldFigures) -> None:
    seconds = figures.stages[-1][1] if figures.stages else 0.0
    head = f"chakong, {scenario}: {report.claims:,} claims enforced in {seconds:,.1f} s"
    holds = ", ".join(f"{count:,} {life.lower()}" for life, count in report.by_state.items() if count)
    line = (
        f"{sum(figures.outcomes.values()):,} controls at {figures.institution_count:,} institutions; holds: "
        f"{holds or 'none'}; {report.over:,} claims over; "
        f"{report.reconcile_differences:,} differences with the institutions' books"
    )
    figure.text(0.055, 0.952, head, fontsize=19, fontweight="bold", color=INK)
    figure.text(0.055, 0.922, line, fontsize=11.5, color=MUTED)


def _course(axes: Axes, moments: Sequence[HoldMoment], stages: Sequence[tuple[str, float]]) -> None:
    """Controls ordered and ended over time; the stages in words."""
    dress(axes, "Controls, and the money that is held")
    times_s = [moment.at_s for moment in moments]
    ended = [moment.ended_count for moment in moments]
    axes.fill_between(times_s, ended, color=ACCENT, alpha=0.18, linewidth=0)
    axes.plot(
        times_s, [moment.ordered_count for moment in moments], color=MUTED, linewidth=1.0, linestyle="--"
    )
    axes.plot(times_s, ended, color=ACCENT, linewidth=1.8)
    top = max([*(moment.ordered_count for moment in moments), 1]) * 1.3
    axes.set_ylim(0, top)
    end_s = max([*times_s, *(at_s for _, at_s in stages), 0.1])
    axes.set_xlim(0, end_s)
    for name, at_s in stages:
        axes.axvline(at_s, color=FAINT, linewidth=0.9, zorder=0)
        if name != "end":
            axes.text(at_s, top * 0.985, f" {name}", rotation=90, va="top", fontsize=8.5, color=MUTED)
    axes.set_xlabel("seconds since the first claim", color=MUTED)
    axes.set_ylabel("controls with an outcome; dashed: ordered", color=ACCENT)
    axes.yaxis.set_major_formatter(FuncFormatter(thousands))
    right = axes.twinx()
    right.plot(times_s, [moment.held_fen / FEN for moment in moments], color=SECOND, linewidth=1.8)
    right.set_ylim(0, max([*(moment.held_fen / FEN for moment in moments), 1]) * 1.3)
    right.set_ylabel("yuan under holds", color=SECOND)
    right.yaxis.set_major_formatter(FuncFormatter(money_units))
    right.tick_params(colors=MUTED, length=0)
    for side in right.spines.values():
        side.set_visible(False)


def _claims(axes: Axes, report: HoldsReport) -> None:
    dress(axes, "Claims")
    counts = {"met": report.met, "short": report.short, "over": report.over}
    places = range(len(counts))
    axes.barh(places, list(counts.values()), color=[STATE_COLOURS[name] for name in counts])
    axes.set_yticks(places, list(counts))
    axes.invert_yaxis()
    axes.set_xlim(0, max([*counts.values(), 1]) * 1.25)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    for place, count in zip(places, counts.values(), strict=True):
        axes.text(
            count + max([*counts.values(), 1]) * 0.02,
            place,
            f"{count:,}",
            va="center",
            fontsize=10,
            color=INK,
        )
    axes.set_xlabel("claims", color=MUTED)


def _money(axes: Axes, money: Money) -> None:
    dress(axes, "Money (logarithmic)")
    amounts = {
        "due": money.due_fen,
        "controlled": money.controlled_fen,
        "valued things": money.valued_fen,
        "deducted": money.deducted_fen,
        "credited": money.credited_fen,
        "gap": money.gap_fen,
        "exposed": money.exposed_fen,
    }
    places = range(len(amounts))
    yuan = [max(fen / FEN, 1.0) for fen in amounts.values()]
    axes.barh(places, yuan, color=[INK, ACCENT, ACCENT, SECOND, SECOND, STATE_COLOURS["short"], MUTED])
    axes.set_yticks(places, list(amounts))
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(1, max([*yuan, 10]) * 3_000)
    axes.xaxis.set_major_formatter(FuncFormatter(money_units))
    for place, fen in zip(places, amounts.values(), strict=True):
        axes.text(max(fen / FEN, 1.0) * 1.5, place, f"{fen / FEN:,.0f}", va="center", fontsize=8.5, color=INK)
    axes.set_xlabel("yuan, at the end", color=MUTED)


def _controls(axes: Axes, outcomes: dict[tuple[str, str], int]) -> None:
    """A bar for each outcome that came, beside the name of its kind."""
    dress(axes, "Controls by outcome (logarithmic)")
    places = range(len(KINDS))
    bars = [
        (place + (rank - (len(ends) - 1) / 2) * BAR_HEIGHT, outcomes[kind, end], OUTCOME_COLOURS[end])
        for place, kind in enumerate(KINDS)
        for ends in [[end for end in OUTCOME_COLOURS if outcomes.get((kind, end))]]
        for rank, end in enumerate(ends)
    ]
    for spot, count, colour in bars:
        axes.barh(spot, count, height=BAR_HEIGHT, color=colour)
        axes.text(count * 1.3, spot, f"{count:,}", va="center", fontsize=8.5, color=MUTED)
    axes.set_yticks(places, KINDS)
    axes.set_ylim(len(KINDS) - 0.5, -0.5)
    axes.set_xscale("log")
    axes.set_xlim(0.6, max([*outcomes.values(), 10]) * 20)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(EngFormatter(sep=" "))
    axes.set_xlabel("controls", color=MUTED)
    axes.legend(
        handles=[Patch(color=colour, label=end) for end, colour in OUTCOME_COLOURS.items()],
        loc="upper left",
        bbox_to_anchor=(-0.1, -0.14),
        ncols=3,
        fontsize=8.5,
        frameon=False,
        handlelength=0.9,
    )


def _latency(axes: Axes, latencies_ms: Sequence[float]) -> None:
    dress(axes, "From order to outcome")
    if latencies_ms:
        ordered = sorted(latencies_ms)
        axes.hist(ordered, bins=LATENCY_BARS, color=ACCENT)
        median_ms, late_ms = (
            ordered[len(ordered) // 2],
            ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
        )
        note = f"median {median_ms:,.0f} ms, 99th percentile {late_ms:,.0f} ms, longest {ordered[-1]:,.0f} ms"
        axes.text(0.0, 1.015, note, transform=axes.transAxes, fontsize=9, color=MUTED)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(thousands))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(thousands))
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.set_ylabel("controls", color=MUTED)
    axes.set_xlabel("ms at the court; all of a stage are ordered at once", color=MUTED)


def money_units(value: float, _position: int | None = None) -> str:
    """A tick of a sum of money."""
    for unit, name in MONEY_UNITS:
        if value >= unit:
            return f"{value / unit:,g} {name}"
    return f"{value:,g}"
