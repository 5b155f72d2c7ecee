"""Figures: what Prometheus is told of calls, watchers, the journal's file and the projection.

Whole numbers that the event loop has finished, read from the exporter's thread. By method and status
alone; never by court.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.metrics import Figure

if TYPE_CHECKING:
    from gateway.edge.journal import Journal
    from gateway.edge.projection import Projection
    from gateway.edge.watch import Watch
    from runtime.guard import CallCounts


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the numbers are kept."""

    journal: "Journal"
    watch: "Watch"
    projection: "Projection"
    calls: "CallCounts"


def edge_figures(parts: Parts) -> Iterator[Figure]:
    """The figures as they stand."""
    # A copy made in one step: the loop may add a method meanwhile.
    for method, count in list(parts.calls.calls.items()):
        yield Figure("chakong_calls_total", "Calls begun.", count, (("method", method),))
    for (method, code), count in list(parts.calls.refused.items()):
        labels = (("method", method), ("code", code))
        yield Figure("chakong_calls_refused_total", "Calls ended with an error.", count, labels)
    journal, projection = parts.journal, parts.projection
    behind = max(journal.last_seq - max(projection.cursor, 0), 0)
    yield Figure("chakong_calls_open", "Calls going on now.", parts.calls.open_calls)
    yield Figure("chakong_watchers", "Watchers connected.", parts.watch.watcher_count)
    yield Figure("chakong_watch_ring_bytes", "Recent answers held for watchers.", parts.watch.ring_bytes)
    yield Figure("chakong_journal_last_frame", "Number of the newest durable frame.", journal.last_seq)
    yield Figure(
        "chakong_journal_unindexed_orders", "Order ids not yet in the index.", journal.unindexed_orders
    )
    yield Figure("chakong_projection_behind_frames", "Durable frames not yet in the tables.", behind)
    starts = projection.start_count
    yield Figure("chakong_projector_starts_total", "Times that the projector was started.", starts)
