"""A wave through the Engine: what comes out is read, and a wrong answer raises."""

from collections.abc import Sequence

import numpy as np
import pytest

from benchmarks.bench.answering import Answering, open_engine, smaller
from benchmarks.bench.messages import COURT, Template
from benchmarks.bench.result import WrongAnswerError
from benchmarks.bench.wave import read_answers, run_wave
from chakong.gateway.v1 import gateway_pb2
from chakong.institution.v1 import institution_pb2
from chakong.journal.v1 import journal_pb2
from gateway._core import Answers, Batch
from gateway.directory import Directory

COUNT = 50


@pytest.fixture(scope="module")
def directory() -> Directory:
    return smaller(Directory.load(), 100)


def message() -> tuple[str, bytes]:
    scope = gateway_pb2.Scope(reach=gateway_pb2.REACH_ALL)
    return COURT, Template(scope).message(np.arange(COUNT))


class Forgetful(Answering):
    """Leaves out the last institution of every reply."""

    def replies(self, batches: Sequence[Batch]) -> list[tuple[int, bytes]]:
        made = []
        for endpoint, reply in super().replies(batches):
            read = institution_pb2.Reply.FromString(reply)
            del read.answered[0].institutions[-1:]
            read.ClearField("findings")
            made.append((endpoint, read.SerializeToString()))
        return made


class Confused(Answering):
    """Names another batch than it was sent."""

    def reply(self, batch: Batch) -> bytes:
        return institution_pb2.Reply(batch_id=batch.id + 1).SerializeToString()


def test_all_of_it_ends(directory: Directory) -> None:
    answering = Answering(directory)
    lap = run_wave(open_engine(directory), answering, [message()], COUNT)
    ended = read_answers(lap.answers)
    assert ended.answer_count == COUNT
    assert ended.total == COUNT * 100
    assert ended.found == answering.finding_count == COUNT * 5
    assert ended.joined == 0
    assert lap.ns == lap.admit_ns + lap.cut_ns + lap.settle_ns + lap.answer_ns
    cuts = lap.cuts()
    assert cuts["entries_max"] == cuts["entries_min"] == COUNT
    assert sum(cuts["batches_of_up_to_entries"].values()) == cuts["batches"]
    assert sum(cuts["by_reason"].values()) == cuts["batches"] == len(directory.endpoints)
    assert min(lap.check_ns, lap.admit_ns, lap.cut_ns, lap.settle_ns, lap.answer_ns) > 0


def test_what_is_not_answered_is_not_final(directory: Directory) -> None:
    lap = run_wave(open_engine(directory), Forgetful(directory), [message()], COUNT)
    assert read_answers(lap.answers).answer_count == 0


def test_refused_reply_raises(directory: Directory) -> None:
    with pytest.raises(WrongAnswerError, match="replies refused"):
        run_wave(open_engine(directory), Confused(directory), [message()], COUNT)


def test_other_number_of_accepted_raises(directory: Directory) -> None:
    with pytest.raises(WrongAnswerError, match="inquiries accepted: 50 came, must be 51"):
        run_wave(open_engine(directory), Answering(directory), [message()], COUNT + 1)


def test_answer_that_does_not_add_up_raises(monkeypatch: pytest.MonkeyPatch, directory: Directory) -> None:
    lap = run_wave(open_engine(directory), Answering(directory), [message()], COUNT)
    real = journal_pb2.Answers.FromString

    def spoiled(encoded: bytes) -> journal_pb2.Answers:
        read = real(encoded)
        read.answers[7].coverage.none -= 1
        return read

    class Spoiled:
        FromString = staticmethod(spoiled)

    monkeypatch.setattr("benchmarks.bench.wave.journal_pb2.Answers", Spoiled)
    with pytest.raises(WrongAnswerError, match="queries answered or incapable"):
        read_answers(lap.answers)


def test_nothing_is_read_from_nothing() -> None:
    nothing: list[Answers] = []
    assert read_answers(nothing).answer_count == 0
