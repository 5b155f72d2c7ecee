"""The courthouse: verdicts into the docket, refusals as faults, waits with an end."""

from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any, cast

import pytest

from benchmarks.demo.courthouse import ORDERS_PER_MESSAGE, Callers, Courthouse
from benchmarks.demo.docket import Docket
from chakong.gateway.v1.controls_pb2 import (
    RULE_HOLD_ENDED,
    RULE_NO_PAYEE,
    ControlOrder,
    OrderBulkRequest,
    OrderBulkResponse,
    OrderReceipt,
    OrderVerdict,
    Rule,
)

if TYPE_CHECKING:
    from benchmarks.controls import Controls


class Desk:
    """Takes every order, or refuses by `rule`; control ids as they come."""

    def __init__(self, rule: "Rule.ValueType | None" = None) -> None:
        self.rule = rule
        self.messages: list[OrderBulkRequest] = []
        self.taken = 0

    async def order_bulk(
        self, messages: Iterable[OrderBulkRequest]
    ) -> AsyncIterator[tuple[OrderBulkRequest, OrderBulkResponse]]:
        for message in messages:
            self.messages.append(message)
            response = OrderBulkResponse(tag=message.tag)
            for order in message.orders:
                self.taken += 1
                receipt = OrderReceipt(control_id=self.taken, order_id=order.order_id)
                verdict = OrderVerdict(receipt=receipt) if not self.rule else OrderVerdict(rule=self.rule)
                response.verdicts.append(verdict)
            yield message, response


def house(desk: Any) -> Courthouse:
    controls = cast("Controls", desk)
    return Courthouse(Callers({"X1": controls}, {}, controls), Docket(), stage_s=0.3, settle_s=0.3)


def orders(count: int) -> dict[str, list[ControlOrder]]:
    return {"X1": [ControlOrder(order_id=str(number)) for number in range(count)]}


async def test_orders_go_in_messages_and_wait_for_outcomes() -> None:
    desk = Desk()
    made = house(desk)
    await made.order(orders(ORDERS_PER_MESSAGE + 1))
    assert [len(message.orders) for message in desk.messages] == [ORDERS_PER_MESSAGE, 1]
    assert made.docket.ordered_count == ORDERS_PER_MESSAGE + 1
    await made.rest()
    assert +made.docket.faults == {}
    await made.settle()
    assert made.docket.faults["no_outcome"] == ORDERS_PER_MESSAGE + 1


async def test_a_refusal_is_a_fault_by_its_rule() -> None:
    made = house(Desk(RULE_NO_PAYEE))
    await made.order(orders(2))
    assert +made.docket.faults == {"order_refused_RULE_NO_PAYEE": 2}


@pytest.mark.parametrize("is_quiet", [True, False])
async def test_an_order_may_be_overtaken_only_while_others_are_under_way(is_quiet: bool) -> None:
    made = house(Desk(RULE_HOLD_ENDED))
    if not is_quiet:
        made.docket.ordered([1], 1)
    await made.rest()
    await made.order(orders(1))
    assert made.overtaken_count == (not is_quiet)
    assert made.docket.faults["order_refused_RULE_HOLD_ENDED"] == is_quiet


async def test_what_never_happens_is_a_fault() -> None:
    made = house(Desk())
    await made.until(lambda: True, "a")
    await made.until(lambda: False, "b")
    assert +made.docket.faults == {"b": 1}


async def test_each_is_done_once() -> None:
    done: list[int] = []

    async def act(number: int) -> None:
        done.append(number)

    await house(Desk()).each(range(100), act)
    assert sorted(done) == list(range(100))
