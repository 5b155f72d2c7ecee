"""The picture: drawn whole, also of a run that came to nothing, and no label over another panel."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.transforms import Bbox

from benchmarks.demo.figures import Figures
from benchmarks.demo.picture import NO_REPLY, STATE_COLOURS, compose, draw
from benchmarks.demo.report import STATES
from tests.benchmarks.demo import made


def boxes(figure: Figure) -> list[Bbox]:
    """What each panel covers with labels, title and legend; the twin of the throughput is one with it."""
    canvas: Any = FigureCanvasAgg(figure)  # its methods are untyped
    canvas.draw()
    panels: dict[tuple[float, ...], list[Bbox]] = {}
    for axes in figure.axes:
        covered = axes.get_tightbbox(canvas.get_renderer())
        assert covered is not None
        panels.setdefault(tuple(round(edge, 6) for edge in axes.get_position().bounds), []).append(covered)
    return [Bbox.union(parts) for parts in panels.values()]


def test_picture_is_written_at_its_size(tmp_path: Path) -> None:
    draw(made.report(), made.figures(), tmp_path / "demo.png")
    assert imread(tmp_path / "demo.png").shape == (1_056, 1_760, 4)


def test_panels_do_not_touch_each_other_or_the_edge() -> None:
    figure = compose(made.report(), made.figures())
    panels = boxes(figure)
    assert len(panels) == 5
    for place, panel in enumerate(panels):
        assert panel.x0 >= 0
        assert panel.y0 >= 0
        assert panel.x1 <= figure.bbox.width
        for other in panels[place + 1 :]:
            overlap = Bbox.intersection(panel, other)
            assert overlap is None or overlap.width * overlap.height == 0


@pytest.mark.parametrize("figures", [made.nothing(), Figures(made.figures().moments[:1], (), (), ())])
def test_run_that_came_to_nothing_is_drawn_too(figures: Figures, tmp_path: Path) -> None:
    empty = made.report(state_counts=dict.fromkeys(STATES, 0), query_count=0, seconds=0.0)
    draw(empty, figures, tmp_path / "demo.png")
    assert (tmp_path / "demo.png").stat().st_size > 10_000


@pytest.mark.parametrize("seconds", [0.4, 9.9, 10.0])
def test_time_axis_ends_with_the_run_and_so_does_the_line_of_answers(seconds: float) -> None:
    axes = compose(made.report(seconds=seconds), made.figures()).axes
    throughput, answered = axes[0], axes[1].lines[0]
    assert throughput.get_xlabel() == "seconds since the first message"
    assert throughput.get_xlim() == (0, seconds)
    times_s, counts = np.asarray(answered.get_data())
    assert (times_s[-1], counts[-1]) == (seconds, 450 if seconds == 0.4 else 9_000)


def test_time_axis_of_a_long_run_is_logarithmic() -> None:
    moments = tuple(replace(moment, at_s=moment.at_s * 6.05) for moment in made.figures().moments)
    throughput = compose(made.report(seconds=60.1), replace(made.figures(), moments=moments)).axes[0]
    assert throughput.get_xscale() == "symlog"
    assert "logarithmic" in throughput.get_xlabel()
    assert throughput.get_xlim() == (0, 60.1)


def test_every_state_has_a_colour_of_its_own() -> None:
    assert list(STATE_COLOURS) == list(STATES)
    assert len(set(STATE_COLOURS.values())) == len(STATES)


def test_an_endpoint_without_a_reply_says_so_instead_of_having_no_bar() -> None:
    figures = made.figures()
    silent = replace(figures.slowest[0], reply_count=0, reply_ms_p50=0.0, reply_ms_p99=0.0)
    texts = [
        text.get_text()
        for axes in compose(made.report(), replace(figures, slowest=(silent, *figures.slowest[1:]))).axes
        for text in axes.texts
    ]
    assert texts.count(NO_REPLY) == 1
