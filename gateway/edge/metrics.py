"""Metrics: what Prometheus is told of the order path.

Read from the numbers that the Engine, the pump and dispatch keep anyway; nothing is counted here. By class of
endpoint, never by institution, court or person. The event loop, whose alone the numbers are, leaves them
a few times a second for the exporter's thread: a scrape does not wait for a busy loop.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from chakong.gateway.v1 import gateway_pb2
from gateway.edge.control_metrics import control_families
from gateway.edge.families import REPLY_BITS, STEP_BITS, buckets, counter, gauge, seconds
from gateway.edge.journal_schema import KIND_NAMES, LEDGER, SNAPSHOT
from gateway.edge.line_counts import CAUSES
from gateway.policy.breaker import State
from runtime.clock import now_ns

if TYPE_CHECKING:
    from gateway.edge.controls import Controls
    from gateway.edge.dispatch import Dispatch
    from gateway.edge.line import Line
    from gateway.edge.pump import Pump

READ_EVERY_S: Final = 0.5
# A loop that left nothing for this long is in trouble, which the scraper should see as a failed scrape.
AGE_NS_MAX: Final = 5_000_000_000
CUTS: Final = ("", "drained", "entries", "bytes", "segment", "again", "half", "rest")
END_STATES: Final = (
    "found",
    "none",
    "ambiguous",
    "refused",
    "incapable",
    "late",
    "unreachable",
    "cancelled",
)
# Powers of two of what is counted: 256 us to 19 hours, 1 to 65,536 entries.
ANSWER_BITS: Final = range(8, 33, 2)
ENTRY_BITS: Final = range(17)
# name, help, key of Engine.stats()
ENGINE_COUNTERS: Final = (
    ("chakong_inquiries_accepted", "Inquiries accepted.", "inquiries_accepted"),
    ("chakong_inquiries_repeated", "Inquiries received before.", "inquiries_repeated"),
    ("chakong_inquiries_final", "Inquiries with their final answer.", "inquiries_final"),
    ("chakong_answers", "Answers that came about: partial, final and late.", "answers"),
    ("chakong_records", "Records of property in replies taken.", "records"),
    ("chakong_queries", "Queries: inquiries times institutions concerned.", "queries_total"),
    ("chakong_queries_joined", "Queries that shared the wire call of an earlier inquiry.", "queries_joined"),
    ("chakong_queries_on_wire", "Queries sent to an institution, each once.", "queries_on_wire"),
    ("chakong_notes_on_wire", "Mandates sent for a question asked before.", "notes_on_wire"),
)
ENGINE_GAUGES: Final = (
    ("chakong_inquiries_open", "Inquiries without a final answer.", "inquiries_open"),
    (
        "chakong_queries_open",
        "Queries of inquiries without a final answer, ended ones too.",
        "queries_open",
    ),
    ("chakong_entries_waiting", "Entries that wait to be cut into a batch.", "waiting_entries"),
    ("chakong_asks_held", "Questions held, open or fresh.", "asks"),
    ("chakong_orders_held", "Order ids held in memory.", "orders"),
    ("chakong_engine_held_bytes", "Bytes of frames, findings and answers held.", "bytes_held"),
)


class GatewayCollector(Collector):
    """Register it with a registry, and let `run` go on beside the gateway."""

    def __init__(self, pump: "Pump", dispatch: "Dispatch", controls: "Controls | None" = None) -> None:
        self._pump = pump
        self._dispatch = dispatch
        self._controls = controls
        self._left: tuple[int, list[Metric]] = (now_ns(), list(self.read()))

    async def run(self) -> None:
        """Leave the numbers for scrapes until cancelled."""
        while True:
            await asyncio.sleep(READ_EVERY_S)
            at_ns = now_ns()
            families: list[Metric] = []
            for family in self.read():
                families.append(family)
                # All of them take milliseconds, which calls would wait for.
                await asyncio.sleep(0)
            self._left = (at_ns, families)

    def collect(self) -> Iterable[Metric]:
        """All families as they were left last, from any thread. TimeoutError: that is too long ago."""
        left_ns, families = self._left
        age_ns = now_ns() - left_ns
        if age_ns > AGE_NS_MAX:
            raise TimeoutError(
                f"the event loop left no figures for {age_ns} ns, at most {AGE_NS_MAX} allowed"
            )
        return families

    def read(self) -> Iterator[Metric]:
        """All families, on the loop."""
        stats = self._pump.engine_stats()
        yield from _engine_families(stats)
        yield from self._pump_families()
        yield from self._line_families()
        yield from self._batch_families()
        if self._controls is not None:
            yield from control_families(self._controls)

    def _pump_families(self) -> Iterator[Metric]:
        counts = self._pump.counts
        reasons = {
            name.removeprefix("REASON_").lower(): counts.refused.get(number, 0)
            for name, number in gateway_pb2.Reason.items()
            if number
        }
        yield counter("chakong_inquiries_refused", "Inquiries refused, by reason.", "reason", reasons)
        yield counter("chakong_messages_full", "Messages refused for want of room.", "", {"": counts.full})
        frames, frame_bytes = dict(counts.frames), dict(counts.frame_bytes)
        if self._controls is not None:
            steps = self._controls.desk.counts
            frames[LEDGER], frame_bytes[LEDGER] = steps.steps + steps.steps_lost, steps.step_bytes
            snapshots = self._controls.snapshots.counts
            frames[SNAPSHOT], frame_bytes[SNAPSHOT] = snapshots.sheets, snapshots.sheet_bytes
        kinds = {name.lower(): frames.get(kind, 0) for kind, name in KIND_NAMES.items()}
        yield counter("chakong_journal_frames", "Frames handed to the journal.", "kind", kinds)
        sizes = {name.lower(): frame_bytes.get(kind, 0) for kind, name in KIND_NAMES.items()}
        yield counter("chakong_journal_bytes", "Bytes of frames handed to the journal.", "kind", sizes)
        lost = {"": counts.frames_lost + (self._controls.desk.counts.steps_lost if self._controls else 0)}
        yield counter("chakong_journal_frames_lost", "Frames that could not be made durable.", "", lost)
        yield gauge("chakong_journal_unwritten_bytes", "Bytes not durable yet.", self._pump.unwritten_bytes)
        yield seconds(
            "chakong_journal_latency_seconds",
            "From append to durable.",
            STEP_BITS,
            [([], counts.journal_us)],
        )
        yield seconds(
            "chakong_answer_latency_seconds",
            "From admission to the durable final answer.",
            ANSWER_BITS,
            [([], counts.answer_us)],
        )
        yield counter("chakong_ticks", "Turns of the pump.", "", {"": counts.ticks})

    def _line_families(self) -> Iterator[Metric]:
        by_class = self._lines_by_class()
        for name, text, read in _LINE_COUNTERS:
            family = CounterMetricFamily(name, text, labels=["endpoint_class"])
            for endpoint_class, lines in by_class.items():
                family.add_metric([endpoint_class], sum(read(line) for line in lines))
            yield family
        for name, text, read in _LINE_GAUGES:
            gauges = GaugeMetricFamily(name, text, labels=["endpoint_class"])
            for endpoint_class, lines in by_class.items():
                gauges.add_metric([endpoint_class], sum(read(line) for line in lines))
            yield gauges
        failures = CounterMetricFamily(
            "chakong_batches_failed", "Batches without a usable reply.", labels=["endpoint_class", "cause"]
        )
        breakers = GaugeMetricFamily(
            "chakong_breakers",
            "Endpoints by the state of their breaker.",
            labels=["endpoint_class", "breaker"],
        )
        for endpoint_class, lines in by_class.items():
            for cause, cause_name in enumerate(CAUSES[1:], 1):
                failures.add_metric(
                    [endpoint_class, cause_name], sum(line.counts.failures[cause] for line in lines)
                )
            states = [line.gate.breaker.state for line in lines if line.has_address]
            for state in State:
                breakers.add_metric([endpoint_class, state.value], states.count(state))
        yield failures
        yield breakers

    def _batch_families(self) -> Iterator[Metric]:
        dispatch = self._dispatch
        classes = dispatch.endpoint_classes
        cuts = CounterMetricFamily(
            "chakong_batches_cut", "Batches by why they were cut there.", labels=["endpoint_class", "cut"]
        )
        for endpoint_class, counts in zip(classes, dispatch.cuts, strict=True):
            for cut, count in zip(CUTS[1:], counts[1:], strict=True):
                cuts.add_metric([endpoint_class, cut], count)
        yield cuts
        for name, text, by_class in (
            ("chakong_queries_sent", "Queries in batches, with those sent again.", dispatch.batch_queries),
            ("chakong_sent_bytes", "Bytes of batches, with those sent again.", dispatch.batch_bytes),
        ):
            yield counter(name, text, "endpoint_class", dict(zip(classes, by_class, strict=True)))
        entries = HistogramMetricFamily(
            "chakong_batch_entries", "Entries in a batch.", labels=["endpoint_class"]
        )
        for endpoint_class, counted in zip(classes, dispatch.batch_entries, strict=True):
            # Counted one less, so that 4,096 stand below 2**12; the sum lacks one for each batch.
            total = counted.total + counted.count
            entries.add_metric([endpoint_class], buckets(counted, ENTRY_BITS, 1), total)
        yield entries
        replies = [([name], counted) for name, counted in zip(classes, dispatch.reply_us, strict=True)]
        yield seconds(
            "chakong_reply_latency_seconds",
            "From sending a batch to its reply.",
            REPLY_BITS,
            replies,
            ["endpoint_class"],
        )
        yield gauge("chakong_unwritten_bytes", "Bytes of batches not written yet.", dispatch.unwritten_bytes)

    def _lines_by_class(self) -> "dict[str, list[Line]]":
        by_class: dict[str, list[Line]] = {name: [] for name in self._dispatch.endpoint_classes}
        for line in self._dispatch.lines:
            by_class[line.endpoint.endpoint_class].append(line)
        return by_class


_LINE_COUNTERS: "Final[Sequence[tuple[str, str, Callable[[Line], int]]]]" = (
    ("chakong_batches", "Batches handed to a line.", lambda line: line.counts.batches),
    ("chakong_replies", "Replies taken.", lambda line: line.counts.replies),
    ("chakong_replies_refused", "Replies refused whole.", lambda line: line.counts.refused),
    ("chakong_replies_repeated", "Replies to a batch that had ended.", lambda line: line.counts.duplicates),
    ("chakong_streams_opened", "Streams opened.", lambda line: line.counts.streams_opened),
    ("chakong_streams_ended", "Streams ended.", lambda line: line.counts.streams_ended),
    ("chakong_connects_failed", "Streams that did not open.", lambda line: line.counts.connects_failed),
    ("chakong_describes_failed", "Describes without answer.", lambda line: line.counts.describes_failed),
)
_LINE_GAUGES: "Final[Sequence[tuple[str, str, Callable[[Line], int]]]]" = (
    ("chakong_endpoints", "Endpoints of the directory.", lambda _line: 1),
    ("chakong_endpoints_open", "Endpoints that take batches now.", lambda line: line.gate.in_flight_max > 0),
    (
        "chakong_endpoints_without_address",
        "Endpoints without an address.",
        lambda line: not line.has_address,
    ),
    ("chakong_streams_open", "Streams open now.", lambda line: len(line.streams)),
    ("chakong_batches_in_flight", "Batches that have not ended.", lambda line: line.in_flight),
)


def _engine_families(stats: dict[str, int]) -> Iterator[Metric]:
    for name, text, key in ENGINE_COUNTERS:
        yield counter(name, text, "", {"": stats[key]})
    for name, text, key in ENGINE_GAUGES:
        yield gauge(name, text, stats[key])
    ended = {state: stats[f"state_{state}"] for state in END_STATES}
    yield counter("chakong_queries_ended", "Queries of finished inquiries, by end state.", "state", ended)
    due_ns = stats["oldest_due_ns"]
    age_s = max(0, now_ns() - due_ns) / 1e9 if due_ns else 0.0
    yield gauge("chakong_entries_overdue_seconds", "How long the oldest waiting entry has been due.", age_s)
