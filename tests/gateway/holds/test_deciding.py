"""Deciding: of many that come together each is judged after all that followed from the one before."""

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import Fault, Refusal
from gateway.holds.model import TakenOrder
from tests.gateway.holds.world import RELEASE, World, as_order, as_receipt, court


def test_an_order_is_judged_after_those_that_came_with_it() -> None:
    world = World()
    world.claim(100)
    accounts = [world.account(name, 60) for name in "abc"]
    orders = [as_order(world.freeze_message(one, 60, available_fen=60)) for one in accounts]
    (decisions,) = world.step(lambda ledger: ledger.orders([*orders, orders[0]], court()))
    first, second, third, again = decisions
    assert isinstance(first, TakenOrder)
    assert isinstance(second, Refusal)
    assert (second.rule, third) == (controls_pb2.RULE_ABOVE_CLAIM, second)
    assert again == TakenOrder(first.control_id, first.order_id, first.hold_id, repeated=True)
    assert world.ledger.stats().refusals == {second.name: 2}


def test_what_follows_from_a_receipt_is_there_for_the_next() -> None:
    world = World()
    world.claim(100)
    # Little was seen in them, so both may reach for all of it; now there is more.
    for name in "ab":
        world.freeze(world.account(name, 100), 100, available_fen=40)
    taken = world.take()
    receipts = [as_receipt(bank.control(control)) for bank, control in taken]
    (endpoint,) = {bank.endpoint for bank, _ in taken}
    unknown = as_receipt(
        institution_pb2.ControlReceipt(control_id=1 << 40, outcome=hold_pb2.CONTROL_OUTCOME_DONE)
    )
    (faults,) = world.step(lambda ledger: ledger.receipts(endpoint, [*receipts, unknown]))
    assert [isinstance(fault, Fault) for fault in faults] == [False, False, True]
    # The first covers the claim, so what the second brings is let go of in the same step.
    ((bank, release),) = world.take()
    assert release.kind == RELEASE
    assert (world.look().cover_fen, world.ledger.stats().faults) == (200, {"unknown_control": 1})
    world.say(bank, bank.control(release))
    assert world.look().cover_fen == 100


def test_a_control_that_could_not_be_taken_is_due_again_while_others_go_on() -> None:
    world = World()
    world.claim(100)
    for name in "ab":
        world.freeze(world.account(name, 50), 50, available_fen=50)
    (bank, first), (_, second) = world.take()
    away = institution_pb2.ControlReceipt(
        control_id=first.control_id, outcome=hold_pb2.CONTROL_OUTCOME_UNAVAILABLE
    )
    words = [as_receipt(away), as_receipt(bank.control(second))]
    world.do(lambda ledger: ledger.receipts(bank.endpoint, words))
    assert [control.control_id for _, control in world.take()] == [first.control_id]
    assert world.look().cover_fen == 50
