"""Plots: `python -m benchmarks.bench.plots` draws docs/benchmarks/*.png from out/bench.json.

Each picture shows what was measured in that one run, and says on what machine. A picture whose figures are
not there is not drawn, and said. It measures nothing.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator
from rich.console import Console

from benchmarks.bench.report import short
from benchmarks.bench.scratch import OUT
from benchmarks.demo.picture import ACCENT, FAINT, INK, MUTED, PIXELS_PER_INCH, SECOND

PICTURES = Path("docs/benchmarks")
COLOURS = (ACCENT, SECOND, "#2a9d6f", "#8e6bb0")
GOOD, BAD = "#2a9d6f", "#c43c3c"
AXES_AT = (0.11, 0.13, 0.85, 0.67)
# Room for the names of benchmarks.
BARS_AT = (0.36, 0.13, 0.50, 0.67)
# Curves of percentiles, as a measuring module of latency names them: this, then p50 or the like.
LATENCY = "latency_ms_over_offered."

Made = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lines:
    """A picture of curves that share their axes: curve's name in bench.json -> its label."""

    file: str
    title: str
    curves: Mapping[str, str]
    note: str = ""
    is_log_x: bool = True


PICTURES_OF_LINES = (
    Lines(
        "queries_over_institutions.png",
        "Queries a second over institutions",
        {"engine.queries_per_second_over_institutions": "Engine alone"},
        "waves of 4,000 inquiries of everybody, the Engine alone",
    ),
    Lines(
        "queries_over_batch_size.png",
        "Queries a second over batch size",
        {"engine.queries_per_second_over_batch_size": "Engine alone"},
        "all 3,916 institutions, each wave one batch an endpoint, the Engine alone",
    ),
    Lines(
        "queries_over_live_entries.png",
        "Queries a second over live entries",
        {
            "engine.queries_per_second_over_live_entries": "Engine: check and admit",
            "floor.queries_per_second_over_live_entries": "C floor: parse, hash, probe, copy",
        },
        "check and admit of inquiries at one institution each",
    ),
    Lines(
        "memory_over_open_inquiries.png",
        "Memory over open inquiries",
        {
            "memory.resident_bytes_over_open_inquiries": "resident, beyond an Engine without inquiries",
            "memory.encoded_bytes_over_open_inquiries": "of that, the encoded inquiries",
        },
        "open broadcast inquiries at 3,916 institutions each",
        is_log_x=False,
    ),
)


def main() -> int:
    """The exit code: 0 drawn, 1 when there is nothing to draw from."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench.plots", description=__doc__)
    parser.add_argument(
        "--bench", type=Path, default=OUT / "bench.json", help="what `benchmarks.bench` wrote"
    )
    parser.add_argument("--out", type=Path, default=PICTURES, help="folder of the pictures")
    given = parser.parse_args()
    errors = Console(stderr=True)
    try:
        made = json.loads(given.bench.read_text(encoding="utf-8"))
    except OSError as error:
        errors.print(f"{given.bench}: {error.strerror}; run `python -m benchmarks.bench` first")
        return 1
    given.out.mkdir(parents=True, exist_ok=True)
    for name, draw in pictures(made).items():
        if draw is None:
            errors.print(f"{name}: its figures are not in {given.bench}", highlight=False, soft_wrap=True)
        else:
            draw().savefig(given.out / name, format="png")
            errors.print(f"{given.out / name}", highlight=False, soft_wrap=True)
    return 0


def pictures(made: Made) -> dict[str, Callable[[], Figure] | None]:
    """File name -> what draws it; None: its figures were not measured."""
    curves = made["curves"]
    drawn: dict[str, Callable[[], Figure] | None] = {}
    for lines in PICTURES_OF_LINES:
        has_all = all(name in curves for name in lines.curves)
        drawn[lines.file] = partial(_draw_lines, made, lines) if has_all else None
    compared = [row for row in made["results"] if row["ratio"] is not None]
    drawn["beside_peers.png"] = partial(_draw_ratios, made, compared) if compared else None
    latency = _latency(curves)
    drawn[latency.file] = partial(_draw_lines, made, latency) if latency.curves else None
    return drawn


def _latency(curves: Made) -> Lines:
    shown = {name: name.removeprefix(LATENCY) for name in curves if name.startswith(LATENCY)}
    return Lines(
        "latency_over_offered_load.png", "Latency over offered load", shown, "from the intended send time"
    )


def _figure(made: Made, title: str, note: str) -> Figure:
    figure = Figure(figsize=(9.6, 5.6), dpi=PIXELS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    figure.text(0.035, 0.925, title, fontsize=15, fontweight="bold", color=INK)
    figure.text(0.035, 0.872, note, fontsize=10.5, color=MUTED)
    machine = made["machine"]
    memory_gib = machine["memory_bytes"] / (1 << 30)
    where = (
        f"{machine['cores']} cores of {machine['model']}, {memory_gib:.0f} GiB, Python {machine['python']}"
    )
    figure.text(0.965, 0.015, where, fontsize=8, color=MUTED, ha="right")
    return figure


def _draw_lines(made: Made, lines: Lines) -> Figure:
    figure = _figure(made, lines.title, lines.note)
    axes = figure.add_axes(AXES_AT)
    _dress(axes)
    for (name, label), colour in zip(lines.curves.items(), COLOURS, strict=False):
        points = made["curves"][name]["points"]
        axes.plot(
            *zip(*points, strict=True), color=colour, linewidth=2, marker="o", markersize=5, label=label
        )
        axes.set_xlabel(made["curves"][name]["x"], color=MUTED)
        axes.set_ylabel(made["curves"][name]["y"], color=MUTED)
    if lines.is_log_x:
        axes.set_xscale("log")
        axes.minorticks_off()
    axes.set_ylim(0, axes.get_ylim()[1] * 1.1)
    axes.xaxis.set_major_formatter(EngFormatter(sep=" "))
    axes.yaxis.set_major_formatter(EngFormatter(sep=" "))
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.legend(loc="upper left", frameon=False, fontsize=9.5, labelcolor=INK)
    return figure


def _draw_ratios(made: Made, rows: Sequence[Made]) -> Figure:
    """Each ratio beside its target; a bar has the colour of whether it is met."""
    figure = _figure(made, "Ours over peers, floors and ceilings", "the mark is the target; logarithmic")
    axes = figure.add_axes(BARS_AT)
    _dress(axes)
    places = range(len(rows))
    # Bars begin at 1: as good as the reference.
    axes.barh(
        places,
        [row["ratio"] - 1 for row in rows],
        left=1,
        color=[GOOD if row["met"] else BAD for row in rows],
        alpha=0.85,
        height=0.55,
    )
    for place, row in zip(places, rows, strict=True):
        limit = float(row["target"].split()[1].replace(",", ""))
        axes.plot([limit, limit], [place - 0.4, place + 0.4], color=INK, linewidth=2)
        text = short(row["ratio"])
        axes.text(
            1.02, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize=9.5, color=INK
        )
    axes.set_yticks(
        places, [f"{row['name']}\nover {_wrapped(row['reference_name'])}" for row in rows], fontsize=8
    )
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.axvline(1, color=MUTED, linewidth=0.8)
    axes.xaxis.set_major_locator(LogLocator())
    axes.xaxis.set_major_formatter("{x:,g}")
    axes.minorticks_off()
    axes.set_xlabel("ratio", color=MUTED)
    return figure


def _wrapped(text: str) -> str:
    """What fits beside the bars."""
    return text if len(text) <= 44 else f"{text[:43]}…"


def _dress(axes: Axes) -> None:
    axes.tick_params(colors=MUTED, labelcolor=INK, length=0, labelsize=9.5)
    for name, side in axes.spines.items():
        side.set_visible(name == "bottom")
        side.set_color(FAINT)
    axes.set_axisbelow(True)


if __name__ == "__main__":
    sys.exit(main())
