"""What simulated worlds found in the ledger, each as small as it can be told."""

from chakong.gateway.v1 import controls_pb2, gateway_pb2
from chakong.type.v1 import hold_pb2, type_pb2
from tests.gateway.holds.test_plan import claimed, plan, record, sight
from tests.gateway.holds.world import CASE, COURT, World, as_receipt, bank_indexes, person, registry

UNTIL = 20261201


def standing(world: World) -> None:
    plan(world, carry_out=plan(world).plan_hash, standing_until=UNTIL)


def sight_car(world: World, worth: int) -> None:
    world.car("plate")
    car = type_pb2.Record(
        item=14,
        locator="plate",
        kind="car",
        amount_fen=worth,
        holder_number=person().id_number,
        holder_name=person().name,
    )
    finding = gateway_pb2.Finding(institution=registry(), state=type_pb2.END_STATE_FOUND, records=[car])
    answer = gateway_pb2.Answer(inquiry_id=2, case_number=CASE, findings=[finding])
    world.do(lambda ledger: ledger.sight(COURT, answer))


def test_thing_of_a_debtor_whose_cap_is_full_is_not_held_and_released_for_ever() -> None:
    world = claimed(100, caps=(30,))
    sight(world, record("a", 30))
    standing(world)
    world.settle()
    sight_car(world, 80)
    world.settle()
    assert [hold.property.locator for hold in world.holds()] == ["a"]


def test_overdue_freeze_that_has_not_left_makes_room_for_what_a_standing_order_makes() -> None:
    world = claimed(100)
    sight(world, record("a", 100), record("b", 100))
    standing(world)
    world.pass_time(seconds=601)
    world.tick()
    assert [control.property.locator for _, control in world.take()] == ["b"]


def test_release_that_is_done_and_said_to_leave_more_is_not_repeated() -> None:
    world = claimed(100)
    world.freeze(world.account("a", 100), 100, available_fen=100)
    world.settle()
    world.claim(40)
    ((bank, control),) = world.take()
    receipt = bank.control(control)
    receipt.hold.controlled_fen = 90
    world.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(receipt)))
    assert world.take() == []
    assert world.look().cover_fen == 40


def test_queued_hold_controls_nothing_whatever_is_said() -> None:
    world = claimed(100)
    hold_id = world.freeze(world.account("a", 0), 100)
    ((bank, control),) = world.take()
    receipt = bank.control(control)
    receipt.hold.life, receipt.hold.queue_position = hold_pb2.HOLD_LIFE_QUEUED, 1
    receipt.hold.effective_from = receipt.hold.effective_until = 0
    receipt.hold.controlled_fen = 5
    world.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(receipt)))
    assert world.hold(hold_id).controlled_fen == 0


def test_second_freeze_of_a_place_that_was_refused_is_not_tried_again_at_once() -> None:
    world = claimed(100)
    sight(world, record("a", 30))
    account = world.bank_of(bank_indexes()[0]).accounts[bank_indexes()[0], "a"]
    first = world.freeze(account, 30, available_fen=30)
    world.settle()
    world.bank_of(account.institution).refused.update(range(first + 1, first + 1_000))
    account.balance = 80
    world.pass_time(seconds=1)
    sight(world, record("a", 50))
    standing(world)
    world.settle()
    lives = [hold.life for hold in world.holds()]
    assert lives == [hold_pb2.HOLD_LIFE_EFFECTIVE, hold_pb2.HOLD_LIFE_ENDED]
    assert world.look().state == controls_pb2.CLAIM_STATE_SHORT
