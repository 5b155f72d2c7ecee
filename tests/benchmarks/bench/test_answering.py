"""Answering: who has what is a function of the subject; small directories are whole ones."""

import numpy as np
import pytest

from benchmarks.bench.answering import FOUND_COUNT, Answering, open_engine, smaller
from benchmarks.bench.messages import COURT, Template
from benchmarks.bench.wave import NOW_NS
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, Scope
from chakong.institution.v1 import institution_pb2
from gateway.directory import Directory

NUMBER = "11010519491231002X"


@pytest.fixture(scope="module")
def directory() -> Directory:
    return Directory.load()


def test_finders_are_distinct_and_the_same_again(directory: Directory) -> None:
    answering = Answering(directory)
    finders = answering.finders(NUMBER)
    assert len(set(finders)) == FOUND_COUNT
    assert answering.finders(NUMBER) == finders


def test_nobody_incapable_finds(directory: Directory) -> None:
    answering = Answering(directory, found_count=5_000)
    finders = answering.finders(NUMBER)
    assert len(finders) == answering.capable_count == 3_904
    assert answering.incapable_count == 12
    assert all("INQUIRE" in directory.institutions[index].can for index in finders)


@pytest.mark.parametrize("count", [1, 10, 500, 3_916])
def test_smaller_directory_is_whole(directory: Directory, count: int) -> None:
    made = smaller(directory, count)
    assert [one.index for one in made.institutions] == list(range(count))
    assert [one.index for one in made.endpoints] == list(range(len(made.endpoints)))
    behind = [index for endpoint in made.endpoints for index in endpoint.institutions]
    assert sorted(behind) == list(range(count))
    assert all(index in made.endpoints[made.institutions[index].endpoint].institutions for index in behind)
    open_engine(made)


def test_replies_carry_each_finding_once(directory: Directory) -> None:
    engine, answering = open_engine(directory), Answering(directory)
    message = Template(Scope(reach=REACH_ALL)).message(np.arange(20))
    engine.admit(engine.check(message, COURT, NOW_NS).frame, 1, NOW_NS)
    replies = [
        institution_pb2.Reply.FromString(reply)
        for _, reply in answering.replies(engine.take_batches(NOW_NS, 1 << 30))
    ]
    found = [(one.entry, one.institution) for reply in replies for one in reply.findings]
    assert len(found) == len(set(found)) == answering.finding_count == 20 * FOUND_COUNT


def test_closed_endpoints_are_sent_nothing(directory: Directory) -> None:
    engine = open_engine(directory, is_open=False)
    message = Template(Scope(reach=REACH_ALL)).message(np.arange(2))
    engine.admit(engine.check(message, COURT, NOW_NS).frame, 1, NOW_NS)
    assert engine.take_batches(NOW_NS, 1 << 30) == []
