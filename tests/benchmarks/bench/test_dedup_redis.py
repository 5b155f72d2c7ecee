"""Order ids beside Redis, at a small size: a peer where there is one, a word where there is none."""

import shutil

import pytest

from benchmarks.bench.dedup_redis import beside_redis
from gateway.directory import Directory


def test_redis_is_a_peer_or_its_absence_is_said() -> None:
    result = beside_redis(Directory.load(), 2_000, 2)
    assert len(result.ours) == 2
    if shutil.which("redis-server"):
        assert result.reference is not None
        assert len(result.reference) == 2
        assert result.note == ""
    else:
        assert result.reference is None


def test_absence_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    result = beside_redis(Directory.load(), 1_000, 2)
    assert len(result.ours) == 2
    assert result.reference is None
    assert result.note == "redis-server is not installed"
