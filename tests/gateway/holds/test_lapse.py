"""Lapse: an input about a claim sees none of its holds in force after its last day."""

import pytest

from chakong.type.v1 import hold_pb2
from runtime import calendar
from tests.gateway.holds.world import DEDUCT, RELEASE, RENEW, World

REFUSED = hold_pb2.CONTROL_OUTCOME_REFUSED


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


@pytest.mark.parametrize(("kind", "fields"), [(RENEW, {}), (DEDUCT, {"amount_fen": 10})])
def test_what_has_not_left_by_the_last_day_does_not_leave_any_more(
    kind: "hold_pb2.ControlKind.ValueType", fields: dict[str, int]
) -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 100, available_fen=100, months=1)
    world.settle()
    world.accepted(kind, hold_id=hold, **fields)
    world.now_ns = calendar.midnight_ns(20261223)
    world.tick()
    assert world.take() == []
    assert world.hold(hold).controls[-1].outcome == REFUSED
    assert "20261222" in world.hold(hold).controls[-1].text


def test_what_left_before_midnight_is_waited_for_and_a_release_still_goes() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 100), 100, available_fen=100, months=1)
    world.settle()
    world.accepted(RENEW, hold_id=hold)
    ((bank, control),) = world.take()
    receipt = bank.control(control)
    world.accepted(RELEASE, hold_id=hold, whole=True)
    world.now_ns = calendar.midnight_ns(20261223)
    world.tick()
    assert world.look().cover_fen == 0
    world.say(bank, receipt)
    assert world.look().cover_fen == 100
    assert [one.kind for _, one in world.take()] == [RELEASE]
