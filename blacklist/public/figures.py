"""Figures: what Prometheus is told of look-ups and of recorded hits.

Read from the exporter's thread; no label tells of an address, a unit or a person.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runtime.metrics import Figure

if TYPE_CHECKING:
    from blacklist.public.limiter import Limiter
    from blacklist.public.looking import Looking
    from blacklist.public.port import PublicPort
    from blacklist.store.recording import Recording


def look_up_figures(looking: "Looking", limiter: "Limiter", port: "PublicPort | None") -> Iterator[Figure]:
    """Of both ways to look up, and of the port, if there is one."""
    for state, count in (("found", looking.found_count), ("none", looking.none_count)):
        text = "Look-ups answered."
        yield Figure("chakong_blacklist_look_ups_total", text, count, (("state", state),))
    for cause, count in limiter.refused.items():
        text = "Look-ups refused, by the rate that they were beyond."
        yield Figure("chakong_blacklist_look_ups_refused_total", text, count, (("cause", cause),))
    open_count, taken_count, cut_count, turned_away_count = (
        (port.open_count, port.taken_count, port.cut_count, port.turned_away_count) if port else (0, 0, 0, 0)
    )
    yield Figure("chakong_blacklist_public_connections", "Connections of the public, open.", open_count)
    yield Figure("chakong_blacklist_public_taken_total", "Connections of the public.", taken_count)
    yield Figure("chakong_blacklist_public_cut_total", "Of these, cut as too slow.", cut_count)
    text = "Connections refused, too many from one network."
    yield Figure("chakong_blacklist_public_turned_away_total", text, turned_away_count)


def hit_figures(recording: "Recording", pruned_count: int) -> Iterator[Figure]:
    """Of the record of hits."""
    yield Figure("chakong_blacklist_hits_written_total", "Hits recorded.", recording.written_count)
    text = "Hits that there was no room to record."
    yield Figure("chakong_blacklist_hits_lost_total", text, recording.lost_count)
    yield Figure("chakong_blacklist_hits_waiting", "Hits that wait to be written.", recording.waiting_count)
    text = "Batches of hits the database failed at."
    yield Figure("chakong_blacklist_hits_failed_total", text, recording.failed_count)
    yield Figure("chakong_blacklist_hits_pruned_total", "Hits deleted as too old.", pruned_count)
