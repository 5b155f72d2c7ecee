"""Waves beside what is live: right answers, and what was live still is."""

import pytest

from benchmarks.bench.engine_live import WAVE_COUNT, LiveWaves
from benchmarks.bench.live import LiveEngine, Targets
from benchmarks.bench.result import WrongAnswerError
from gateway.directory import Directory

LIVE_COUNT = 2_000


@pytest.fixture(scope="module")
def directory() -> Directory:
    return Directory.load()


def test_waves_leave_what_is_live(directory: Directory) -> None:
    live, targets = LiveEngine(directory, LIVE_COUNT), Targets(directory)
    live.fill(targets, LIVE_COUNT)
    waves = LiveWaves(live, directory)
    assert waves.broadcast_ns() > 0
    before = live.engine.stats()
    assert waves.mixed_ns() > 0
    stats = live.engine.stats()
    assert stats["inquiries_final"] == 2 * WAVE_COUNT
    assert live.engine.open_inquiries() == LIVE_COUNT
    joined = stats["queries_joined"] - before["queries_joined"]
    on_wire = stats["queries_on_wire"] - before["queries_on_wire"]
    # Three of ten repeat inquiries at everybody, seven are asked.
    assert joined / (joined + on_wire) == pytest.approx(0.3, abs=0.001)


def test_wave_that_lost_a_live_inquiry_is_no_figure(directory: Directory) -> None:
    live, targets = LiveEngine(directory, LIVE_COUNT), Targets(directory)
    live.fill(targets, LIVE_COUNT)
    live.engine.cancel(1, 1_780_000_000_000_000_000)
    with pytest.raises(WrongAnswerError):
        LiveWaves(live, directory).broadcast_ns()
