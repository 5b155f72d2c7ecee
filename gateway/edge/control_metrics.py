"""Control metrics: what Prometheus is told of claims, holds and controls.

Read from the numbers that the ledger, the desk and the control lines keep anyway; nothing is counted here. By
state, rule, kind of fault and class of endpoint, never by institution, court, case or person.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from chakong.gateway.v1 import controls_pb2
from gateway.edge.families import REPLY_BITS, STEP_BITS, counter, gauge, gauges, seconds
from gateway.holds.face import FaultKind
from runtime.clock import now_ns

if TYPE_CHECKING:
    from gateway.edge.control_line import ControlLine
    from gateway.edge.control_lines import ControlLines
    from gateway.edge.controls import Controls

NS: Final = 1e9
# What goes wrong as a rule; others are there once they have happened.
CODES: Final = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "UNREADABLE")


def control_families(controls: "Controls") -> Iterator[Metric]:
    """All families, on the loop."""
    yield from _ledger_families(controls)
    yield from _desk_families(controls)
    yield from _line_families(controls.lines)


def _ledger_families(controls: "Controls") -> Iterator[Metric]:
    stats = controls.desk.ledger.stats()
    yield gauges("chakong_claims", "Claims by their state.", "state", stats.claims_by_state)
    yield gauges("chakong_holds", "Holds by where they stand.", "life", stats.holds_by_life)
    yield gauge("chakong_controls_open", "Controls without an outcome.", stats.controls_open)
    yield gauge("chakong_controls_waiting", "Controls that wait for an officer.", stats.controls_waiting)
    age_s = max(0, now_ns() - stats.oldest_open_ns) / NS if stats.oldest_open_ns else 0.0
    yield gauge("chakong_controls_oldest_seconds", "How long ago the oldest of the open was ordered.", age_s)
    yield gauge("chakong_holds_exposed_fen", "Up to how much more all holds may fill up.", stats.exposed_fen)
    rules = (name.removeprefix("RULE_") for name, number in controls_pb2.Rule.items() if number)
    refusals = {rule.lower(): stats.refusals.get(rule, 0) for rule in rules}
    yield counter("chakong_controls_refused", "Orders and calls refused, by rule.", "rule", refusals)
    faults = {kind.value: stats.faults.get(kind.value, 0) for kind in FaultKind}
    yield counter("chakong_control_faults", "What institutions said that cannot be.", "fault", faults)


def _desk_families(controls: "Controls") -> Iterator[Metric]:
    desk, counts = controls.desk, controls.desk.counts
    yield counter("chakong_ledger_inputs", "Orders and words decided.", "", {"": counts.inputs})
    yield counter("chakong_ledger_steps", "Steps that became durable.", "", {"": counts.steps})
    yield counter("chakong_ledger_steps_lost", "Steps that could not be.", "", {"": counts.steps_lost})
    yield gauge("chakong_ledger_inputs_waiting", "Orders and words not decided yet.", desk.waiting_count)
    yield gauge(
        "chakong_ledger_behind_frames",
        "How far the newest answer is ahead of what the ledger was told.",
        controls.sighting.behind_frames,
    )
    yield seconds(
        "chakong_ledger_step_latency_seconds",
        "From the beginning of a step to its being durable.",
        STEP_BITS,
        [([], counts.step_us)],
    )
    snapshots = controls.snapshots.counts
    yield counter("chakong_ledger_snapshots", "Snapshots written whole.", "", {"": snapshots.written})
    given_up = {"": snapshots.given_up}
    yield counter("chakong_ledger_snapshots_given_up", "Snapshots that could not be written.", "", given_up)
    yield gauge(
        "chakong_ledger_steps_since_snapshot", "Steps that a start would replay.", snapshots.steps_since
    )
    yield gauge("chakong_hold_watchers", "Watchers of holds connected.", controls.watch.watcher_count)


def _line_families(lines: "ControlLines") -> Iterator[Metric]:
    by_class = lines.by_class
    for name, text, read in _COUNTERS:
        counts = {key: sum(map(read, those)) for key, those in by_class.items()}
        yield counter(name, text, "endpoint_class", counts)
    for name, text, read in _GAUGES:
        family = GaugeMetricFamily(name, text, labels=["endpoint_class"])
        for key, those in by_class.items():
            family.add_metric([key], sum(map(read, those)))
        yield family
    failures = CounterMetricFamily(
        "chakong_control_calls_failed",
        "Calls about holds that came to nothing.",
        labels=["endpoint_class", "code"],
    )
    for key, those in by_class.items():
        total = Counter(dict.fromkeys(CODES, 0))
        for line in those:
            if line.counts.failures:
                total.update(line.counts.failures)
        for code, count in total.items():
            failures.add_metric([key, code], count)
    yield failures
    yield seconds(
        "chakong_control_latency_seconds",
        "From sending controls to their receipts.",
        REPLY_BITS,
        [([key], counted) for key, counted in lines.reply_us.items()],
        ["endpoint_class"],
    )


_COUNTERS: "Final[Sequence[tuple[str, str, Callable[[ControlLine], int]]]]" = (
    ("chakong_controls_sent", "Controls sent, with those sent again.", lambda line: line.counts.sent),
    ("chakong_control_receipts", "Receipts with an outcome.", lambda line: line.counts.receipts),
    (
        "chakong_controls_unavailable",
        "Controls that could not be done now.",
        lambda line: line.counts.unavailable,
    ),
    (
        "chakong_control_words_refused",
        "Receipts and events that were not taken.",
        lambda line: line.counts.faults,
    ),
    ("chakong_hold_events", "Hold events taken.", lambda line: line.counts.events),
)
_GAUGES: "Final[Sequence[tuple[str, str, Callable[[ControlLine], int]]]]" = (
    ("chakong_controls_in_flight", "Controls sent and not answered.", lambda line: line.in_flight),
    (
        "chakong_endpoints_without_controls",
        "Endpoints that said that they take no controls.",
        lambda line: line.counts.takes_none,
    ),
    (
        "chakong_endpoints_followed",
        "Endpoints whose hold events are listened to.",
        lambda line: line.is_following,
    ),
)
