"""Sweep: segments and lane entries let go when all their inquiries have their answers."""

from benchmarks.core import stage
from benchmarks.core._inside import Replies, make_answers, settle_sums, sweep
from benchmarks.core.conftest import Measure
from benchmarks.engine.world import NOW_NS
from gateway._core import Engine
from gateway.directory import Directory

FRAME_COUNT = 64
FRAME_INQUIRIES = 16
LANE_INQUIRIES = 4_000


def ended(directory: Directory, *messages: bytes) -> Engine:
    """Every inquiry has its final answer; the logs and lanes hold all of it still."""
    world = stage.admitted(directory, *messages)
    while cut := stage.batches(world):
        Replies(world.engine, stage.nothing_found(world, cut)).settle(NOW_NS)
    settle_sums(world.engine)
    make_answers(world.engine, NOW_NS)
    assert world.engine.open_inquiries() == 0
    return world.engine


def test_segments_let_go(measure: Measure, directory: Directory) -> None:
    count = measure.size(FRAME_COUNT)
    messages = [stage.broadcast(FRAME_INQUIRIES, frame * FRAME_INQUIRIES) for frame in range(count)]
    swept = measure(
        lambda engine: sweep(engine, NOW_NS), lambda: ended(directory, *messages), count, rounds=7
    )
    assert swept == {(count, 0)}


def test_lane_entries_let_go(measure: Measure, directory: Directory) -> None:
    message = stage.targeted(measure.size(LANE_INQUIRIES))
    entry_count = ended(directory, message).stats()["batch_entries"]
    swept = measure(
        lambda engine: sweep(engine, NOW_NS), lambda: ended(directory, message), entry_count, rounds=7
    )
    assert swept == {(0, entry_count)}
