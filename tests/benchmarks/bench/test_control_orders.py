"""Control orders: what is sent, and that a wrong outcome is noticed."""

from typing import Any

import pytest

from benchmarks.bench.control_orders import ACCOUNTS, BALANCE_FEN, KINDS, OrderSet, able_institutions
from benchmarks.bench.result import WrongAnswerError
from chakong.gateway.v1.controls_pb2 import ControlView, HoldView, OrderBulkRequest
from chakong.type.v1.hold_pb2 import (
    CONTROL_KIND_FREEZE,
    CONTROL_KIND_RELEASE,
    CONTROL_OUTCOME_DONE,
    CONTROL_OUTCOME_REFUSED,
    HOLD_LIFE_EFFECTIVE,
    Property,
)

SET = OrderSet("京0105", first=3, count=2, institutions=[5, 7, 9])
PLACES = 2 * ACCOUNTS


def test_every_account_has_an_order_of_each_kind() -> None:
    accounts = list(SET.accounts())
    assert len({(one["institution"], one["locator"]) for one in accounts}) == SET.order_count == PLACES
    ids = set()
    for kind in KINDS:
        hold_ids = [] if kind == CONTROL_KIND_FREEZE else list(range(100, 100 + PLACES))
        messages = [OrderBulkRequest.FromString(one) for one in SET.messages(kind, hold_ids, 10)]
        assert [len(one.orders) for one in messages] == [10, 6]
        orders = [order for message in messages for order in message.orders]
        assert [SET.place_of(order.order_id) for order in orders] == list(range(PLACES))
        assert [order.hold_id for order in orders] == (hold_ids or [0] * PLACES)
        ids |= {order.order_id for order in orders}
        if not hold_ids:
            places = [(order.property.institution, order.property.locator) for order in orders]
            assert places == [(one["institution"], one["locator"]) for one in accounts]
    assert len(ids) == len(KINDS) * PLACES


def hold(**fields: Any) -> HoldView:
    (order, *_) = OrderBulkRequest.FromString(SET.messages(CONTROL_KIND_FREEZE, [], 1)[0]).orders
    control = ControlView(order_id=order.order_id, kind=CONTROL_KIND_FREEZE, outcome=CONTROL_OUTCOME_DONE)
    made = HoldView(
        claim_id=order.claim_id,
        property=order.property,
        life=HOLD_LIFE_EFFECTIVE,
        controlled_fen=BALANCE_FEN,
        controls=[control],
    )
    made.MergeFrom(HoldView(**fields))
    return made


def test_a_right_hold_is_right() -> None:
    SET.expect_hold(CONTROL_KIND_FREEZE, hold())


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (CONTROL_KIND_RELEASE, hold()),
        (CONTROL_KIND_FREEZE, hold(controlled_fen=BALANCE_FEN - 1)),
        (CONTROL_KIND_FREEZE, hold(deducted_fen=1)),
        (CONTROL_KIND_FREEZE, hold(claim_id="c4")),
        (CONTROL_KIND_FREEZE, hold(property=Property(institution=6))),
        (
            CONTROL_KIND_FREEZE,
            hold(controls=[ControlView(order_id="F24", outcome=CONTROL_OUTCOME_REFUSED)]),
        ),
    ],
)
def test_a_wrong_one_raises(kind: Any, wrong: HoldView) -> None:
    with pytest.raises(WrongAnswerError):
        SET.expect_hold(kind, wrong)


def test_institutions_are_at_many_endpoints() -> None:
    able = able_institutions()
    assert len(set(able)) == len(able) > 300
