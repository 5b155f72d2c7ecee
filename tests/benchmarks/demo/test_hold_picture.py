"""The picture of holds: drawn whole, also of a run that came to nothing, and no label over another panel."""

from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.image import imread
from matplotlib.transforms import Bbox

from benchmarks.demo.hold_picture import KINDS, compose_holds, draw_holds, money_units
from tests.benchmarks.demo import made
from tests.benchmarks.demo.test_picture import boxes


def test_panels_do_not_touch_each_other_or_the_edge() -> None:
    figure = compose_holds("calm", made.holds(), made.hold_figures())
    panels = boxes(figure)
    assert len(panels) == 5
    for place, panel in enumerate(panels):
        assert panel.x0 >= 0
        assert panel.y0 >= 0
        assert panel.x1 <= figure.bbox.width
        for other in panels[place + 1 :]:
            overlap = Bbox.intersection(panel, other)
            assert overlap is None or overlap.width * overlap.height == 0


def test_run_that_came_to_nothing_is_drawn_too(tmp_path: Path) -> None:
    empty = made.holds(claims=0, met=0, short=0, due_fen=0, cover_fen=0, exposed_fen=0, by_state={})
    draw_holds("storm", empty, made.no_hold_figures(), tmp_path / "holds.png")
    assert imread(tmp_path / "holds.png").shape == (1_056, 1_760, 4)


@pytest.mark.parametrize("ends", [("DONE",), ("DONE", "REFUSED"), ("DONE", "DROPPED", "REFUSED")])
def test_bars_of_a_kind_lie_around_its_name(ends: tuple[str, ...]) -> None:
    figures = replace(made.hold_figures(), outcomes={("RENEW", end): 10 for end in ends})
    (panel,) = (
        axes
        for axes in compose_holds("calm", made.holds(), figures).axes
        if axes.get_title(loc="left").startswith("Controls by outcome")
    )
    middles = [bar.get_y() + bar.get_height() / 2 for bar in panel.patches]  # type: ignore[attr-defined]
    assert len(middles) == len(ends)
    assert sum(middles) / len(middles) == pytest.approx(KINDS.index("RENEW"))


def test_sums_of_money_are_told_as_people_say_them() -> None:
    assert [money_units(value) for value in (0, 1, 100, 10_000, 1e8, 2.5e9, 1e12)] == [
        "0",
        "1",
        "100",
        "10 k",
        "100 M",
        "2.5 bn",
        "1 tn",
    ]
