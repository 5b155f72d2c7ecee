"""Live inquiries: really open, really known, and joined when asked again."""

import pytest

from benchmarks.bench.live import LiveEngine, Targets
from benchmarks.bench.result import WrongAnswerError
from chakong.gateway.v1.gateway_pb2 import SubmitBulkRequest
from gateway.directory import Directory


@pytest.fixture(scope="module")
def directory() -> Directory:
    return Directory.load()


def test_inquiries_go_to_all_endpoints_in_turn(directory: Directory) -> None:
    inquiries = SubmitBulkRequest.FromString(Targets(directory).message(800)).inquiries
    endpoints = [directory.institutions[one.scope.institutions[0]].endpoint for one in inquiries]
    assert len(set(endpoints)) == len(directory.endpoints) == 372
    assert endpoints[:372] == endpoints[372:744]


def test_it_holds_as_many_as_it_is_told(directory: Directory) -> None:
    live, targets = LiveEngine(directory, 3_000), Targets(directory)
    live.fill(targets, 1_000)
    live.fill(targets, 3_000)
    stats = live.engine.stats()
    assert (stats["inquiries_open"], stats["orders"], stats["asks"]) == (3_000, 3_000, 3_000)
    live.expect_known(targets, 0, 3_000)


def test_what_was_never_sent_is_not_known(directory: Directory) -> None:
    live, targets = LiveEngine(directory, 100), Targets(directory)
    live.fill(targets, 100)
    with pytest.raises(WrongAnswerError, match="inquiries repeated"):
        live.expect_known(targets, 1, 100)


def test_run_is_timed_and_counted(directory: Directory) -> None:
    live, targets = LiveEngine(directory, 1_000), Targets(directory)
    live.fill(targets, 1_000)
    loads = targets.loads(1_000, 2)
    assert [load.count for load in loads] == [100, 100]
    assert all(live.timed_ns(load) > 0 for load in loads)
    assert live.open_count == 1_200
    with pytest.raises(WrongAnswerError, match="open inquiries"):
        live.timed_ns(loads[0])  # the same once more: nothing new is open


def test_share_asks_what_is_open(directory: Directory) -> None:
    live, targets = LiveEngine(directory, 1_000), Targets(directory)
    live.fill(targets, 1_000)
    for load in targets.loads(1_000, 3, 0.3):
        live.serve(load.count)
        live.timed_ns(load)
        assert load.joined_count == 30
    assert live.engine.stats()["queries_joined"] == 90


def test_served_ones_are_answered_and_others_take_their_place(directory: Directory) -> None:
    live, targets = LiveEngine(directory, 1_000), Targets(directory)
    live.fill(targets, 1_000)
    live.serve(100)
    assert 890 < live.open_count <= 900
    assert live.engine.stats()["inquiries_final"] == 1_000 - live.open_count
    live.fill(targets, 1_000)
    live.expect_known(targets, 0, 1_000)
