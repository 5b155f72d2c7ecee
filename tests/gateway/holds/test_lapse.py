"""Lapse: an input about a claim sees none of its holds in force after its last day."""

from runtime import calendar
from tests.gateway.holds.world import World


def test_input_after_midnight_counts_no_hold_of_the_day_before() -> None:
    world = World()
    world.claim(100)
    for number in range(3):
        world.freeze(world.account(f"a{number}", 30, number), 30, available_fen=30, months=number + 1)
    world.settle()
    world.now_ns = calendar.midnight_ns(20261223)
    world.claim(101)
    assert (world.look().cover_fen, world.look().gap_fen) == (60, 41)
    assert world.replayed().claim_view("京0105", "c1", world.now_ns) == world.look()
    world.now_ns = calendar.midnight_ns(20270123)
    world.claim(102)
    assert world.look().cover_fen == 30


def test_hold_that_replaces_one_that_lapsed_counts_for_itself() -> None:
    world = World()
    world.claim(100)
    older = world.freeze(world.account("a", 100), 100, available_fen=100, months=1)
    world.settle()
    newer = world.freeze(world.account("b", 100, 1), 100, available_fen=100, replaces_hold_id=older)
    world.now_ns = calendar.midnight_ns(20261223)
    world.tick()
    world.pass_time()
    world.settle()
    assert (world.look().cover_fen, world.hold(newer).controlled_fen) == (100, 100)
