"""Answer: final answers of all that came, without findings, with five in each, and with all missing."""

from benchmarks.core import stage
from benchmarks.core._inside import hand_answers, make_answers, settle_sums
from benchmarks.core.conftest import Measure
from benchmarks.engine.world import COURT, NOW_NS
from chakong.journal.v1.journal_pb2 import Answers
from gateway._core import Engine
from gateway.directory import Directory

INQUIRY_COUNT = 2_000


def coverages(engine: Engine) -> set[tuple[int, int]]:
    """Found and none, of each answer."""
    made = [Answers.FromString(one.message) for one in hand_answers(engine, COURT)]
    return {(one.coverage.found, one.coverage.none) for part in made for one in part.answers}


def test_answers_without_findings(measure: Measure, directory: Directory) -> None:
    count = measure.size(INQUIRY_COUNT)
    last: list[Engine] = []

    def ready() -> Engine:
        world = stage.answered(directory, stage.broadcast(count))
        settle_sums(world.engine)
        last[:] = [world.engine]
        return world.engine

    assert measure(lambda engine: make_answers(engine, NOW_NS), ready, count, rounds=7) == {count}
    capable = sum(map(len, stage.admitted(directory).answered))
    assert coverages(last[0]) == {(0, capable)}


def test_answers_with_findings(measure: Measure, directory: Directory) -> None:
    count = measure.size(INQUIRY_COUNT)
    last: list[tuple[Engine, int]] = []

    def ready() -> Engine:
        world = stage.admitted(directory, stage.broadcast(count))
        replies, finding_count = stage.five_found(directory, stage.batches(world))
        for endpoint, reply in replies:
            assert world.engine.settle(endpoint, reply, NOW_NS).fault == 0
        settle_sums(world.engine)
        last[:] = [(world.engine, finding_count)]
        return world.engine

    assert measure(lambda engine: make_answers(engine, NOW_NS), ready, count, rounds=7) == {count}
    engine, finding_count = last[0]
    assert engine.stats()["state_found"] == finding_count == 5 * count
    capable = sum(map(len, stage.admitted(directory).answered))
    assert coverages(engine) == {(5, capable - 5)}


def test_answers_that_list_everybody_as_missing(measure: Measure, directory: Directory) -> None:
    count = measure.size(INQUIRY_COUNT)
    last: list[Engine] = []

    def ready() -> Engine:
        last[:] = [stage.admitted(directory, stage.broadcast(count)).engine]
        return last[0]

    def cancel(engine: Engine) -> int:
        return sum(engine.cancel(number, NOW_NS) for number in range(1, count + 1))

    assert measure(cancel, ready, count, rounds=7) == {count}
    made = [Answers.FromString(one.message) for one in hand_answers(last[0], COURT)]
    listed = {
        sum(len(row.institutions) for row in one.coverage.missing) for all_ in made for one in all_.answers
    }
    assert listed == {len(directory.institutions)}
