"""Engine, broadcast: a wave of 4,000 inquiries of everybody; and how it grows with institutions and waves.

A wave is 15.6 million queries at 372 endpoints, and 20,000 found records in the replies. Time is that of
admit, cut, settle and answer, over the queries that went on the wire. Every answer is read and must add up.
"""

from collections.abc import Iterable, Iterator
from statistics import median

import numpy as np

from benchmarks.bench.answering import Answering, open_engine, smaller
from benchmarks.bench.messages import COURT, Template
from benchmarks.bench.result import Result, curve, expect, growth
from benchmarks.bench.timing import uncollected
from benchmarks.bench.wave import Lap, read_answers, run_wave
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, Scope
from gateway.directory import Directory

NAME = "engine.broadcast_ns_per_query"
WAVE_COUNT = 4_000
WARM_UPS = 2
INSTITUTION_COUNTS = (10, 40, 160, 640, 1_600, 3_916)
WAVE_COUNTS = (1, 4, 16, 64, 256, 1_024, 4_000)
GROWTH_MAX = 1.5
GROWTH_NAME = "time per broadcast inquiry over institutions"
# Of a wave's inquiries, those about a subject that another court asked about just before.
DUPLICATE_SHARE = 0.3


class Waves:
    """One Engine through which waves of distinct subjects go."""

    def __init__(self, directory: Directory, found_count: int = 5) -> None:
        self.engine = open_engine(directory)
        self.answering = Answering(directory, found_count)
        self._template = Template(Scope(reach=REACH_ALL))
        self._next = 0

    def run(self, count: int, duplicate_share: float = 0.0) -> Lap:
        """A wave, its answers checked. Of each 10 inquiries the last 10 * `duplicate_share` are of subjects
        that come earlier in it."""
        orders = np.arange(self._next, self._next + count)
        place = orders - self._next
        is_repeated = place % 10 >= round(10 * (1 - duplicate_share))
        # Of the same ten, the first ones; each once.
        subjects = np.where(is_repeated, orders - round(10 * (1 - duplicate_share)), orders)
        self._next += count
        wire_before = self.engine.stats()["queries_on_wire"]
        findings_before = self.answering.finding_count
        message = self._template.message(orders, subjects)
        lap = run_wave(self.engine, self.answering, [(COURT, message)], count)
        ended = read_answers(lap.answers)
        asked_count = count - int(is_repeated.sum())
        capable = self.answering.capable_count
        wire = self.engine.stats()["queries_on_wire"] - wire_before
        expect("final answers", ended.answer_count, count)
        expect("queries on the wire", wire, asked_count * capable)
        expect("queries joined", ended.joined, (count - asked_count) * capable)
        expect("queries incapable", ended.incapable, count * self.answering.incapable_count)
        if asked_count == count:
            expect("queries that found", ended.found, self.answering.finding_count - findings_before)
        return lap


def measure(quick: bool) -> Iterable[Result]:
    """Seconds."""
    with uncollected():
        yield _broadcast(Directory.load(), 3 if quick else 9, quick)


def _broadcast(directory: Directory, run_count: int, quick: bool) -> Result:
    waves = Waves(directory)
    for _ in range(WARM_UPS):
        waves.run(WAVE_COUNT)
    laps = [waves.run(WAVE_COUNT) for _ in range(run_count)]
    per_query = WAVE_COUNT * waves.answering.capable_count
    institutions = list(_over_institutions(directory, 2 if quick else 5))
    sizes = list(_over_wave_sizes(directory, 2 if quick else 5))
    by_inquiry = [(count, ns) for count, ns, _ in institutions]
    return Result(
        NAME,
        "ns",
        tuple(lap.ns / per_query for lap in laps),
        extra={
            "curves": {
                "engine.queries_per_second_over_institutions": curve(
                    "institutions", "queries/s", [(count, rate) for count, _, rate in institutions]
                ),
                "engine.ns_per_inquiry_over_institutions": curve(
                    "institutions", "ns per inquiry", by_inquiry
                ),
                "engine.queries_per_second_over_batch_size": curve(
                    "inquiries in a batch", "queries/s", sizes
                ),
            },
            "growth": [growth(GROWTH_NAME, by_inquiry, GROWTH_MAX)],
            "phases_ns_per_query": {
                phase: round(median(getattr(lap, f"{phase}_ns") for lap in laps) / per_query, 4)
                for phase in ("check", "admit", "cut", "settle", "answer")
            },
            "ns_per_query_without_findings": _median_ns(Waves(directory, 0), run_count) / per_query,
            "ns_per_query_30_percent_duplicates": _median_ns(Waves(directory), run_count, DUPLICATE_SHARE)
            / per_query,
            "cuts": laps[-1].cuts(),
            "reply_bytes_a_wave": laps[-1].reply_bytes,
        },
    )


def _median_ns(waves: Waves, run_count: int, duplicate_share: float = 0.0) -> float:
    """Nanoseconds of the median wave."""
    laps = [waves.run(WAVE_COUNT, duplicate_share) for _ in range(run_count)]
    return median(lap.ns for lap in laps)


def _over_institutions(directory: Directory, run_count: int) -> Iterator[tuple[int, float, float]]:
    """(institutions, ns an inquiry, queries a second), with no records found: their number does not grow."""
    for count in INSTITUTION_COUNTS:
        waves = Waves(smaller(directory, count), found_count=0)
        waves.run(WAVE_COUNT)
        ns = _median_ns(waves, run_count)
        yield count, ns / WAVE_COUNT, WAVE_COUNT * waves.answering.capable_count / ns * 1e9


def _over_wave_sizes(directory: Directory, run_count: int) -> Iterator[tuple[float, float]]:
    """(inquiries in a wave, which are the entries of its batches; queries a second)."""
    waves = Waves(directory)
    for count in WAVE_COUNTS:
        laps = [waves.run(count) for _ in range(run_count + 1)]
        ns = median(lap.ns for lap in laps[1:])
        yield count, count * waves.answering.capable_count / ns * 1e9
