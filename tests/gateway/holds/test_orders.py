"""Orders: what becomes of an order of each kind, the same one twice, and the limits of each."""

import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2, type_pb2
from gateway.holds import Limits
from gateway.holds.model import TakenOrder
from tests.gateway.holds.world import (
    CASE,
    COURT,
    DEDUCT,
    FREEZE,
    RELEASE,
    RENEW,
    World,
    as_receipt,
    court,
    officer,
)

ENDED, EFFECTIVE = hold_pb2.HOLD_LIFE_ENDED, hold_pb2.HOLD_LIFE_EFFECTIVE


@pytest.fixture
def world() -> World:
    world = World()
    world.claim(100)
    return world


def held(world: World, amount: int = 100) -> int:
    hold = world.freeze(world.account("held", amount), amount, available_fen=amount)
    world.settle()
    return hold


def test_same_order_again_gets_the_first_receipt(world: World) -> None:
    order = world.freeze_message(world.account("a", 100), 100)
    first = world.order(order)
    again = world.order(order)
    assert isinstance(first, TakenOrder)
    assert isinstance(again, TakenOrder)
    assert (again.control_id, again.hold_id, again.repeated) == (first.control_id, first.hold_id, True)
    assert len(world.take()) == 1


def test_hash_is_over_normalised_fields(world: World) -> None:
    order = world.freeze_message(world.account("a", 100), 100)
    order.subject.id_number = "61010220041214000X"
    order.subject.name = "曹X"
    claim = controls_pb2.Claim()
    claim.CopyFrom(world.look().claim)
    claim.debtors.add(subject=order.subject)
    world.do(lambda ledger: ledger.put_claim(claim, court()))
    world.order(order)
    order.subject.id_number = "61010220041214000x"
    order.property.currency = "CNY"
    again = world.order(order)
    assert isinstance(again, TakenOrder)
    assert again.repeated


def test_order_id_with_another_content_is_refused(world: World) -> None:
    order = world.freeze_message(world.account("a", 100), 100)
    world.order(order)
    order.ceiling_fen = 99
    assert world.refused(order) == "ORDER_ID_REUSED"


def test_refused_order_may_come_again_corrected(world: World) -> None:
    order = world.freeze_message(world.account("a", 100), 101)
    assert world.refused(order) == "ABOVE_CLAIM"
    order.ceiling_fen = 100
    assert isinstance(world.order(order), TakenOrder)


def test_whole_of_an_account_means_the_gap(world: World) -> None:
    world.freeze(world.account("a", 30), 30, available_fen=30)
    world.settle()
    hold = world.freeze(world.account("b", 500, 1))
    assert world.hold(hold).ceiling_fen == 70
    ((_, control),) = world.take()
    assert (control.ceiling_fen, control.whole) == (70, False)


def test_freeze_lasts_as_long_as_the_law_allows_when_no_term_is_given(world: World) -> None:
    hold = held(world, 60)
    car = world.freeze(world.car("car"))
    world.settle()
    assert world.hold(hold).effective_until == 20271122
    assert world.hold(car).effective_until == 20281122


def test_renewal_counts_from_the_day_it_is_made(world: World) -> None:
    hold = held(world)
    world.pass_time(days=300)
    world.accepted(RENEW, hold_id=hold, months=6)
    world.settle()
    assert world.hold(hold).effective_until == 20280318
    world.accepted(RENEW, hold_id=hold)
    world.settle()
    assert world.hold(hold).effective_until == 20280918


def test_release_in_part_is_absolute(world: World) -> None:
    hold = held(world)
    world.accepted(RELEASE, hold_id=hold, ceiling_fen=40)
    world.accepted(RELEASE, hold_id=hold, ceiling_fen=60)
    world.settle()
    assert (world.hold(hold).ceiling_fen, world.hold(hold).controlled_fen) == (40, 40)


def test_deductions_go_many_times_until_the_hold_is_used_up(world: World) -> None:
    hold = held(world)
    for amount in (10, 20, 70):
        world.accepted(DEDUCT, hold_id=hold, amount_fen=amount)
    world.settle()
    view = world.hold(hold)
    assert (view.life, view.end, view.deducted_fen) == (ENDED, hold_pb2.HOLD_END_DEDUCTED, 100)
    assert world.look().cover_fen == 100


def test_deduction_goes_to_the_registered_account_of_the_court(world: World) -> None:
    hold = held(world)
    world.accepted(DEDUCT, hold_id=hold, amount_fen=10)
    ((_, control),) = world.take()
    assert control.payee_account == "1101050000000001"


def test_deduction_of_more_than_is_controlled_is_refused(world: World) -> None:
    hold = held(world, 60)
    assert world.refused(world.message(DEDUCT, hold_id=hold, amount_fen=61)) == "TOO_MUCH"
    world.accepted(DEDUCT, hold_id=hold, amount_fen=40)
    assert world.refused(world.message(DEDUCT, hold_id=hold, amount_fen=21)) == "TOO_MUCH"


def deduction_without_hold(world: World, balance: int, amount: int, *, whole: bool = False) -> int:
    order = world.freeze_message(world.account("d", balance, 2), amount or 1)
    order.kind, order.ceiling_fen, order.amount_fen, order.whole = DEDUCT, 0, amount, whole
    receipt = world.order(order)
    assert isinstance(receipt, TakenOrder)
    return receipt.hold_id


def test_deduction_without_a_hold_first_makes_one(world: World) -> None:
    hold = deduction_without_hold(world, 80, 80)
    ((_, control),) = world.take()
    assert (control.kind, control.ceiling_fen) == (FREEZE, 80)
    world.ledger.give_back([control.control_id])
    world.settle()
    view = world.hold(hold)
    assert (view.end, view.deducted_fen) == (hold_pb2.HOLD_END_DEDUCTED, 80)
    assert [one.cause for one in view.controls] == ["DEDUCTION", ""]


def test_deduction_that_finds_too_little_ends_and_the_hold_stays(world: World) -> None:
    hold = deduction_without_hold(world, 50, 80)
    world.settle()
    view = world.hold(hold)
    assert (view.life, view.controlled_fen, view.deducted_fen) == (EFFECTIVE, 50, 0)
    assert view.controls[1].refusal == hold_pb2.CONTROL_REFUSAL_TOO_MUCH


def test_whole_deduction_without_a_hold_takes_what_is_there(world: World) -> None:
    hold = deduction_without_hold(world, 50, 0, whole=True)
    world.settle()
    assert (world.hold(hold).deducted_fen, world.look().cover_fen) == (50, 50)


def test_controls_on_one_hold_go_one_at_a_time(world: World) -> None:
    hold = world.freeze(world.account("a", 100), 100)
    taken = world.take()
    world.accepted(RELEASE, hold_id=hold, ceiling_fen=50)
    assert world.take() == []
    bank, control = taken[0]
    world.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(bank.control(control))))
    assert [one.kind for _, one in world.take()] == [RELEASE]


def test_urgent_release_goes_before_what_has_not_left(world: World) -> None:
    hold = held(world)
    world.accepted(RENEW, hold_id=hold)
    world.accepted(DEDUCT, hold_id=hold, amount_fen=10)
    urgent = world.message(RELEASE, hold_id=hold, whole=True, urgent=True)
    assert world.refused(urgent) == "MALFORMED"
    urgent.reason = "another person of that name: copy of the passport"
    world.order(urgent)
    assert [one.kind for _, one in world.take()] == [RELEASE]


def test_urgent_release_waits_for_what_is_out(world: World) -> None:
    hold = held(world)
    world.accepted(RENEW, hold_id=hold)
    ((bank, control),) = world.take()
    world.accepted(RELEASE, hold_id=hold, whole=True, urgent=True, reason="wrong person")
    assert world.take() == []
    world.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(bank.control(control))))
    assert [one.kind for _, one in world.take()] == [RELEASE]


def test_full_ledger_takes_no_more_holds() -> None:
    world = World(Limits(holds_max=1, claims_max=1))
    world.claim(100)
    world.freeze(world.account("a", 10), 10)
    assert world.refused(world.freeze_message(world.account("b", 10), 10)) == "FULL"
    refusal = world.claim(100, claim_id="c2", case_number="(2026)京0105执2号")
    assert refusal is not None
    assert refusal.name == "FULL"


def test_hold_can_be_replaced_by_one_other_at_a_time(world: World) -> None:
    hold = held(world)
    world.freeze(world.account("b", 50, 1), 50, available_fen=50, replaces_hold_id=hold)
    again = world.freeze_message(world.account("c", 50, 2), 50, available_fen=50, replaces_hold_id=hold)
    assert world.refused(again) == "MALFORMED"


def test_controls_on_a_hold_are_bounded_and_letting_go_has_room_of_its_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.holds.orders.CONTROLS_PER_HOLD_MAX", 3)
    monkeypatch.setattr("gateway.holds.orders.RELEASES_MORE", 1)
    hold = held(world)
    for _ in range(2):
        world.accepted(RENEW, hold_id=hold)
    assert world.refused(world.message(RENEW, hold_id=hold)) == "FULL"
    world.accepted(RELEASE, hold_id=hold, whole=True)
    assert world.refused(world.message(RELEASE, hold_id=hold, whole=True)) == "FULL"
    world.settle()
    assert world.hold(hold).life == ENDED


def test_release_says_what_stays_or_that_all_goes(world: World) -> None:
    hold = held(world)
    assert world.refused(world.message(RELEASE, hold_id=hold)) == "MALFORMED"
    assert world.refused(world.message(RELEASE, hold_id=hold, whole=True, ceiling_fen=5)) == "MALFORMED"


def test_deduction_of_the_whole_waits_where_the_ceiling_is_above_the_limit() -> None:
    world = World(Limits(approval_above_fen=50))
    world.claim(100)
    account = world.account("a", 10)
    hold = world.freeze(account, 50, available_fen=10)
    world.settle()
    receipt = world.order(world.message(DEDUCT, hold_id=hold, whole=True))
    assert isinstance(receipt, TakenOrder)
    assert not receipt.waits_for_approval
    world = World(Limits(approval_above_fen=50))
    world.claim(100)
    order = world.freeze_message(world.account("a", 10), 60, available_fen=10)
    world.order(order)
    request = controls_pb2.ApproveRequest(order_id=order.order_id, amount_fen=60)
    world.do(lambda ledger: ledger.approve(request, officer("0105002")))
    world.settle()
    # 10 are there now; 60 may be when it is carried out.
    receipt = world.order(world.message(DEDUCT, hold_id=1, whole=True))
    assert isinstance(receipt, TakenOrder)
    assert receipt.waits_for_approval
    request.order_id = receipt.order_id
    approved = world.do(lambda ledger: ledger.approve(request, officer("0105002")))
    assert isinstance(approved, TakenOrder), approved
    world.settle()
    assert world.hold(1).deducted_fen == 10


def test_what_nobody_knows_changes_neither_content_nor_outcome(world: World) -> None:
    order = odd_order(world, id_type=2, id_number="e1234567a")
    taken = world.order(order)
    assert isinstance(taken, TakenOrder)
    for unknown in (b"\xf8\x7f\x05", b"\xfb\x7f\x08\x01\xfc\x7f"):
        again = world.order(controls_pb2.ControlOrder.FromString(order.SerializeToString() + unknown))
        assert isinstance(again, TakenOrder)
        assert (again.repeated, again.hold_id) == (True, taken.hold_id)


def test_a_kind_of_document_that_nobody_knows_is_carried_along(world: World) -> None:
    order = odd_order(world, id_type=-1, id_number="A1")
    receipt = world.order(order)
    assert isinstance(receipt, TakenOrder), receipt
    (view,) = world.holds()
    assert view.subject == order.subject


def odd_order(world: World, *, id_type: int, id_number: str) -> controls_pb2.ControlOrder:
    """A FREEZE for a claim of its own, on somebody with such a document."""
    who = type_pb2.Subject(id_type=id_type, id_number=id_number, name="a")  # type: ignore[arg-type]
    claim = controls_pb2.Claim(claim_id="odd", court_code=COURT, case_number=CASE + "9", principal_fen=50)
    claim.debtors.add(subject=who)
    assert world.do(lambda ledger: ledger.put_claim(claim, court())) is None
    order = world.freeze_message(world.account("odd", 10), 10, claim_id="odd")
    order.subject.CopyFrom(who)
    order.mandate.case_number = CASE + "9"
    return order
