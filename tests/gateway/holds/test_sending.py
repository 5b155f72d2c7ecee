"""Sending: what is due where, in which order, and what comes back."""

import pytest

from tests.gateway.holds.world import DEDUCT, FREEZE, RELEASE, RENEW, World, as_receipt, directory


@pytest.fixture
def world() -> World:
    world = World()
    world.claim(1_000)
    return world


def test_nothing_is_due_in_a_new_ledger(world: World) -> None:
    assert world.ledger.endpoints_due() == frozenset()
    assert world.take() == []


def test_releases_go_first_then_deductions_renewals_freezes(world: World) -> None:
    holds = [world.freeze(world.account(f"a{n}", 10), 10, available_fen=10) for n in range(4)]
    world.settle()
    world.freeze(world.account("new", 10), 10, available_fen=10)
    world.accepted(RENEW, hold_id=holds[0])
    world.accepted(DEDUCT, hold_id=holds[1], amount_fen=1)
    world.accepted(RELEASE, hold_id=holds[2], whole=True)
    world.accepted(RELEASE, hold_id=holds[3], whole=True, urgent=True, reason="wrong person")
    taken = [(control.kind, control.hold_id) for _, control in world.take()]
    assert taken == [
        (RELEASE, holds[3]),
        (RELEASE, holds[2]),
        (DEDUCT, holds[1]),
        (RENEW, holds[0]),
        (FREEZE, 5),
    ]


def test_release_of_a_wrong_freeze_is_known_to_be_urgent_until_it_is_handed_out(world: World) -> None:
    hold = world.freeze(world.account("a", 10), 10, available_fen=10)
    world.settle()
    endpoint = directory().institutions[world.hold(hold).property.institution].endpoint
    world.accepted(RELEASE, hold_id=hold, ceiling_fen=5)
    assert world.ledger.endpoints_urgent() == frozenset()
    world.settle()
    world.accepted(RELEASE, hold_id=hold, whole=True, urgent=True, reason="wrong person")
    assert world.ledger.endpoints_urgent() == {endpoint}
    ((_, control),) = world.take()
    assert world.ledger.endpoints_urgent() == frozenset()
    world.ledger.give_back([control.control_id])
    assert world.ledger.endpoints_urgent() == {endpoint}


def test_no_more_are_handed_out_than_asked_for(world: World) -> None:
    account = world.account("a", 100)
    for number in range(5):
        world.freeze(world.account(f"a{number}", 10), 10, available_fen=10)
    endpoint = directory().institutions[account.institution].endpoint
    assert len(world.ledger.take(endpoint, 3)) == 3
    assert world.ledger.endpoints_due() == {endpoint}
    assert len(world.ledger.take(endpoint, 3)) == 2
    assert world.ledger.endpoints_due() == frozenset()


def test_what_is_given_back_goes_before_what_waits(world: World) -> None:
    first = world.freeze(world.account("a", 10), 10, available_fen=10)
    ((_, control),) = world.take()
    world.freeze(world.account("b", 10), 10, available_fen=10)
    world.ledger.give_back([control.control_id, 999])
    world.ledger.give_back([control.control_id])
    assert [one.control_id for _, one in world.take()] == [first, 2]


def test_control_with_an_outcome_is_not_due_again(world: World) -> None:
    world.freeze(world.account("a", 10), 10, available_fen=10)
    ((bank, control),) = world.take()
    world.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(bank.control(control))))
    world.ledger.give_back([control.control_id])
    assert world.take() == []


def test_after_a_restart_whatever_has_no_outcome_is_due(world: World) -> None:
    world.freeze(world.account("a", 10), 10, available_fen=10)
    world.freeze(world.account("b", 10, 1), 10, available_fen=10)
    taken = world.take()
    bank, control = taken[0]
    world.do(lambda ledger: ledger.receipt(bank.endpoint, as_receipt(bank.control(control))))
    world.crash()
    assert [one for _, one in world.take()] == [taken[1][1]]
