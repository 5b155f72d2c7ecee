"""Gateway: calls of the tracker for a court, to a gateway over real gRPC."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest

from runtime.settings_follow import Follow
from tests.gateway.edge.court import open_court
from tests.gateway.edge.house import COURT, inquiry
from tracker.follow.gateway import Gateway

if TYPE_CHECKING:
    from tests.gateway.edge.court import Court


@pytest.fixture
async def court(tmp_path: Path) -> "AsyncIterator[Court]":
    async with open_court(tmp_path, is_projected=True) as made:
        yield made


@pytest.fixture
async def gateway(court: "Court") -> AsyncIterator[Gateway]:
    made = Gateway(Follow(address=f"127.0.0.1:{court.port}", plaintext=True))
    yield made
    await made.close()


async def test_an_order_is_the_courts_that_it_names(gateway: Gateway, court: "Court") -> None:
    order = inquiry(1, order_id="tracker:first:x:0")
    first, again = await gateway.submit(order), await gateway.submit(order)
    assert (first.inquiry_id, first.repeated, again.inquiry_id, again.repeated) == (1, False, 1, True)
    (frame,) = court.gateway._journal.read(0, kinds=(1,))
    assert frame.court == COURT


async def test_a_court_that_did_not_ask_is_told_nothing(gateway: Gateway) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await gateway.inquiry("沪0101", 1)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_cursor_of_another_journal_is_refused(gateway: Gateway) -> None:
    for call in (gateway.watch_answers(COURT, 99), gateway.watch_holds(COURT, 99)):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            async for _ in call:
                pass
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
