"""View: what a claim and a hold look like to callers."""

from functools import partial

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import Ledger
from gateway.holds.model import TakenOrder
from gateway.holds.view import state_of
from tests.gateway.holds.test_plan import plan
from tests.gateway.holds.world import DEDUCT, RENEW, World, as_order, as_receipt, court, person


def test_state_is_a_matter_of_fen() -> None:
    assert state_of(100, 100) == controls_pb2.CLAIM_STATE_MET
    assert state_of(100, 99) == controls_pb2.CLAIM_STATE_SHORT
    assert state_of(100, 101) == controls_pb2.CLAIM_STATE_OVER


def test_hold_shows_what_was_asked_up_to_what_it_is_held_and_what_is_there() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 30), 80, available_fen=30)
    assert world.hold(hold).life == hold_pb2.HOLD_LIFE_REQUESTED
    taken = world.take()
    assert world.hold(hold).life == hold_pb2.HOLD_LIFE_SENT
    world.ledger.give_back([control.control_id for _, control in taken])
    world.settle()
    world.accepted(DEDUCT, hold_id=hold, amount_fen=10)
    world.settle()
    view = world.hold(hold)
    assert (view.requested_fen, view.ceiling_fen, view.controlled_fen, view.deducted_fen) == (80, 70, 20, 10)
    assert (view.cover, view.subject, view.claim_id) == (controls_pb2.COVER_PART, person(), "c1")
    assert [(one.kind, one.outcome, one.deducted_fen) for one in view.controls] == [(1, 1, 0), (4, 1, 10)]
    assert (view.effective_from, view.effective_until) == (20261122, 20271122)


def test_thing_in_force_is_covered_in_full() -> None:
    world = World()
    world.claim(100)
    car = world.freeze(world.car("car"))
    world.settle()
    view = world.hold(car)
    assert (view.whole, view.cover, view.value_fen) == (True, controls_pb2.COVER_FULL, 0)


def test_claim_counts_living_holds() -> None:
    world = World()
    world.claim(100)
    world.freeze(world.account("a", 30), 30, available_fen=30)
    world.freeze(world.account("b", 30, 1), 30, available_fen=30)
    world.settle()
    assert world.look().hold_count == 2
    world.claim(30)
    world.settle()
    assert world.look().hold_count == 1


def test_a_sum_that_is_more_than_a_field_holds_is_shown_as_the_most_it_holds() -> None:
    world = World()
    most = 1 << 50
    world.claim(most)
    empty = world.account("a", 0)
    orders = [world.freeze_message(empty, most, available_fen=0) for _ in range(1 << 13)]
    receipts = world.step(*[partial(take, order) for order in orders])
    assert all(isinstance(one, TakenOrder) for one in receipts)
    assert world.look().exposed_fen == 2**63 - 1
    # In the step, where an error would end the gateway.
    assert plan(world).claim.exposed_fen == 2**63 - 1


def test_what_was_told_of_a_control_that_ended_stays_what_it_is() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 60), 60, available_fen=60)
    world.settle()
    first = world.hold(hold).controls[0]
    world.accepted(RENEW, hold_id=hold)
    ((bank, control),) = world.take()
    word = as_receipt(bank.control(control))
    # While the step is open, and when it was lost, nobody has heard of the outcome.
    world.ledger.begin(world.now_ns)
    world.ledger.receipt(bank.endpoint, word)
    world.ledger.finish()
    assert [one.outcome for one in world.hold(hold).controls] == [first.outcome, 0]
    world.ledger.drop()
    assert [one.outcome for one in world.hold(hold).controls] == [first.outcome, 0]
    world.do(lambda ledger: ledger.receipt(bank.endpoint, word))
    view = world.hold(hold)
    assert [one.outcome for one in view.controls] == [first.outcome] * 2
    assert view.controls[0] == first
    assert world.replayed().hold_view(hold, world.now_ns) == view == world.hold(hold)


def take(order: controls_pb2.ControlOrder, ledger: Ledger) -> object:
    return ledger.order(as_order(order), court())
