"""Approval: an order above the limit waits for another officer, and counts nowhere until then."""

import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import Limits, Refusal
from gateway.holds.model import TakenOrder
from runtime import calendar
from runtime.identity import Identity
from tests.gateway.holds.world import DEDUCT, RELEASE, World, court, officer


@pytest.fixture
def world() -> World:
    world = World(Limits(approval_above_fen=50))
    world.claim(100)
    return world


def waiting(world: World) -> str:
    order = world.freeze_message(world.account("a", 100), 100, available_fen=100)
    receipt = world.order(order)
    assert isinstance(receipt, TakenOrder)
    assert receipt.waits_for_approval
    return order.order_id


def approve(world: World, order_id: str, caller: Identity, amount: int = 100) -> str:
    request = controls_pb2.ApproveRequest(order_id=order_id, amount_fen=amount)
    decision = world.do(lambda ledger: ledger.approve(request, caller))
    return decision.name if isinstance(decision, Refusal) else ""


def test_order_above_the_limit_counts_nowhere_until_it_is_approved(world: World) -> None:
    order_id = waiting(world)
    assert world.take() == []
    assert (world.look().flight_fen, world.look().exposed_fen) == (0, 0)
    assert approve(world, order_id, officer("0105999")) == ""
    assert world.look().flight_fen == 100
    world.settle()
    assert world.look().cover_fen == 100


def test_order_at_the_limit_does_not_wait(world: World) -> None:
    world.freeze(world.account("a", 100), 50, available_fen=100)
    assert len(world.take()) == 1


def test_approving_twice_is_once(world: World) -> None:
    order_id = waiting(world)
    approve(world, order_id, officer("0105999"))
    assert approve(world, order_id, officer("0105999")) == ""
    assert len(world.take()) == 1


def test_only_another_officer_of_the_court_approves_what_he_saw(world: World) -> None:
    order_id = waiting(world)
    assert approve(world, order_id, court()) == "FOREIGN_COURT"
    assert approve(world, order_id, officer("0105001")) == "SAME_OFFICER"
    assert approve(world, order_id, officer("x", "沪0101")) == "NOTHING_TO_APPROVE"
    assert approve(world, order_id, officer("0105999"), 99) == "MALFORMED"
    assert approve(world, "o99", officer("0105999")) == "NOTHING_TO_APPROVE"


def test_officer_who_ordered_under_anothers_name_does_not_approve(world: World) -> None:
    order = world.freeze_message(world.account("a", 100), 100, available_fen=100)
    world.order(order, officer("0105777"))
    assert approve(world, order.order_id, officer("0105777")) == "SAME_OFFICER"


def test_guards_are_asked_again(world: World) -> None:
    order_id = waiting(world)
    world.freeze(world.account("b", 40, 1), 40, available_fen=40)
    assert approve(world, order_id, officer("0105999")) == "ABOVE_CLAIM"
    assert world.hold(1).controls[0].waits_for_approval


def test_waiting_order_that_is_released_ends(world: World) -> None:
    order_id = waiting(world)
    world.accepted(RELEASE, hold_id=1, whole=True)
    assert world.hold(1).life == hold_pb2.HOLD_LIFE_ENDED
    assert approve(world, order_id, officer("0105999")) == "NOTHING_TO_APPROVE"


def test_deduction_with_its_freeze_waits_and_leaves_together(world: World) -> None:
    order = world.freeze_message(world.account("a", 100), 80)
    order.kind, order.ceiling_fen, order.amount_fen = DEDUCT, 0, 80
    world.order(order)
    assert world.take() == []
    assert approve(world, order.order_id, officer("0105999"), 80) == ""
    world.settle()
    assert world.hold(1).deducted_fen == 80


def test_deduction_above_the_limit_waits_while_its_hold_stays(world: World) -> None:
    order_id = waiting(world)
    approve(world, order_id, officer("0105999"))
    world.settle()
    deduction = world.message(DEDUCT, hold_id=1, whole=True)
    world.order(deduction)
    assert world.take() == []
    assert approve(world, deduction.order_id, officer("0105999")) == ""
    world.settle()
    assert world.hold(1).deducted_fen == 100


def test_what_was_to_be_replaced_and_has_left_the_ledger_is_replaced_by_nothing() -> None:
    world = World(Limits(approval_above_fen=50, ended_keep_ns=calendar.DAY_NS))
    world.claim(100)
    account = world.account("a", 30)
    older = world.freeze(account, 30, available_fen=30)
    world.settle()
    order = world.freeze_message(world.account("b", 100, 1), 100, available_fen=100, replaces_hold_id=older)
    assert isinstance(world.order(order), TakenOrder)
    ended = world.bank_of(account.institution).statement(older)
    ended.version, ended.life, ended.end = 9, hold_pb2.HOLD_LIFE_ENDED, hold_pb2.HOLD_END_DISPOSED
    bank = world.bank_of(account.institution)
    seq = world.ledger.cursor(bank.endpoint) + 1
    event = institution_pb2.HoldEvent(seq=seq, hold=ended)
    assert world.do(lambda ledger: ledger.event(bank.endpoint, event)) is None
    for _ in range(3):
        world.pass_time(days=3)
        world.tick()
    assert world.ledger.hold_view(older, world.now_ns) is None
    assert approve(world, order.order_id, officer("0105999")) == "HOLD_ENDED"
    assert world.take() == []
