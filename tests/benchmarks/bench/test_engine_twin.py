"""Targeted inquiries beside the twin in pure Python, at a small size."""

import pytest

from benchmarks.bench.engine_twin import beside_twin
from benchmarks.bench.result import WrongAnswerError
from benchmarks.peers.python_twin import Twin
from gateway.directory import Directory


def test_both_accept_everything() -> None:
    result = beside_twin(Directory.load(), 500, 2)
    assert (result.name, result.unit) == ("engine.targeted_vs_python", "inquiries/s")
    assert len(result.ours) == 2
    assert result.reference is not None
    assert len(result.reference) == 2
    assert result.extra == {"live_entries": 500}


def test_twin_that_accepts_less_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Twin.check_and_admit
    monkeypatch.setattr(Twin, "check_and_admit", lambda twin, message: real(twin, message) - 1)
    with pytest.raises(WrongAnswerError, match="accepted by the twin"):
        beside_twin(Directory.load(), 500, 2)
