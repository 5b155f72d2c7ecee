"""The blacklist's benchmarks, at a small size: they measure, and see a wrong answer."""

import shutil
from pathlib import Path

import pytest

from benchmarks.bench.result import WrongAnswerError
from benchmarks.services import (
    blacklist_core,
    blacklist_false_hits,
    blacklist_grpc,
    blacklist_load,
    blacklist_peers,
)
from benchmarks.services.blacklist_stage import AS_OF_NS, Asked, asked, binding, snapshot
from benchmarks.services.people import TODAY

ENTRY_COUNT = 20_000


def test_core_gives_all_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blacklist_core, "QUICK_ENTRY_COUNT", ENTRY_COUNT)
    results = {one.name: one for one in blacklist_core.measure(True)}
    assert set(results) == {
        "blacklist.screen_core_per_second",
        "blacklist.bytes_per_entry",
        "blacklist.filter_bytes",
        "blacklist.snapshot_bytes",
        "blacklist.delta_bytes",
    }
    assert results["blacklist.delta_bytes"].our_median < 50


def test_wrong_answer_is_seen() -> None:
    (one,) = asked(ENTRY_COUNT, 1)
    answer, _ = snapshot(ENTRY_COUNT).screen(one.encoded, binding(), TODAY, AS_OF_NS)
    one.expect_answer(answer)
    with pytest.raises(WrongAnswerError):
        Asked(one.encoded, one.listing_ids[1:]).expect_answer(answer)
    with pytest.raises(WrongAnswerError):
        Asked(one.encoded, (2, *one.listing_ids[1:])).expect_answer(answer)


async def test_stream_answers_every_message() -> None:
    result = await blacklist_grpc.over_stream(ENTRY_COUNT, 3, 1)
    assert len(result.ours) == 1


async def test_redis_is_a_peer_or_its_absence_is_said(tmp_path: Path) -> None:
    plan = blacklist_peers.Plan(ENTRY_COUNT, 2, 2)
    made, messages = snapshot(ENTRY_COUNT), asked(ENTRY_COUNT, 2)
    result = await blacklist_peers.beside_redis(made, messages, plan, tmp_path)
    if shutil.which("redis-server"):
        assert result.reference is not None
        assert (len(result.reference), result.note) == (2, "")
    else:
        assert (result.reference, result.note) == (None, "redis-server is not installed")


async def test_absence_of_redis_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    plan = blacklist_peers.Plan(1_000, 1, 1)
    result = await blacklist_peers.beside_redis(snapshot(1_000), asked(1_000, 1), plan, tmp_path)
    assert (result.reference, result.note) == (None, "redis-server is not installed")


def test_sqlite_finds_as_many(tmp_path: Path) -> None:
    plan = blacklist_peers.Plan(ENTRY_COUNT, 2, 2)
    result = blacklist_peers.beside_sqlite(snapshot(ENTRY_COUNT), asked(ENTRY_COUNT, 2), plan, tmp_path)
    assert result.reference is not None
    assert len(result.reference) == 2


async def test_store_is_loaded_and_asked(tmp_path: Path) -> None:
    result = await blacklist_load.loaded(tmp_path, ENTRY_COUNT, 1)
    assert result.extra["entries"] == ENTRY_COUNT


def test_no_innocent_is_named_under_names_of_the_list() -> None:
    assert blacklist_false_hits.asked_about(snapshot(100_000), 1_000_000) == (0, 0)
