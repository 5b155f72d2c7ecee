"""Face: batches, answers and figures as Python objects."""

from benchmarks.core import stage
from benchmarks.core._inside import Dues, hand_answers, make_answers, settle_sums
from benchmarks.core.conftest import Measure
from benchmarks.engine.world import COURT, NOW_NS
from gateway._core import Engine
from gateway.directory import Directory

INQUIRY_COUNT = 4_000
STATS_COUNT = 100


def test_batches_handed_out(measure: Measure, directory: Directory) -> None:
    world = stage.admitted(directory, stage.broadcast(measure.size(INQUIRY_COUNT)))
    dues = Dues(world.engine)
    count = dues.gather(NOW_NS)
    dues.cut(NOW_NS)

    def hand_out(made: Dues) -> int:
        return len({batch.endpoint for batch in made.hand_out(b"message")})

    assert measure(hand_out, lambda: dues, count) == {count}


def test_answers_handed_out(measure: Measure, directory: Directory) -> None:
    count = measure.size(INQUIRY_COUNT)

    def ready() -> Engine:
        world = stage.answered(directory, stage.broadcast(count))
        settle_sums(world.engine)
        make_answers(world.engine, NOW_NS)
        return world.engine

    def hand_out(engine: Engine) -> tuple[int, int]:
        answers = hand_answers(engine, COURT)
        return sum(one.count for one in answers), sum(len(one.finals) for one in answers)

    assert measure(hand_out, ready, count, rounds=7) == {(count, 8 * count)}


def test_figures(measure: Measure, directory: Directory) -> None:
    count = measure.size(STATS_COUNT)
    accepted = measure.size(INQUIRY_COUNT)
    world = stage.admitted(directory, stage.broadcast(accepted))

    def look(engine: Engine) -> int:
        return sum(engine.stats()["inquiries_open"] for _ in range(count))

    assert measure(look, lambda: world.engine, count) == {count * accepted}
