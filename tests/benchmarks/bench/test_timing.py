"""Timing: what counts, who goes first, and a collector that is left as it was."""

import gc

import pytest

from benchmarks.bench.timing import Watch, alternate, uncollected


def test_watch_adds_up() -> None:
    watch = Watch()
    with watch.running():
        pass
    first_ns = watch.ns
    with pytest.raises(LookupError), watch.running():
        raise LookupError
    assert 0 < first_ns < watch.ns


def test_who_goes_first_changes() -> None:
    calls: list[tuple[str, int]] = []

    def runs(who: str, factor: float, run: int) -> float:
        calls.append((who, run))
        return run * factor

    ours, reference = alternate(3, lambda run: runs("ours", 1.0, run), lambda run: runs("other", 10.0, run))
    assert (ours, reference) == ((0.0, 1.0, 2.0), (0.0, 10.0, 20.0))
    assert calls == [("ours", 0), ("other", 0), ("other", 1), ("ours", 1), ("ours", 2), ("other", 2)]


def test_collector_is_back_afterwards() -> None:
    assert gc.isenabled()
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()
