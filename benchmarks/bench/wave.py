"""Wave: inquiries through the Engine alone, from the durable frame to the final answer.

The clock runs while the Engine works, and stands while messages and replies are made and answers are read.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.bench.answering import Answering
from benchmarks.bench.result import expect
from benchmarks.bench.timing import Watch
from chakong.gateway.v1 import gateway_pb2
from chakong.journal.v1 import journal_pb2
from gateway import _core
from gateway._core import Answers, Engine

REASON_NAMES = {
    _core.CUT_DRAINED: "drained",
    _core.CUT_ENTRIES: "entries",
    _core.CUT_BYTES: "bytes",
    _core.CUT_SEGMENT: "segment",
    _core.CUT_AGAIN: "again",
    _core.CUT_HALF: "half",
    _core.CUT_REST: "rest",
}
NOW_NS = 1_780_000_000_000_000_000
SEND_BYTES_MAX = 1 << 30


@dataclass(frozen=True, slots=True)
class Lap:
    """What a wave took, by phase, and what came out of it."""

    check_ns: int
    admit_ns: int
    cut_ns: int
    settle_ns: int
    answer_ns: int
    # Of each batch: its entries, and why it was cut there.
    batches: tuple[tuple[int, int], ...]
    reply_bytes: int
    answers: tuple[Answers, ...]
    frames: tuple[bytes, ...]

    @property
    def ns(self) -> int:
        """Admit, cut, settle and answer. Reading and judging the court's message is `check_ns`."""
        return self.admit_ns + self.cut_ns + self.settle_ns + self.answer_ns

    def cuts(self) -> dict[str, Any]:
        """How many batches, with how many entries, cut for what reason; for bench.json. The histogram's
        bounds are powers of two."""
        entries = sorted(entry_count for entry_count, _ in self.batches)
        bounds = Counter(1 << (count - 1).bit_length() for count in entries)
        reasons = Counter(REASON_NAMES[reason] for _, reason in self.batches)
        return {
            "batches": len(entries),
            "entries_min": entries[0],
            "entries_median": entries[len(entries) // 2],
            "entries_max": entries[-1],
            "by_reason": dict(reasons),
            "batches_of_up_to_entries": {str(bound): bounds[bound] for bound in sorted(bounds)},
        }


def run_wave(
    engine: Engine, answering: Answering, messages: Iterable[tuple[str, bytes]], accepted_count: int
) -> Lap:
    """Check and admit every (court, message), then cut, answer and settle until nothing waits."""
    check, admit, cut, settle, answer = Watch(), Watch(), Watch(), Watch(), Watch()
    frames: list[bytes] = []
    accepted = 0
    for seq, (court, message) in enumerate(messages, 1):
        with check.running():
            checked = engine.check(message, court, NOW_NS)
            frame = checked.frame
        expect("status of a message", checked.status, 0)
        accepted += checked.accepted
        frames.append(frame)
        if not frame:
            continue
        with admit.running():
            engine.admit(frame, seq, NOW_NS)
    expect("inquiries accepted", accepted, accepted_count)
    cuts: list[tuple[int, int]] = []
    reply_bytes = 0
    while True:
        with cut.running():
            batches = engine.take_batches(NOW_NS, SEND_BYTES_MAX)
        if not batches:
            break
        replies = answering.replies(batches)
        with settle.running():
            faults = [engine.settle(endpoint, reply, NOW_NS).fault for endpoint, reply in replies]
        expect("replies refused", sum(map(bool, faults)), 0)
        cuts += [(batch.entry_count, batch.reason) for batch in batches]
        reply_bytes += sum(len(reply) for _, reply in replies)
    with answer.running():
        answers = engine.take_answers(NOW_NS)
    return Lap(
        check.ns,
        admit.ns,
        cut.ns,
        settle.ns,
        answer.ns,
        tuple(cuts),
        reply_bytes,
        tuple(answers),
        tuple(frames),
    )


@dataclass(frozen=True, slots=True)
class Ended:
    """Sums over final answers."""

    answer_count: int
    total: int
    found: int
    incapable: int
    joined: int


def read_answers(answers: Iterable[Answers]) -> Ended:
    """Every answer read: final, its coverage complete, records of each institution that found.

    WrongAnswerError for the first that is not so.
    """
    count = total = found = incapable = joined = 0
    for message in answers:
        for answer in journal_pb2.Answers.FromString(message.message).answers:
            coverage = answer.coverage
            expect("stage of an answer", answer.stage, gateway_pb2.STAGE_FINAL)
            ended = coverage.found + coverage.none + coverage.incapable
            expect("queries answered or incapable, of an inquiry", ended, coverage.total)
            with_records = sum(bool(finding.records) for finding in answer.findings)
            expect("findings with records, of an inquiry", with_records, coverage.found)
            count += 1
            total += coverage.total
            found += coverage.found
            incapable += coverage.incapable
            joined += coverage.joined
    return Ended(count, total, found, incapable, joined)
