"""The client of controls: calls made again, watches resumed, messages that are refused for good told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from grpc import aio

from benchmarks.controls import Controls, RefusedOrdersError
from chakong.gateway.v1.controls_pb2 import (
    Claim,
    ClaimView,
    HoldView,
    ListClaimsRequest,
    ListClaimsResponse,
    OrderBulkRequest,
    OrderBulkResponse,
    PutClaimRequest,
    ReconcileRequest,
    ReconcileResponse,
    WatchHoldsRequest,
    WatchHoldsResponse,
)
from chakong.gateway.v1.controls_pb2_grpc import add_ControlsServicer_to_server

Context = aio.ServicerContext[Any, Any]
S_MAX = 120


class FakeControls:
    """Answers as little as a test needs. `refusals`: status codes that come before it takes anything."""

    def __init__(self, *refusals: grpc.StatusCode) -> None:
        self.refusals = list(refusals)
        self.cursors: list[int] = []

    def __getattr__(self, name: str) -> Any:
        """Calls that no test makes."""
        return None

    async def PutClaim(self, request: PutClaimRequest, context: Context) -> ClaimView:  # noqa: N802
        if self.refusals:
            await context.abort(self.refusals.pop(0), "no")
        return ClaimView(claim=request.claim)

    async def ListClaims(  # noqa: N802
        self, request: ListClaimsRequest, context: Context
    ) -> ListClaimsResponse:
        views = [ClaimView(hold_count=1 if request.page_token else 2)]
        return ListClaimsResponse(claims=views, next_page_token="" if request.page_token else "more")

    async def OrderBulk(  # noqa: N802
        self, request_iterator: AsyncIterator[OrderBulkRequest], context: Context
    ) -> AsyncIterator[OrderBulkResponse]:
        async for request in request_iterator:
            code = self.refusals.pop(0).value[0] if self.refusals else 0
            yield OrderBulkResponse(tag=request.tag, code=code, retry_after_ms=1)

    async def WatchHolds(  # noqa: N802
        self, request: WatchHoldsRequest, context: Context
    ) -> AsyncIterator[WatchHoldsResponse]:
        self.cursors.append(request.cursor)
        yield WatchHoldsResponse(cursor=request.cursor + 1, holds=[HoldView(hold_id=request.cursor + 1)])
        await context.abort(grpc.StatusCode.UNAVAILABLE, "gone for a moment")

    async def Reconcile(  # noqa: N802
        self, request: ReconcileRequest, context: Context
    ) -> AsyncIterator[ReconcileResponse]:
        yield ReconcileResponse(institution=7)
        yield ReconcileResponse(institution=8)


@asynccontextmanager
async def calling(fake: FakeControls) -> AsyncIterator[Controls]:
    server = aio.server()
    servicer: Any = fake
    add_ControlsServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with asyncio.timeout(S_MAX), aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Controls(channel)
    finally:
        await server.stop(None)


async def test_a_call_that_cannot_be_taken_now_is_made_again() -> None:
    busy = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)
    async with calling(FakeControls(*busy)) as controls:
        assert (await controls.put_claim(Claim(claim_id="c1"))).claim.claim_id == "c1"


async def test_a_call_that_is_refused_is_told() -> None:
    async with calling(FakeControls(grpc.StatusCode.FAILED_PRECONDITION)) as controls:
        with pytest.raises(grpc.RpcError):
            await controls.put_claim(Claim())


async def test_every_page_is_read() -> None:
    async with calling(FakeControls()) as controls:
        assert [view.hold_count for view in await controls.claims()] == [2, 1]
        assert [one.institution for one in await controls.reconcile()] == [7, 8]


async def test_a_message_is_sent_until_it_is_taken() -> None:
    async with calling(FakeControls(grpc.StatusCode.UNAVAILABLE)) as controls:
        sent = [OrderBulkRequest(tag=tag) for tag in (1, 2)]
        came = [(request.tag, response.tag) async for request, response in controls.order_bulk(sent)]
        assert came == [(1, 1), (2, 2)]


async def test_a_message_that_is_refused_for_good_is_told() -> None:
    async with calling(FakeControls(grpc.StatusCode.INVALID_ARGUMENT)) as controls:
        with pytest.raises(RefusedOrdersError):
            [one async for one in controls.order_bulk([OrderBulkRequest()])]


async def test_a_watch_that_breaks_is_resumed_at_its_cursor() -> None:
    fake = FakeControls()
    async with calling(fake) as controls:
        seen = []
        async for response in controls.watch():
            seen.append(response.holds[0].hold_id)
            if len(seen) == 3:
                break
    assert seen == [1, 2, 3]
    assert fake.cursors == [0, 1, 2]
