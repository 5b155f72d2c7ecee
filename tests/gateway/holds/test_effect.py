"""Effect: a dry run of each kind of control."""

from typing import TYPE_CHECKING

import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from gateway.holds import Limits
from tests.gateway.holds.world import DEDUCT, RELEASE, RENEW, World, court

if TYPE_CHECKING:
    from chakong.type.v1 import hold_pb2


@pytest.fixture
def world() -> World:
    world = World()
    world.claim(100)
    world.freeze(world.account("a", 60), 60, available_fen=60)
    world.settle()
    return world


def shown(world: World, order: controls_pb2.ControlOrder) -> controls_pb2.ClaimView:
    response = world.ledger.preview(order, court(), world.now_ns)
    assert response.rule == 0, response
    return response.claim


@pytest.mark.parametrize(
    ("kind", "fields", "cover"),
    [
        (RELEASE, {"whole": True}, 0),
        (RELEASE, {"ceiling_fen": 25}, 25),
        (DEDUCT, {"amount_fen": 10}, 60),
        (DEDUCT, {"whole": True}, 60),
        (RENEW, {}, 60),
    ],
)
def test_order_on_a_hold(
    world: World, kind: "hold_pb2.ControlKind.ValueType", fields: dict[str, object], cover: int
) -> None:
    assert shown(world, world.message(kind, hold_id=1, **fields)).cover_fen == cover
    assert world.hold(1).controlled_fen == 60


def test_freeze_finds_what_was_last_seen_or_all_that_is_asked_for(world: World) -> None:
    account = world.account("b", 0, 1)
    assert shown(world, world.freeze_message(account, 40, available_fen=15)).cover_fen == 75
    assert shown(world, world.freeze_message(account, 40)).cover_fen == 100


def test_deduction_with_its_freeze(world: World) -> None:
    order = world.freeze_message(world.account("b", 0, 1), 40)
    order.kind, order.ceiling_fen, order.amount_fen = DEDUCT, 0, 40
    view = shown(world, order)
    assert (view.cover_fen, view.hold_count) == (100, 1)


def test_order_that_waits_is_shown_as_if_it_were_approved() -> None:
    world = World(Limits(approval_above_fen=10))
    world.claim(100)
    response = world.ledger.preview(
        world.freeze_message(world.account("a", 50), 50, available_fen=50), court(), world.now_ns
    )
    assert (response.waits_for_approval, response.claim.cover_fen) == (True, 50)


def test_replacement_is_shown_to_its_end(world: World) -> None:
    order = world.freeze_message(world.account("b", 60, 1), 60, available_fen=60, replaces_hold_id=1)
    view = shown(world, order)
    assert (view.cover_fen, view.hold_count) == (100, 2)


def test_order_that_was_taken_before_shows_the_claim_as_it_is(world: World) -> None:
    order = world.freeze_message(world.account("b", 40, 1), 40, available_fen=40)
    world.order(order)
    assert shown(world, order).cover_fen == 60


def test_a_hold_of_which_everything_was_said_is_shown_as_it_is(world: World) -> None:
    (view,) = world.holds()
    bank = world.bank_of(view.property.institution)
    last = bank.statement(view.hold_id)
    last.version = 2**32 - 1
    event = institution_pb2.HoldEvent(seq=world.ledger.cursor(bank.endpoint) + 1, hold=last)
    assert world.do(lambda ledger: ledger.event(bank.endpoint, event)) is None
    assert shown(world, world.message(RENEW, hold_id=view.hold_id)).cover_fen == 60
