"""Counts: figures that say what happened, by kinds that are few."""

from runtime.metrics import LABELS, NAME_PREFIX
from tracker.follow.counts import Counts


def test_every_figure_has_an_allowed_name_and_allowed_labels() -> None:
    counts = Counts(answers=3)
    counts.refused["BEFORE_ITS_START"] = 2
    counts.troubles["answers"] = 1
    counts.orders["patrol", "ordered"] = 4
    figures = list(counts.figures())
    assert all(one.name.startswith(NAME_PREFIX) for one in figures)
    assert {name for one in figures for name, _ in one.labels} <= LABELS
    told = {(one.name, one.labels): one.value for one in figures}
    assert told["chakong_tracker_followed_total", (("kind", "answer"),)] == 3
    assert told["chakong_tracker_orders_total", (("kind", "patrol"), ("state", "ordered"))] == 4
    assert told["chakong_tracker_follow_refused_total", (("rule", "BEFORE_ITS_START"),)] == 2
