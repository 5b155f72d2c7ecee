"""A gateway small enough to be obviously right or, where a test wants it, wrong: no institutions, answers at
once.

For tests of what calls a gateway. It speaks the real contract over real gRPC on loopback.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from grpc import aio

from chakong.gateway.v1.gateway_pb2 import (
    REASON_SAME_RECEIPT,
    STAGE_FINAL,
    Answer,
    BulkError,
    CancelInquiryRequest,
    CancelInquiryResponse,
    Coverage,
    EndpointView,
    GetInquiryRequest,
    Inquiry,
    InquiryView,
    ListInquiriesRequest,
    ListInquiriesResponse,
    ListInstitutionsRequest,
    ListInstitutionsResponse,
    ListSlowEndpointsRequest,
    ListSlowEndpointsResponse,
    Receipt,
    SubmitBulkRequest,
    SubmitBulkResponse,
    SubmitRequest,
    Verdict,
    WatchRequest,
    WatchResponse,
)
from chakong.gateway.v1.gateway_pb2_grpc import GatewayServicer, add_GatewayServicer_to_server

Context = aio.ServicerContext[Any, Any]


@dataclass
class FakeGateway(GatewayServicer):
    """Every inquiry is accepted, has one query, and is answered with NONE."""

    # What to answer first instead of taking a message: gRPC codes.
    refusals: list[int] = field(default_factory=list)
    # After how many answers a watch breaks, once for each entry.
    breaks: list[int] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    messages: list[SubmitBulkRequest] = field(default_factory=list)
    cursors: list[int] = field(default_factory=list)
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def Submit(self, request: SubmitRequest, context: Context) -> Receipt:  # noqa: N802
        response = await self._take([request.inquiry], 0)
        return Receipt(inquiry_id=response.first_inquiry_id, order_id=request.inquiry.order_id)

    async def SubmitBulk(  # noqa: N802
        self, request_iterator: AsyncIterator[SubmitBulkRequest], context: Context
    ) -> AsyncIterator[SubmitBulkResponse]:
        async for request in request_iterator:
            self.messages.append(request)
            if self.refusals:
                error = BulkError(code=self.refusals.pop(0), message="full", retry_after_ms=1)
                yield SubmitBulkResponse(tag=request.tag, error=error)
            else:
                yield await self._take(request.inquiries, request.tag)

    async def Watch(  # noqa: N802
        self, request: WatchRequest, context: Context
    ) -> AsyncIterator[WatchResponse]:
        self.cursors.append(request.cursor)
        at = request.cursor
        broken_at = at + self.breaks.pop(0) if self.breaks else -1
        while True:
            async with self._came:
                while len(self.answers) <= at:
                    await self._came.wait()
            yield WatchResponse(cursor=at + 1, answers=[self.answers[at]])
            at += 1
            if at == broken_at:
                await context.abort(grpc.StatusCode.UNAVAILABLE, "gone for a moment")

    async def ListSlowEndpoints(  # noqa: N802
        self, request: ListSlowEndpointsRequest, context: Context
    ) -> ListSlowEndpointsResponse:
        return ListSlowEndpointsResponse(endpoints=[EndpointView(key="slow-1", replies=3, reply_ms_p50=9.5)])

    async def GetInquiry(self, request: GetInquiryRequest, context: Context) -> InquiryView:  # noqa: N802
        raise NotImplementedError

    async def ListInquiries(  # noqa: N802
        self, request: ListInquiriesRequest, context: Context
    ) -> ListInquiriesResponse:
        raise NotImplementedError

    async def CancelInquiry(  # noqa: N802
        self, request: CancelInquiryRequest, context: Context
    ) -> CancelInquiryResponse:
        raise NotImplementedError

    async def ListInstitutions(  # noqa: N802
        self, request: ListInstitutionsRequest, context: Context
    ) -> ListInstitutionsResponse:
        raise NotImplementedError

    async def _take(self, inquiries: Iterable[Inquiry], tag: int) -> SubmitBulkResponse:
        response = SubmitBulkResponse(tag=tag)
        for index, inquiry in enumerate(inquiries):
            known = self.ids.get(inquiry.order_id)
            if known is not None:
                response.repeated += 1
                response.verdicts.append(Verdict(index=index, reason=REASON_SAME_RECEIPT, inquiry_id=known))
                continue
            self.ids[inquiry.order_id] = len(self.ids) + 1
            response.first_inquiry_id = response.first_inquiry_id or len(self.ids)
            response.accepted += 1
            self.answers.append(_answer(inquiry, len(self.ids)))
        async with self._came:
            self._came.notify_all()
        return response


def _answer(inquiry: Inquiry, inquiry_id: int) -> Answer:
    return Answer(
        inquiry_id=inquiry_id,
        order_id=inquiry.order_id,
        case_number=inquiry.mandate.case_number,
        stage=STAGE_FINAL,
        revision=1,
        coverage=Coverage(total=1, none=1),
    )


@asynccontextmanager
async def serving(gateway: FakeGateway, certs: Path | None = None) -> AsyncIterator[str]:
    """Its address while the context lasts; with the certificates of `chakong certs`, mutual TLS."""
    server = aio.server()
    add_GatewayServicer_to_server(gateway, server)
    if certs is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        pair = ((certs / "server.key").read_bytes(), (certs / "server.pem").read_bytes())
        credentials = grpc.ssl_server_credentials([pair], (certs / "ca.pem").read_bytes(), True)
        port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)
