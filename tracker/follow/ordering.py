"""Ordering: puts the tracker's own inquiries to the gateway, at a pace, and records that they were started.

An order that the gateway does not take for good is counted and logged, and not tried again; one that cannot
be put now stops the caller, who comes again. The same order twice is one inquiry.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import grpc

from runtime.calendar import date_of
from runtime.clock import now_ns
from tracker.follow.answers import online_inquiry

if TYPE_CHECKING:
    from chakong.gateway.v1.gateway_pb2 import Inquiry
    from tracker.follow.counts import Counts
    from tracker.follow.gateway import Gateway
    from tracker.follow.recorder import Recorder

# The order itself is wrong: it will be so the next time.
FOR_GOOD: Final = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.ALREADY_EXISTS,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.OUT_OF_RANGE,
    }
)

log = logging.getLogger(__name__)


class Ordering:
    """`inquiries_per_s`: the pace."""

    def __init__(
        self, gateway: "Gateway", recorder: "Recorder", counts: "Counts", inquiries_per_s: float
    ) -> None:
        self._gateway = gateway
        self._recorder = recorder
        self._counts = counts
        self._pause_s = 1 / inquiries_per_s

    async def put(self, kind: str, inquiries: Sequence["Inquiry"]) -> None:
        """Order them one by one. grpc.RpcError, CallError: not all of them could be put now."""
        for inquiry in inquiries:
            court, number = inquiry.court_code, inquiry.mandate.case_number
            try:
                receipt = await self._gateway.submit(inquiry)
            except grpc.aio.AioRpcError as error:
                if error.code() not in FOR_GOOD:
                    raise
                self._counts.orders[kind, "refused"] += 1
                log.warning("an inquiry was refused", extra={"kind": kind, "code": error.code().name})
            else:
                event = online_inquiry(receipt.inquiry_id, inquiry.order_id, number, date_of(now_ns()))
                await self._recorder.record(court, [event])
                self._counts.orders[kind, "repeated" if receipt.repeated else "ordered"] += 1
            await asyncio.sleep(self._pause_s)
