"""Controls: a small client of chakong.gateway.v1.Controls, as a court, an officer or an operator would write
it.

A call that the gateway cannot take now is made again after the delay it asks for; a watch that breaks is
resumed at its cursor. It interprets no hold and repeats no refused order.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

import grpc
from grpc import aio

from benchmarks.court import ACKNOWLEDGE_S_MAX, AWAY_S_MAX, CALL_S_MAX, RETRIED_CODES, RETRY_S, TRANSIENT
from chakong.gateway.v1.controls_pb2 import (
    ApproveRequest,
    CaseEvent,
    Claim,
    ClaimView,
    HoldView,
    ListClaimsRequest,
    ListHoldsRequest,
    OrderBulkRequest,
    OrderBulkResponse,
    OrderReceipt,
    PlanFreezeRequest,
    PlanView,
    PutClaimRequest,
    ReconcileRequest,
    ReconcileResponse,
    RecordCaseEventRequest,
    RecordCaseEventResponse,
    WatchHoldsRequest,
    WatchHoldsResponse,
)
from chakong.gateway.v1.controls_pb2_grpc import ControlsStub

PAGE_SIZE = 1_000
# Every institution in turn, some of them slow.
RECONCILE_S_MAX = 120.0

T = TypeVar("T")


class RefusedOrdersError(Exception):
    """The gateway took nothing of a message of orders; names code and message, no person."""


class Controls:
    """The calls of one caller, over a channel that somebody else opens and closes."""

    def __init__(self, channel: aio.Channel) -> None:
        self._stub = ControlsStub(channel)

    async def put_claim(self, claim: Claim) -> ClaimView:
        """grpc.RpcError when it is refused."""
        return await _again(lambda: self._stub.PutClaim(PutClaimRequest(claim=claim), timeout=CALL_S_MAX))

    async def plan(self, request: PlanFreezeRequest) -> PlanView:
        """grpc.RpcError when it is refused, for instance because the plan has changed."""
        return await _again(lambda: self._stub.PlanFreeze(request, timeout=CALL_S_MAX))

    async def record(self, event: CaseEvent) -> RecordCaseEventResponse:
        """grpc.RpcError when it is refused."""
        request = RecordCaseEventRequest(event=event)
        return await _again(lambda: self._stub.RecordCaseEvent(request, timeout=CALL_S_MAX))

    async def approve(self, order_id: str, amount_fen: int) -> OrderReceipt:
        """An officer's word. grpc.RpcError when it is refused."""
        request = ApproveRequest(order_id=order_id, amount_fen=amount_fen)
        return await _again(lambda: self._stub.Approve(request, timeout=CALL_S_MAX))

    async def order_bulk(
        self, messages: Iterable[OrderBulkRequest]
    ) -> AsyncIterator[tuple[OrderBulkRequest, OrderBulkResponse]]:
        """Each message with its acknowledgement. RefusedOrdersError; TimeoutError; grpc.RpcError."""
        call = self._stub.OrderBulk(None)
        try:
            for message in messages:
                yield message, await _acknowledged(call, message)
            await call.done_writing()
        finally:
            call.cancel()

    async def watch(self) -> AsyncIterator[WatchHoldsResponse]:
        """The court's holds from the beginning on. grpc.RpcError when the gateway stays away."""
        cursor = 0
        away_since: float | None = None
        loop = asyncio.get_running_loop()
        while True:
            try:
                # No deadline: a watch may be silent for as long as nothing happens.
                async for response in self._stub.WatchHolds(WatchHoldsRequest(cursor=cursor)):
                    away_since, cursor = None, response.cursor
                    yield response
            except grpc.RpcError as error:
                away_since = loop.time() if away_since is None else away_since
                if error.code() not in TRANSIENT or loop.time() - away_since > AWAY_S_MAX:
                    raise
            await asyncio.sleep(RETRY_S)

    async def claims(self) -> list[ClaimView]:
        """All of the court."""
        found: list[ClaimView] = []
        request = ListClaimsRequest(page_size=PAGE_SIZE)
        while True:
            page = await _again(lambda: self._stub.ListClaims(request, timeout=CALL_S_MAX))
            found += page.claims
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    async def holds(self, **asked: bool | int) -> list[HoldView]:
        """All that ListHolds finds for these fields of its request."""
        found: list[HoldView] = []
        request = ListHoldsRequest(page_size=PAGE_SIZE, **asked)  # type: ignore[arg-type]
        while True:
            page = await _again(lambda: self._stub.ListHolds(request, timeout=CALL_S_MAX))
            found += page.holds
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    async def reconcile(self) -> list[ReconcileResponse]:
        """What every institution with holds says of them. Operators only."""
        call = self._stub.Reconcile(ReconcileRequest(), timeout=RECONCILE_S_MAX)
        return [response async for response in call]


async def _again(call: Callable[[], Awaitable[T]]) -> T:
    """Make the call until it is taken, or refused for good."""
    async with asyncio.timeout(ACKNOWLEDGE_S_MAX):
        while True:
            try:
                return await call()
            except grpc.RpcError as error:
                if error.code() not in TRANSIENT:
                    raise
            await asyncio.sleep(RETRY_S)


async def _acknowledged(
    call: "aio.StreamStreamCall[OrderBulkRequest, OrderBulkResponse]", message: OrderBulkRequest
) -> OrderBulkResponse:
    async with asyncio.timeout(ACKNOWLEDGE_S_MAX):
        while True:
            await call.write(message)
            response = await call.read()
            if not isinstance(response, OrderBulkResponse):
                raise RefusedOrdersError(f"stream ended: {await call.code()} {await call.details()}")
            if not response.code:
                return response
            if response.code not in RETRIED_CODES:
                raise RefusedOrdersError(f"{response.code}: {response.message}")
            await asyncio.sleep(response.retry_after_ms / 1_000 or RETRY_S)
