"""What Prometheus is told of look-ups and hits names nobody."""

from typing import Any

from blacklist.public.figures import hit_figures, look_up_figures
from blacklist.public.limiter import KEY_BYTES, Limiter, per_hour
from blacklist.store.recording import Recording
from runtime.metrics import LABELS, NAME_PREFIX


class Counts:
    """Of a look-up or a port."""

    found_count, none_count, open_count, taken_count, cut_count, turned_away_count = 3, 4, 1, 9, 2, 6


def test_figures_have_known_labels_and_names() -> None:
    counts: Any = Counts()
    limiter = Limiter(per_hour(1), per_hour(1), per_hour(1), bytes(KEY_BYTES))
    limiter.take(1, b"a", b"b")
    limiter.take(1, b"a", b"b")
    recording = Recording(counts, 2, lambda: 7)
    recording.record("railway", 1, [(1, 2), (2, 2)])
    recording.record("railway", 1, [(1, 2)])
    found = {
        (one.name, one.labels): one.value
        for one in [*look_up_figures(counts, limiter, counts), *hit_figures(recording, 5)]
    }
    assert all(name.startswith(NAME_PREFIX + "blacklist_") for name, _ in found)
    assert {label for _, labels in found for label, _ in labels} <= LABELS
    assert found["chakong_blacklist_look_ups_total", (("state", "none"),)] == 4
    assert found["chakong_blacklist_look_ups_refused_total", (("cause", "address"),)] == 1
    assert found["chakong_blacklist_public_cut_total", ()] == 2
    assert found["chakong_blacklist_public_turned_away_total", ()] == 6
    assert found["chakong_blacklist_hits_waiting", ()] == 2
    assert found["chakong_blacklist_hits_lost_total", ()] == 1
    assert found["chakong_blacklist_hits_pruned_total", ()] == 5


def test_port_that_is_not_there_has_no_connections() -> None:
    counts: Any = Counts()
    limiter = Limiter(per_hour(1), per_hour(1), per_hour(1), bytes(KEY_BYTES))
    found = {one.name: one.value for one in look_up_figures(counts, limiter, None)}
    assert found["chakong_blacklist_public_connections"] == found["chakong_blacklist_public_taken_total"] == 0
