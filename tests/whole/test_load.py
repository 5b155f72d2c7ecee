"""Load: more than the gateway may hold. It says so, with a delay; what it accepted it finishes.

Small limits in the configuration stand for a small machine; memory is what the Engine says that it holds.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2
from tests.gateway.edge.court import called_as, retry_ms
from tests.gateway.edge.house import inquiry
from tests.gateway.edge.institution import Talk, finding
from tests.whole.house import WAIT_S, House, Settings, scripted

pytestmark = pytest.mark.usefixtures("no_projector")

INQUIRIES_MAX = 60
BYTES_MAX = 1 << 20
PER_MESSAGE = 25
FULL = grpc.StatusCode.RESOURCE_EXHAUSTED


class Dam:
    """An institution that answers nothing until it is opened."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()

    async def script(self, talk: Talk, batch: institution_pb2.Batch) -> AsyncIterator[bytes]:
        await self.opened.wait()
        async for reply in finding(talk, batch):
            yield reply


def orders(first: int, count: int = PER_MESSAGE) -> list[gateway.Inquiry]:
    made = [inquiry(number % 1_000, order_id=f"order-{number}") for number in range(first, first + count)]
    for number, one in enumerate(made, start=first):
        one.subject.name = f"测试{number}"
    return made


async def flooded(house: House, message_count: int) -> tuple[set[int], list[gateway.BulkError]]:
    """Send so many messages at once: the ids accepted, and the refusals."""
    ids: set[int] = set()
    errors: list[gateway.BulkError] = []
    call = house.stub.SubmitBulk(metadata=called_as(), timeout=WAIT_S)
    for number in range(message_count):
        await call.write(gateway.SubmitBulkRequest(inquiries=orders(number * PER_MESSAGE), tag=number))
        response = await call.read()
        assert response.tag == number
        if response.HasField("error"):
            assert not response.accepted
            assert not response.verdicts
            errors.append(response.error)
        else:
            ids |= set(range(response.first_inquiry_id, response.first_inquiry_id + response.accepted))
    call.cancel()
    return ids, errors


async def refused_one_by_one(house: House) -> grpc.aio.AioRpcError:
    """Single inquiries fill what room a message of many did not fit into; then the error."""
    for one in orders(100_000, count=2_000):
        try:
            await house.stub.Submit(gateway.SubmitRequest(inquiry=one), metadata=called_as(), timeout=WAIT_S)
        except grpc.aio.AioRpcError as error:
            return error
    raise AssertionError("the gateway never was full")


@pytest.mark.parametrize("limits", [{"inquiries_max": INQUIRIES_MAX}, {"bytes_max": BYTES_MAX}])
async def test_a_full_gateway_says_when_to_come_back_and_finishes_what_it_took(
    tmp_path: Path, limits: dict[str, int]
) -> None:
    dam = Dam()
    settings = Settings(limits=limits, line={"reply_timeout_s": WAIT_S})
    async with scripted(tmp_path, [dam.script, dam.script], settings=settings) as house:
        message_count = 6 if "inquiries_max" in limits else 300
        ids, errors = await flooded(house, message_count)
        assert ids
        assert errors
        assert {error.code for error in errors} == {FULL.value[0]}
        assert all(error.retry_after_ms > 0 and error.message for error in errors)
        refused = await refused_one_by_one(house)
        assert refused.code() is FULL
        assert retry_ms(refused) > 0
        assert house.stats()["bytes_held"] <= BYTES_MAX * 2
        assert house.stats()["inquiries_open"] >= len(ids)
        dam.opened.set()
        finals = await house.watcher.finals(ids)
        assert all(answer.coverage.found == 2 for answer in finals.values())
        await house.quiet()
        again = await house.submit(*orders(message_count * PER_MESSAGE))
        await house.watcher.finals(again)
