"""Deciding: of many that come together each is judged after all that followed from the one before."""

from collections.abc import Callable
from typing import Any

import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds import Fault, Refusal, case_file, claims, guard, outcome, reading
from gateway.holds.face import FaultKind
from gateway.holds.model import TakenOrder
from tests.gateway.holds.world import COURT, RELEASE, World, as_order, as_receipt, court


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


def failing(real: Callable[..., Any], number: int, error: Exception) -> Callable[..., Any]:
    """The same, but its call of this number, from 1, fails."""
    calls = 0

    def called(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number:
            raise error
        return real(*arguments)

    return called


def three_orders(world: World) -> list[Any]:
    world.claim(100)
    accounts = [world.account(name, 30) for name in "abc"]
    return [as_order(world.freeze_message(one, 30, available_fen=30)) for one in accounts]


def test_an_order_that_we_fail_over_is_refused_alone_and_may_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    orders = three_orders(world)
    error = OverflowError("曹明")
    monkeypatch.setattr(guard, "amount_fault", failing(guard.amount_fault, 2, error))
    ((decisions, accidents),) = world.step(
        lambda ledger: (ledger.orders(orders, court()), ledger.accidents())
    )
    first, refused, third = decisions
    assert accidents == [error]
    assert refused == Refusal(controls_pb2.RULE_NOT_JUDGED, "the gateway failed over it (OverflowError)")
    assert isinstance(first, TakenOrder)
    assert isinstance(third, TakenOrder)
    assert world.ledger.stats().refusals == {"NOT_JUDGED": 1}
    assert world.look().flight_fen == 60
    again = world.do(lambda ledger: ledger.order(orders[1], court()))
    assert isinstance(again, TakenOrder)
    assert not again.repeated
    world.settle()
    assert world.look().cover_fen == 90
    assert [world.replayed().hold_view(one.hold_id, world.now_ns) for one in world.holds()] == world.holds()


def test_a_ledger_that_finds_itself_wrong_does_not_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    orders = three_orders(world)
    error = AssertionError("cannot be")
    monkeypatch.setattr(guard, "amount_fault", failing(guard.amount_fault, 1, error))
    with pytest.raises(AssertionError, match="cannot be"):
        world.do(lambda ledger: ledger.orders(orders, court()))


def test_a_ledger_that_is_half_changed_does_not_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setattr(case_file, "claim_put", failing(case_file.claim_put, 1, OverflowError("late")))
    with pytest.raises(OverflowError, match="late"):
        world.claim(100)


def test_a_receipt_that_we_fail_over_leaves_its_control_without_outcome(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.claim(100)
    for name in "ab":
        world.freeze(world.account(name, 50), 50, available_fen=50)
    taken = world.take()
    receipts = [as_receipt(bank.control(control)) for bank, control in taken]
    endpoint = taken[0][0].endpoint
    error = KeyError("曹明")
    monkeypatch.setattr(outcome, "receipt", failing(outcome.receipt, 1, error))
    ((faults, accidents),) = world.step(
        lambda ledger: (ledger.receipts(endpoint, receipts), ledger.accidents())
    )
    assert accidents == [error]
    assert faults == [Fault(FaultKind.NOT_JUDGED, "the gateway failed over it (KeyError)"), None]
    assert world.look().cover_fen == 50
    world.do(lambda ledger: ledger.receipts(endpoint, receipts))
    assert world.look().cover_fen == 100


def test_an_event_that_we_fail_over_is_passed_over_and_the_next_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.claim(100)
    account = world.account("a", 10)
    world.freeze(account, 100, available_fen=10)
    world.settle()
    bank = world.bank_of(account.institution)
    monkeypatch.setattr(outcome, "read_statement", failing(reading.read_statement, 1, ValueError("x")))
    for _ in range(2):
        bank.credit(account, 10)
    first, second = bank.events
    ((fault, accidents),) = world.step(
        lambda ledger: (ledger.event(bank.endpoint, first), ledger.accidents())
    )
    assert fault == Fault(FaultKind.NOT_JUDGED, "the gateway failed over it (ValueError)")
    assert (len(accidents), world.look().cover_fen) == (1, 10)
    assert world.do(lambda ledger: ledger.event(bank.endpoint, second)) is None
    assert world.look().cover_fen == 30


def test_a_claim_that_we_fail_over_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    error = ValueError("x")
    monkeypatch.setattr(claims, "put", failing(claims.put, 1, error))
    claim = controls_pb2.Claim(claim_id="c1", court_code=COURT)
    ((refusal, accidents),) = world.step(
        lambda ledger: (ledger.put_claim(claim, court()), ledger.accidents())
    )
    assert accidents == [error]
    assert isinstance(refusal, Refusal)
    assert refusal.name == "NOT_JUDGED"
    assert world.claim(100) is None
