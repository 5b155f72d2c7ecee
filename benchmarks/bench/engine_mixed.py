"""Engine, mixed: the 10,000 inquiries of inquiries.jsonl, with all their scopes, items, lists and mistakes.

Every run is a new Engine that meets the same order ids. Time is that of admit, cut, settle and answer, over
the queries that went on the wire: queries that joined an earlier one are not counted, though they are
answered too. Verdicts, the number of queries on the wire and every answer are checked.
"""

from collections.abc import Iterable
from statistics import median

from benchmarks.bench.answering import Answering, open_engine
from benchmarks.bench.result import Result, expect
from benchmarks.bench.timing import uncollected
from benchmarks.bench.wave import NOW_NS, Lap, read_answers, run_wave
from benchmarks.demo.invariants import (
    ACCEPTED_COUNT,
    INCAPABLE_COUNT,
    QUERY_COUNT,
    REPEATED_COUNT,
    SENT_COUNT,
    WIRE_COUNT_CALM,
)
from benchmarks.sample import SampleInquiry, load_sample
from benchmarks.verdicts import CourtVerdicts
from chakong.gateway.v1.gateway_pb2 import SubmitBulkRequest, SubmitBulkResponse
from gateway.directory import Directory

NAME = "engine.mixed_ns_per_query"
# What a court's client puts into a message.
MESSAGE_COUNT = 1_000


def measure(quick: bool) -> Iterable[Result]:
    """A second a run; two of them warm up."""
    directory = Directory.load()
    messages = sample_messages()
    check_verdicts(directory)
    with uncollected():
        laps = [run_sample(directory, messages) for _ in range(4 if quick else 9)][2:]
    yield Result(
        NAME,
        "ns",
        tuple(lap.ns / WIRE_COUNT_CALM for lap in laps),
        extra={
            "phases_ns_per_query": {
                phase: round(median(getattr(lap, f"{phase}_ns") for lap in laps) / WIRE_COUNT_CALM, 4)
                for phase in ("check", "admit", "cut", "settle", "answer")
            },
            "queries_on_wire": WIRE_COUNT_CALM,
            "queries_answered": QUERY_COUNT,
            "cuts": laps[-1].cuts(),
            "reply_bytes": laps[-1].reply_bytes,
        },
    )


def sample_messages() -> list[tuple[str, bytes]]:
    """(court, message), each court's inquiries in the order of the file."""
    return [
        (sample.court, _message(sample.inquiries[at : at + MESSAGE_COUNT]))
        for sample in load_sample()
        for at in range(0, len(sample.inquiries), MESSAGE_COUNT)
    ]


def _message(inquiries: tuple[SampleInquiry, ...]) -> bytes:
    return SubmitBulkRequest(inquiries=[one.inquiry for one in inquiries]).SerializeToString()


def check_verdicts(directory: Directory) -> None:
    """Once, outside the clock: each of the 10,000 verdicts is the one that the file expects."""
    engine = open_engine(directory)
    sent_count = repeated_count = 0
    for sample in load_sample():
        verdicts = CourtVerdicts(sample.court)
        for at in range(0, len(sample.inquiries), MESSAGE_COUNT):
            sent = sample.inquiries[at : at + MESSAGE_COUNT]
            checked = engine.check(_message(sent), sample.court, NOW_NS)
            verdicts.check(sent, SubmitBulkResponse.FromString(checked.response))
            if checked.accepted:
                engine.admit(checked.frame, 1, NOW_NS)
        expect("verdicts that differ from the file", len(verdicts.mismatches), 0)
        sent_count += verdicts.checked
        repeated_count += verdicts.repeated
    expect("inquiries judged", sent_count, SENT_COUNT)
    expect("inquiries repeated", repeated_count, REPEATED_COUNT)


def run_sample(directory: Directory, messages: list[tuple[str, bytes]]) -> Lap:
    """All of the sample through a new Engine; WrongAnswerError unless everything came as it must."""
    engine = open_engine(directory)
    answering = Answering(directory)
    lap = run_wave(engine, answering, messages, ACCEPTED_COUNT)
    stats = engine.stats()
    expect("queries on the wire", stats["queries_on_wire"], WIRE_COUNT_CALM)
    expect("open inquiries", stats["inquiries_open"], 0)
    ended = read_answers(lap.answers)
    expect("final answers", ended.answer_count, ACCEPTED_COUNT)
    expect("queries ended", ended.total, QUERY_COUNT)
    expect("queries incapable", ended.incapable, INCAPABLE_COUNT)
    expect("queries joined", ended.joined, stats["queries_joined"])
    return lap
