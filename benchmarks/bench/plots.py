"""Plots: `python -m benchmarks.bench.plots` draws docs/benchmarks/*.png from out/bench.json.

Each picture shows what was measured in that one run, and says on what machine. A picture whose figures are
not there is not drawn, and said. It measures nothing.
"""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure
from rich.console import Console

from benchmarks.bench.drawing import Lines, Made, Panel, draw_lines, draw_panels, draw_ratios
from benchmarks.bench.scratch import OUT

PICTURES = Path("docs/benchmarks")
# Curves of percentiles, as a measuring module of latency names them: this, then p50 or the like.
LATENCY = "latency_ms_over_offered."

PICTURES_OF_LINES = (
    Lines(
        "queries_over_institutions.png",
        "Queries a second over institutions",
        {"engine.queries_per_second_over_institutions": "Engine alone"},
        "waves of 4,000 inquiries, nothing found; an inquiry costs about the same, however many it is put to",
    ),
    Lines(
        "queries_over_batch_size.png",
        "Queries a second over batch size",
        {
            "engine.queries_per_second_over_batch_size": "Engine alone",
            "e2e.queries_per_second_over_wave_size": "whole path, gRPC and journal included",
        },
        "inquiries at all 3,916 institutions; a wave of up to 4,096 is one batch for each of 372 endpoints",
    ),
    Lines(
        "queries_over_live_entries.png",
        "Queries a second over live entries",
        {
            "engine.broadcast_queries_per_second_over_live_entries": "Engine: waves of everybody",
            "engine.mixed_queries_per_second_over_live_entries": "Engine: mixed waves, 30 % repeated",
            "floor.queries_per_second_over_live_entries": "C floor of the targeted: parse, hash, probe, copy",
            "engine.queries_per_second_over_live_entries": "Engine: targeted, check and admit",
            "engine.joining_queries_per_second_over_live_entries": "Engine: targeted, 30 % repeated",
        },
        "the Engine alone, with so many open inquiries beside what is measured",
    ),
    Lines(
        "memory_over_open_inquiries.png",
        "Memory over open inquiries",
        {
            "memory.resident_bytes_over_open_inquiries": "resident, beyond an Engine without inquiries",
            "memory.encoded_bytes_over_open_inquiries": "of that, the encoded inquiries",
        },
        "open broadcast inquiries at 3,916 institutions each",
        is_log=False,
    ),
)
GROWTH = (
    Panel(
        "an inquiry at everybody",
        {"engine.ns_per_inquiry_over_institutions": "Engine alone"},
        "time per broadcast inquiry over institutions",
    ),
    Panel(
        "an inquiry at one institution",
        {
            "engine.ns_per_targeted_inquiry_over_live_entries": "check and admit",
            "floor.ns_per_inquiry_over_live_entries": "C floor",
        },
        "time per targeted inquiry over live entries",
    ),
    Panel(
        "the whole path",
        {"e2e.queries_per_second_over_client_streams": "queries a second"},
        "time per query over client streams",
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
        drawn[lines.file] = partial(draw_lines, made, lines) if has_all else None
    has_growth = all(name in curves for panel in GROWTH for name in panel.curves)
    drawn["growth.png"] = partial(draw_panels, made, GROWTH) if has_growth else None
    compared = [row for row in made["results"] if row["ratio"] is not None]
    drawn["beside_peers.png"] = partial(draw_ratios, made, compared) if compared else None
    latency = _latency(curves)
    drawn[latency.file] = partial(draw_lines, made, latency) if latency.curves else None
    return drawn


def _latency(curves: Made) -> Lines:
    shown = {name: name.removeprefix(LATENCY) for name in curves if name.startswith(LATENCY)}
    return Lines(
        "latency_over_offered_load.png",
        "Latency of single inquiries over offered load",
        shown,
        "500 calls a second from their intended send time, beside bulk",
        is_log=False,
        is_log_y=True,
    )


if __name__ == "__main__":
    sys.exit(main())
