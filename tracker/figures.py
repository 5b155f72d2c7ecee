"""Figures: what Prometheus is told of the tracker.

Whole numbers that the event loop has finished, read from the exporter's thread. By method, status and state
alone; never by court or case.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runtime.metrics import Figure

if TYPE_CHECKING:
    from runtime.guard import CallCounts
    from tracker.rpc.watch import EventsWatch
    from tracker.store.desk import Desk
    from tracker.store.series import Series


def tracker_figures(
    calls: "CallCounts", desk: "Desk", watch: "EventsWatch", series: "Series"
) -> Iterator[Figure]:
    """The figures as they stand."""
    # A copy made in one step: the loop may add a method meanwhile.
    for method, count in list(calls.calls.items()):
        yield Figure("chakong_tracker_calls_total", "Calls begun.", count, (("method", method),))
    for (method, code), count in list(calls.refused.items()):
        labels = (("method", method), ("code", code))
        yield Figure("chakong_tracker_calls_refused_total", "Calls ended with an error.", count, labels)
    counts = desk.counts
    done = counts.works - counts.refused - counts.repeated
    for state, count in (("done", done), ("repeated", counts.repeated), ("refused", counts.refused)):
        text = "Registrations and events, by what became of them."
        yield Figure("chakong_tracker_works_total", text, count, (("state", state),))
    yield Figure("chakong_tracker_transactions_total", "Transactions of the writer.", counts.rounds)
    yield Figure(
        "chakong_tracker_transactions_failed_total", "Transactions that failed.", counts.rounds_failed
    )
    yield Figure("chakong_tracker_works_waiting", "Works that wait to be written.", desk.waiting_count)
    yield Figure("chakong_tracker_available", "Whether the database can be written.", int(desk.is_available))
    yield Figure("chakong_tracker_watchers", "Watchers connected.", watch.watcher_count)
    totals = series.totals
    nodes = (("open", totals.open), ("done", totals.done), ("overdue", totals.overdue))
    for state, count in nodes:
        text = "Nodes of all cases, at the last point of the series."
        yield Figure("chakong_tracker_nodes", text, count, (("state", state),))
    yield Figure("chakong_tracker_points_total", "Points of the series.", series.point_count)
    taken_s = series.taken_ns / 1e9
    yield Figure("chakong_tracker_point_seconds", "How long the last point took.", taken_s)
