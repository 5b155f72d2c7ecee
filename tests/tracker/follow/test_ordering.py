"""Ordering: an order is put until it is taken or refused for good, and what it started is recorded."""

from pathlib import Path

import grpc
import pytest

from chakong.gateway.v1.gateway_pb2 import Inquiry
from chakong.type.v1.type_pb2 import Mandate
from tests.tracker.follow.bench import bench
from tests.tracker.world import OURS


def inquiry(number: str, order_id: str = "tracker:first:x:0") -> Inquiry:
    return Inquiry(order_id=order_id, court_code=OURS, mandate=Mandate(case_number=number))


async def test_what_was_ordered_is_recorded_as_started_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as house:
        number = await house.register(1)
        for _ in range(2):
            await house.ordering.put("first", [inquiry(number)])
        assert house.kinds(number) == ["online_inquiry"]
        assert dict(+house.counts.orders) == {("first", "ordered"): 1, ("first", "repeated"): 1}


@pytest.mark.parametrize(
    ("code", "is_for_good"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, True),
        (grpc.StatusCode.ALREADY_EXISTS, True),
        (grpc.StatusCode.UNAVAILABLE, False),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, False),
        # The tracker's certificate is wrong: that can be put right.
        (grpc.StatusCode.PERMISSION_DENIED, False),
    ],
)
async def test_a_wrong_order_is_passed_over_and_anything_else_is_tried_again(
    tmp_path: Path, code: grpc.StatusCode, is_for_good: bool
) -> None:
    async with bench(tmp_path) as house:
        number = await house.register(1)
        house.gateway.failures = [code]
        orders = [inquiry(number), inquiry(number, "tracker:first:x:1")]
        if is_for_good:
            await house.ordering.put("first", orders)
            assert dict(+house.counts.orders) == {("first", "refused"): 1, ("first", "ordered"): 1}
        else:
            with pytest.raises(grpc.aio.AioRpcError):
                await house.ordering.put("first", orders)
            assert (house.gateway.submit_count, house.kinds(number)) == (1, [])
