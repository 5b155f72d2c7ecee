"""Planning: carrying out and standing orders."""

from gateway.holds import Limits
from runtime import calendar
from tests.gateway.holds.test_plan import claimed, plan, record, sight
from tests.gateway.holds.world import RELEASE, World, bank_indexes

UNTIL = 20261201


def standing(world: World) -> None:
    plan(world, carry_out=plan(world).plan_hash, standing_until=UNTIL)


def test_standing_order_fills_the_gap_as_answers_arrive() -> None:
    world = claimed(100)
    sight(world, record("a", 30))
    standing(world)
    world.settle()
    assert (world.look().cover_fen, world.look().standing) == (30, True)
    sight(world, record("b", 50), bank=1)
    world.settle()
    assert world.look().cover_fen == 80
    assert [one.controls[0].cause for one in world.holds()] == ["PLAN", "STANDING"]
    sight(world, record("c", 50), bank=2)
    world.settle()
    assert (world.look().cover_fen, world.look().exposed_fen) == (100, 0)


def test_hold_that_comes_back_with_less_is_made_up_for() -> None:
    world = claimed(100)
    sight(world, record("a", 100), record("b", 60))
    standing(world)
    index = bank_indexes()[0]
    world.bank_of(index).accounts[index, "a"].balance = 50
    world.settle()
    assert world.look().cover_fen == 100


def test_refused_place_is_not_tried_again_until_it_is_seen_again() -> None:
    world = claimed(100)
    sight(world, record("a", 100))
    world.bank_of(bank_indexes()[0]).refused.add(1)
    standing(world)
    world.settle()
    assert len(world.holds()) == 1
    world.pass_time(days=1)
    world.settle()
    assert len(world.holds()) == 1
    sight(world, record("a", 100), inquiry_id=2)
    world.settle()
    assert world.look().cover_fen == 100


def test_standing_order_leaves_alone_what_a_court_let_go_of() -> None:
    world = claimed(100)
    sight(world, record("a", 100))
    standing(world)
    world.settle()
    world.accepted(RELEASE, hold_id=1, whole=True)
    world.settle()
    assert world.look().cover_fen == 0


def test_standing_order_ends_after_its_day() -> None:
    world = claimed(100)
    sight(world, record("a", 30))
    standing(world)
    world.settle()
    world.pass_time(days=9)
    world.settle()
    assert world.look().standing
    world.pass_time(days=1)
    world.settle()
    assert not world.look().standing
    sight(world, record("b", 50), bank=1)
    world.settle()
    assert world.look().cover_fen == 30


def test_standing_order_comes_back_every_day() -> None:
    world = claimed(100)
    sight(world, record("a", 30))
    standing(world)
    world.settle()
    assert world.ledger.next_due_ns() == calendar.midnight_ns(20261123)


def test_grown_interest_is_made_up_for_the_next_day() -> None:
    world = World()
    world.claim(100_000, interest_base_fen=100_000, interest_ppm_per_day=200, interest_from=20261121)
    sight(world, record("a", 500_000))
    standing(world)
    world.settle()
    assert (world.look().cover_fen, world.look().gap_fen) == (100_020, 0)
    world.pass_time(days=1)
    world.settle()
    assert (world.look().cover_fen, world.look().gap_fen) == (100_040, 0)


def test_steps_above_the_limit_wait_for_an_officer() -> None:
    world = World(Limits(approval_above_fen=50))
    world.claim(100)
    sight(world, record("a", 80), record("b", 20))
    done = plan(world, carry_out=plan(world).plan_hash)
    assert len(done.control_ids) == 2
    world.settle()
    assert world.look().cover_fen == 20
    assert world.hold(1).controls[0].waits_for_approval
    assert world.hold(1).controls[0].order_id == "gateway/1"
