"""Drawing: the pictures of the benchmarks: curves on shared axes, curves side by side, bars of ratios.

Pure but for matplotlib. Which figures are in which picture is the catalogue's (benchmarks.bench.plots).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator

from benchmarks.bench.report import short
from benchmarks.demo.picture import ACCENT, FAINT, INK, MUTED, PIXELS_PER_INCH, SECOND

COLOURS = (ACCENT, SECOND, "#2a9d6f", "#8e6bb0", "#b5722a")
GOOD, BAD = "#2a9d6f", "#c43c3c"
INCHES = (9.6, 5.6)
AXES_AT = (0.11, 0.13, 0.85, 0.58)
# Room for the names of benchmarks.
BARS_AT = (0.36, 0.11, 0.50, 0.72)
INCHES_PER_BAR = 0.48
# Left, bottom, width, height of the first panel, and how far the next one is.
PANEL_AT = (0.075, 0.15, 0.25, 0.55)
PANEL_STEP = 0.325
LEGEND_COLUMNS = 2

Made = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lines:
    """A picture of curves that share their axes: curve's name in bench.json -> its label."""

    file: str
    title: str
    curves: Mapping[str, str]
    note: str = ""
    is_log: bool = True
    is_log_y: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One of several small axes; the same. `growth`: name of the growth in bench.json that belongs to it."""

    title: str
    curves: Mapping[str, str]
    growth: str


def draw_lines(made: Made, lines: Lines) -> Figure:
    """Curves over each other."""
    figure = _figure(made, lines.title, lines.note)
    axes = figure.add_axes(AXES_AT)
    _plot(axes, made, lines.curves)
    if lines.is_log:
        _count_in_tens(axes)
    if lines.is_log or lines.is_log_y:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator())
        axes.minorticks_off()
    else:
        axes.set_ylim(0, axes.get_ylim()[1] * 1.05)
    axes.yaxis.set_major_formatter(EngFormatter(sep=" "))
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.02, 1.01),
        ncols=LEGEND_COLUMNS,
        frameon=False,
        fontsize=9.5,
        labelcolor=INK,
    )
    return figure


def draw_panels(made: Made, panels: Sequence[Panel]) -> Figure:
    """What should stay flat: curves side by side, each from zero."""
    figure = _figure(made, "What should stay flat", "time for each inquiry, and throughput over clients")
    left, bottom, width, height = PANEL_AT
    for place, panel in enumerate(panels):
        axes = figure.add_axes((left + place * PANEL_STEP, bottom, width, height))
        _plot(axes, made, panel.curves)
        _count_in_tens(axes)
        # A legend wants room above the curves.
        axes.set_ylim(0, axes.get_ylim()[1] * (1.25 if len(panel.curves) == 1 else 1.5))
        axes.yaxis.set_major_formatter(EngFormatter(sep=" "))
        unit = made["curves"][next(iter(panel.curves))]["y"]
        lines = [panel.title, unit, *(_grown(one) for one in made["growth"] if one["name"] == panel.growth)]
        axes.set_title("\n".join(lines), fontsize=9.5, color=INK, loc="left")
        axes.set_ylabel("")
        if len(panel.curves) > 1:
            axes.legend(loc="upper left", frameon=False, fontsize=9, labelcolor=INK)
    return figure


def draw_ratios(made: Made, rows: Sequence[Made]) -> Figure:
    """Each ratio beside its target; a bar has the colour of whether it is met."""
    figure = _figure(
        made,
        "Ours over peers, floors and ceilings",
        "logarithmic; the mark is the target: green met, red missed, blue without. Of a time, less is better",
        (INCHES[0], 1.6 + INCHES_PER_BAR * len(rows)),
    )
    axes = figure.add_axes(BARS_AT)
    _dress(axes)
    places = range(len(rows))
    # Bars begin at 1: as good as the reference.
    axes.barh(
        places,
        [row["ratio"] - 1 for row in rows],
        left=1,
        color=[ACCENT if row["met"] is None else GOOD if row["met"] else BAD for row in rows],
        alpha=0.85,
        height=0.55,
    )
    for place, row in zip(places, rows, strict=True):
        if row["target"] is not None:
            limit = float(row["target"].split()[1].replace(",", ""))
            axes.plot([limit, limit], [place - 0.4, place + 0.4], color=INK, linewidth=2)
        axes.text(
            1.02,
            place,
            short(row["ratio"]),
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=9.5,
            color=INK,
        )
    axes.set_yticks(
        places, [f"{_name(row)}\nover {_wrapped(row['reference_name'])}" for row in rows], fontsize=8
    )
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.axvline(1, color=MUTED, linewidth=0.8)
    axes.xaxis.set_major_locator(LogLocator())
    axes.xaxis.set_major_formatter("{x:,g}")
    axes.minorticks_off()
    axes.set_xlabel("ratio", color=MUTED)
    return figure


def _figure(made: Made, title: str, note: str, inches: tuple[float, float] = INCHES) -> Figure:
    figure = Figure(figsize=inches, dpi=PIXELS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    high = inches[1]
    figure.text(0.035, 1 - 0.42 / high, title, fontsize=15, fontweight="bold", color=INK)
    figure.text(0.035, 1 - 0.72 / high, note, fontsize=10.5, color=MUTED)
    machine = made["machine"]
    memory_gib = machine["memory_bytes"] / (1 << 30)
    where = (
        f"{machine['cores']} cores of {machine['model']}, {memory_gib:.0f} GiB, Python {machine['python']}"
    )
    figure.text(0.965, 0.08 / high, where, fontsize=8, color=MUTED, ha="right")
    return figure


def _plot(axes: Axes, made: Made, curves: Mapping[str, str]) -> None:
    _dress(axes)
    for (name, label), colour in zip(curves.items(), COLOURS, strict=False):
        drawn = made["curves"][name]
        axes.plot(
            *zip(*drawn["points"], strict=True),
            color=colour,
            linewidth=2,
            marker="o",
            markersize=5,
            label=label,
        )
        axes.set_xlabel(drawn["x"], color=MUTED)
        axes.set_ylabel(drawn["y"], color=MUTED)
    axes.xaxis.set_major_formatter(EngFormatter(sep=" "))
    axes.grid(axis="y", color=FAINT, linewidth=0.8)


def _grown(one: Made) -> str:
    judged = "met" if one["met"] else "missed"
    return f"time × {one['factor']:.2f} (≤ {one['limit']:.2f}), {judged}"


def _count_in_tens(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator())
    axes.xaxis.set_major_formatter(EngFormatter(sep=" "))
    axes.minorticks_off()


def _name(row: Made) -> str:
    return f"{row['name']}, a time" if (row["target"] or "").startswith("<=") else str(row["name"])


def _wrapped(text: str) -> str:
    """What fits beside the bars."""
    return text if len(text) <= 44 else f"{text[:43]}…"


def _dress(axes: Axes) -> None:
    axes.tick_params(colors=MUTED, labelcolor=INK, length=0, labelsize=9.5)
    for name, side in axes.spines.items():
        side.set_visible(name == "bottom")
        side.set_color(FAINT)
    axes.set_axisbelow(True)
