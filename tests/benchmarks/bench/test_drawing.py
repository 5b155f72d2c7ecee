"""Drawing: what is on the axes, and what is written beside it."""

from typing import Any

import numpy as np

from benchmarks.bench import machine
from benchmarks.bench.drawing import Lines, Panel, draw_lines, draw_panels, draw_ratios
from benchmarks.bench.report import document
from benchmarks.bench.result import Result, curve, growth

POINTS = [(10.0, 100.0), (1_000.0, 300.0)]
RESULTS = [
    Result("engine.targeted_vs_floor", "ns", (60.0,), (10.0,), "the C floor"),
    Result("engine.dedup_vs_redis", "inquiries/s", (6.0,), (3.0,), "Redis"),
    Result(
        "memory.bytes_per_open_inquiry",
        "bytes",
        (1.0,),
        extra={
            "curves": {"a": curve("inquiries", "ns", POINTS), "b": curve("inquiries", "ns", POINTS)},
            "growth": [growth("time of a", POINTS, 2.0)],
        },
    ),
]


def made() -> dict[str, Any]:
    return document(machine.describe(), RESULTS, quick=True)


def test_curves_share_their_axes() -> None:
    (axes,) = draw_lines(made(), Lines("a.png", "Title", {"a": "ours", "b": "theirs"}, "note")).axes
    assert [line.get_label() for line in axes.lines] == ["ours", "theirs"]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("inquiries", "ns")


def test_only_latency_is_logarithmic_when_asked() -> None:
    lines = Lines("a.png", "Title", {"a": "p50"}, is_log=False, is_log_y=True)
    (axes,) = draw_lines(made(), lines).axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("linear", "log")


def test_panels_begin_at_zero_and_tell_their_growth() -> None:
    panels = (Panel("of a", {"a": "ours", "b": "floor"}, "time of a"), Panel("of b", {"b": "ours"}, "none"))
    first, second = draw_panels(made(), panels).axes
    assert first.get_ylim()[0] == second.get_ylim()[0] == 0
    assert first.get_title(loc="left").splitlines() == ["of a", "ns", "time × 3.00 (≤ 2.00), missed"]
    assert second.get_title(loc="left").splitlines() == ["of b", "ns"]


def test_ratios_stand_beside_their_targets() -> None:
    rows = [row for row in made()["results"] if row["ratio"] is not None]
    (axes,) = draw_ratios(made(), rows).axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [
        "engine.targeted_vs_floor, a time\nover the C floor",
        "engine.dedup_vs_redis\nover Redis",
    ]
    assert [text.get_text() for text in axes.texts] == ["6", "2"]
    # One mark, of the one that has a target, and the line at 1.
    marks = [np.asarray(line.get_xdata()).tolist() for line in axes.lines]
    assert marks == [[2.0, 2.0], [1, 1]]
