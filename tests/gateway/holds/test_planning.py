"""Planning: carrying out and standing orders."""

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import Limits, Refusal
from runtime import calendar
from tests.gateway.holds.test_plan import claimed, plan, record, request, sight
from tests.gateway.holds.world import DEDUCT, RELEASE, World, bank_indexes, court, person

UNTIL = 20261201
SUCCESSOR = controls_pb2.CASE_EVENT_KIND_SUCCESSOR


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


def test_bank_that_lets_a_hold_end_at_once_is_asked_again_the_next_day_at_the_earliest() -> None:
    world = claimed(100)
    sight(world, record("a", 100))
    standing(world)
    for _ in range(5):
        for bank, control in world.take():
            receipt = bank.control(control)
            receipt.hold.life, receipt.hold.end = hold_pb2.HOLD_LIFE_ENDED, hold_pb2.HOLD_END_EXPIRED
            world.say(bank, receipt)
    assert len(world.holds()) == 1
    world.pass_time(days=1)
    world.tick()
    assert len(world.holds()) == 2


def test_what_was_used_up_by_a_deduction_is_held_again_at_once() -> None:
    world = claimed(100)
    sight(world, record("a", 100))
    standing(world)
    world.settle()
    world.accepted(DEDUCT, hold_id=1, whole=True)
    world.settle()
    world.claim(130)
    sight(world, record("a", 70), inquiry_id=2)
    world.settle()
    assert len(world.holds()) == 2


def test_account_is_held_in_the_name_that_it_is_in() -> None:
    world = claimed(100)
    world.event(SUCCESSOR, subject=person(1), successor=person(5))
    sight(world, record("his", 60), record("hers", 30, debtor=5))
    view = plan(world)
    assert [(one.property.locator, one.subject.name) for one in view.steps] == [
        ("his", "曹1"),
        ("hers", "曹5"),
    ]
    assert [one.debtor for one in world.ledger._book.sightings[1].values()] == [0, 0]
    plan(world, carry_out=view.plan_hash)
    assert [hold.subject.name for hold in world.holds()] == ["曹1", "曹5"]


def test_plan_rests_on_a_mandate_of_the_case() -> None:
    world = claimed(100)
    sight(world, record("a", 100))
    other = request()
    other.mandate.case_number = "(2026)京0105执999号"
    refusal = world.do(lambda ledger: ledger.plan(other, court()))
    assert isinstance(refusal, Refusal)
    assert refusal.name == "NO_SUCH_CLAIM"


def test_standing_order_until_a_day_that_has_passed_is_refused() -> None:
    world = claimed(100)
    for until in (20261121, 20261131, 7):
        refusal = world.do(lambda ledger, until=until: ledger.plan(request(standing_until=until), court()))  # type: ignore[misc]
        assert isinstance(refusal, Refusal)
        assert "standing_until" in refusal.text
    plan(world, standing_until=20261122)


def test_what_is_not_of_a_mandate_does_not_stand_with_the_order() -> None:
    world = claimed(100)
    sight(world, record("a", 30))
    wanted = request(carry_out=plan(world).plan_hash, standing_until=UNTIL)
    wanted.mandate.MergeFromString(b"\xfa\x06\x80\x20" + b"x" * 4_096)
    world.do(lambda ledger: ledger.plan(wanted, court()))
    assert world.look().standing
    assert len(world.frames[-1]) < 2_000
