"""Outcome: what an exchange and its measurements come to: report, evidence, figures.

It compares every final answer with the simulator's truth and with the directory. It waits for nothing and
prints nothing; benchmarks.demo.invariants judges.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.demo.concern import Concern
from benchmarks.demo.exchange import Exchange
from benchmarks.demo.figures import Bucket, Figures
from benchmarks.demo.hold_figures import HoldFigures
from benchmarks.demo.holding import Held
from benchmarks.demo.inbox import Inbox, ended_counts
from benchmarks.demo.invariants import Evidence
from benchmarks.demo.listing import Listed
from benchmarks.demo.measure import ON_WIRE, Measured
from benchmarks.demo.report import (
    STATES,
    InquiryCounts,
    Report,
    ResidentPeak,
    Spread,
    VerdictCounts,
    spread,
)
from benchmarks.demo.tracking import Tracked
from benchmarks.demo.truth import Comparison, found_for
from benchmarks.demo.weather import Weather
from benchmarks.scrape import Scrape, quantile
from benchmarks.verdicts import Mismatch
from chakong.gateway.v1.gateway_pb2 import Inquiry
from runtime.data import institutions
from simulator.layout import Layout
from simulator.truth import Truth

BATCHES = "chakong_batches_total"
BATCH_SIZE = "chakong_batch_entries"


@dataclass(frozen=True, slots=True)
class After:
    """What came after the exchange: cases, and the list."""

    tracked: Tracked
    listed: Listed


@dataclass(frozen=True, slots=True)
class Outcome:
    evidence: Evidence
    figures: Figures
    mismatches: tuple[Mismatch, ...]
    hold_figures: HoldFigures


def make_outcome(
    scenario: str, seed: int, exchange: Exchange, measured: Measured, held: Held, after: After
) -> Outcome:
    """Everything that can be said about the run."""
    concern = Concern(institutions())
    faults: Counter[str] = Counter()
    for inbox in exchange.inboxes.values():
        inbox.finish()
        faults.update(inbox.faults)
    layout = Layout.load()
    comparison = _compared(exchange, concern, Truth(seed, layout), faults)
    weather = Weather(scenario, seed, layout, exchange.started_ns, exchange.last_final_ns)
    asked = ((one, inbox.finals[id_], inbox.answers[id_]) for inbox, id_, one in _final_inquiries(exchange))
    sizes = measured.last_scrape.buckets(BATCH_SIZE)
    figures = Figures(
        moments=measured.moments,
        classes=concern.by_class(asked),
        slowest=measured.slowest,
        batch_sizes=tuple(Bucket(bound, int(count)) for bound, count in sizes),
    )
    evidence = Evidence(
        report=_report(scenario, exchange, measured, held, concern, after),
        missing_final_count=sum(inbox.missing_final_count() for inbox in exchange.inboxes.values()),
        faults=+faults,
        truth_query_count=comparison.query_count,
        truth_faults=+comparison.faults,
        weather_faults=_weather_faults(exchange, concern, weather),
        hold_faults=held.faults,
        tracker_faults=after.tracked.faults,
        blacklist_faults=after.listed.faults,
    )
    mismatches = tuple(one for verdicts in exchange.verdicts.values() for one in verdicts.mismatches)
    return Outcome(evidence, figures, mismatches, held.figures)


def _final_inquiries(exchange: Exchange) -> Iterator[tuple[Inbox, int, Inquiry]]:
    """Every inquiry that was accepted and has its FINAL answer: (inbox, inquiry id, inquiry)."""
    for court, inbox in exchange.inboxes.items():
        for inquiry_id, inquiry in exchange.answered(court):
            yield inbox, inquiry_id, inquiry


def _compared(exchange: Exchange, concern: Concern, truth: Truth, faults: Counter[str]) -> Comparison:
    """All final answers with the truth; totals and case numbers with the inquiry, into `faults`."""
    comparison = Comparison()
    for inbox, inquiry_id, inquiry in _final_inquiries(exchange):
        answer = inbox.answers[inquiry_id]
        concerned = concern.institutions(inquiry)
        faults["total_differs_from_directory"] += answer.coverage.total != int(concerned.sum())
        faults["case_number_differs"] += answer.case_number != inquiry.mandate.case_number
        comparison.compare(answer, found_for(truth, inquiry, concerned))
    return comparison


def _weather_faults(exchange: Exchange, concern: Concern, weather: Weather) -> Counter[str]:
    faults: Counter[str] = Counter()
    for inbox, inquiry_id, inquiry in _final_inquiries(exchange):
        faults.update(weather.check(inquiry, concern.institutions(inquiry), inbox.finals[inquiry_id]))
    return faults


def _report(
    scenario: str, exchange: Exchange, measured: Measured, held: Held, concern: Concern, after: After
) -> Report:
    verdicts = exchange.verdicts.values()
    inboxes = exchange.inboxes.values()
    finals = [coverage for inbox in inboxes for coverage in inbox.finals.values()]
    sums = [sum(column) for column in zip(*map(ended_counts, finals), strict=True)] or [0] * len(STATES)
    scraped = measured.last_scrape
    return Report(
        scenario=scenario,
        institutions=concern.institution_count,
        endpoints=len(concern.endpoints),
        inquiries=InquiryCounts(
            sent=sum(len(sample.inquiries) for sample in exchange.sample),
            accepted=sum(one.accepted for one in verdicts),
            repeated=sum(one.repeated for one in verdicts),
            refused=sum(one.refused for one in verdicts),
            final=exchange.final_count,
        ),
        verdicts=VerdictCounts(
            expected=sum(one.checked for one in verdicts),
            mismatched=sum(len(one.mismatches) for one in verdicts),
        ),
        query_count=sum(coverage.total for coverage in finals),
        state_counts=dict(zip(STATES, sums, strict=True)),
        queries_on_wire=int(scraped.total(ON_WIRE)),
        records=sum(inbox.record_count() for inbox in inboxes),
        batches=int(scraped.total(BATCHES)),
        batch_size=_batch_size(scraped),
        seconds=max(0, exchange.last_final_ns - exchange.started_ns) / 1e9,
        answer_latency_ms=spread([ms for inbox in inboxes for ms in inbox.latencies_ms()]),
        rss_peak_bytes=ResidentPeak(
            *(max(measured.peaks[name], held.peaks[name]) for name in ("gateway", "simulator"))
        ),
        holds=held.report,
        tracker=after.tracked.report,
        tracked_seconds=after.tracked.seconds,
        blacklist=after.listed.report,
        listed_seconds=after.listed.seconds,
    )


def _batch_size(scraped: Scrape) -> Spread:
    """From the gateway's histogram: its own buckets bound how exact the percentiles can be."""
    sizes = scraped.buckets(BATCH_SIZE)
    return Spread(quantile(sizes, 0.50), quantile(sizes, 0.99), quantile(sizes, 1.0))
