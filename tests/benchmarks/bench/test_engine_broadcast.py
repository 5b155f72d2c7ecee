"""Broadcast waves at a small size: counts are checked, with and without repeated subjects."""

import pytest

from benchmarks.bench import engine_broadcast
from benchmarks.bench.answering import smaller
from benchmarks.bench.engine_broadcast import DUPLICATE_SHARE, Waves
from benchmarks.bench.result import WrongAnswerError
from gateway.directory import Directory


@pytest.fixture(scope="module")
def directory() -> Directory:
    return smaller(Directory.load(), 60)


def test_waves_follow_one_another(directory: Directory) -> None:
    waves = Waves(directory)
    assert [sum(answers.count for answers in waves.run(count).answers) for count in (40, 1, 7)] == [40, 1, 7]


def test_repeated_subjects_join(directory: Directory) -> None:
    waves = Waves(directory)
    waves.run(40, DUPLICATE_SHARE)
    stats = waves.engine.stats()
    assert stats["queries_joined"] == 12 * waves.answering.capable_count
    assert stats["queries_on_wire"] == 28 * waves.answering.capable_count


def test_fewer_queries_than_there_must_be_raise(directory: Directory) -> None:
    waves = Waves(directory)
    waves.run(10)
    waves._next = 0  # the same orders again: none is accepted
    with pytest.raises(WrongAnswerError, match="inquiries accepted"):
        waves.run(10)


def test_result_has_figure_curves_and_growth(monkeypatch: pytest.MonkeyPatch, directory: Directory) -> None:
    monkeypatch.setattr(engine_broadcast, "WAVE_COUNT", 20)
    monkeypatch.setattr(engine_broadcast, "INSTITUTION_COUNTS", (10, 60))
    monkeypatch.setattr(engine_broadcast, "WAVE_COUNTS", (1, 20))
    monkeypatch.setattr(Directory, "load", lambda: directory)
    (result,) = engine_broadcast.measure(quick=True)
    assert (result.name, result.unit, len(result.ours)) == ("engine.broadcast_ns_per_query", "ns", 3)
    over = {name: [x for x, _ in one["points"]] for name, one in result.extra["curves"].items()}
    assert over["engine.queries_per_second_over_institutions"] == [10, 60]
    assert over["engine.queries_per_second_over_batch_size"] == [1, 20]
    (flat,) = result.extra["growth"]
    assert (flat["from"], flat["to"], flat["limit"]) == (10, 60, 1.5)
