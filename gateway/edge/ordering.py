"""Ordering: how controls come in, one at a time or thousands a message, and how another officer approves one.

A receipt is written when the order is durable. It judges nothing; the Ledger does.
"""

import asyncio
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from chakong.gateway.v1 import controls_pb2
from gateway.edge.desk import pieces
from gateway.edge.errors import EdgeError, FullError, InvalidError, UnavailableError, code_number
from gateway.edge.refusals import accepted
from gateway.holds.encoding import taken_order, verdicts
from gateway.holds.face import Refusal
from gateway.holds.model import TakenOrder
from gateway.holds.reading import Order, read_order
from runtime import requests
from runtime._plain import Shape, figure
from runtime._wire import message
from runtime.bulk import acknowledge_each
from runtime.clock import now_ns
from runtime.identity import Identity

if TYPE_CHECKING:
    from gateway.edge.desk import Desk
    from gateway.holds.ledger import Ledger
    from runtime.guard import Context

ORDERS_MAX: Final = 4_096
MESSAGE_BYTES_MAX: Final = 4 << 20
# Of bulk messages whose orders wait to be decided, over all streams.
HELD_BYTES_MAX: Final = 256 << 20
# Of one court's orders that wait to be decided: half of the desk's room, so that there is some for others.
ORDERS_PER_COURT_MAX: Final = 32_768
NO_VERDICT: Final = message(controls_pb2.OrderBulkResponse.VERDICTS_FIELD_NUMBER, b"")
_REQUESTS: Final = Shape(controls_pb2.OrderBulkRequest.DESCRIPTOR)
_ORDERS: Final = controls_pb2.OrderBulkRequest.ORDERS_FIELD_NUMBER
_TAG: Final = controls_pb2.OrderBulkRequest.TAG_FIELD_NUMBER

Decision: TypeAlias = Refusal | TakenOrder


class Ordering:
    """Handlers of Order, OrderBulk, Preview and Approve. `draining` set: streams end."""

    def __init__(self, desk: "Desk", draining: asyncio.Event, retry_ms: int) -> None:
        self._desk = desk
        self._draining = draining
        self._retry_ms = retry_ms
        self._held_bytes = 0
        self._waiting: Counter[str] = Counter()

    async def one(self, caller: Identity, message: bytes) -> bytes:
        """Order: an encoded OrderRequest to an encoded OrderReceipt."""
        request = _order_request(message)
        self._require_room(caller.court, 1)
        posted = self._desk.post(partial(_order, request, caller))
        self._waits(caller.court, 1, posted)
        decision = await asyncio.shield(posted)
        return taken_order(accepted(decision))

    async def preview(self, caller: Identity, message: bytes) -> bytes:
        """What `one` or `approve` would do now, or a claim or an event of a case."""
        request = requests.read(controls_pb2.PreviewRequest, message)
        kind = request.WhichOneof("wanted")
        if kind is None:
            raise requests.wrong("wanted", "is required: order, claim, event or approval")
        return self._desk.ledger.preview(getattr(request, kind), caller, now_ns()).SerializeToString()

    async def approve(self, caller: Identity, message: bytes) -> bytes:
        """Another officer's word."""
        request = requests.read(controls_pb2.ApproveRequest, message)
        decision = await self._desk.decide(lambda ledger: ledger.approve(request, caller))
        return taken_order(accepted(decision))

    async def bulk(self, caller: Identity, context: "Context") -> None:
        """OrderBulk: acknowledges each message, in order, until the stream ends or the gateway drains."""
        await acknowledge_each(context, self._draining, lambda message: self._answer(caller, message))
        if self._draining.is_set():
            raise UnavailableError("the gateway is stopping", retry_ms=self._retry_ms)

    async def _answer(self, caller: Identity, message: bytes) -> bytes:
        size_bytes = len(message)
        self._held_bytes += size_bytes
        try:
            return await self._response(caller, message)
        finally:
            self._held_bytes -= size_bytes

    async def _response(self, caller: Identity, message: bytes) -> bytes:
        response = controls_pb2.OrderBulkResponse()
        try:
            if self._held_bytes > HELD_BYTES_MAX:
                text = f"orders: {self._held_bytes} bytes of messages held, at most {HELD_BYTES_MAX}"
                raise FullError(text, retry_ms=self._retry_ms)
            response.tag, orders = _bulk_request(message)
            # All of them, or none; and before the next message of the stream.
            self._require_room(caller.court, len(orders))
            posted = self._desk.post_each(lambda ledger, piece: ledger.orders(piece, caller), orders)
            if posted:
                self._waits(caller.court, len(orders), posted[-1])
        except EdgeError as error:
            _fail(response, error)
            return response.SerializeToString()
        told: list[bytes] = []
        is_any_taken = not posted
        for piece, decided in zip(pieces(orders), posted, strict=True):
            try:
                told.append(verdicts(await asyncio.shield(decided)))
                is_any_taken = True
            except EdgeError as error:
                told.append(NO_VERDICT * len(piece))
                _fail(response, error)
        return response.SerializeToString() + b"".join(told if is_any_taken else ())

    def _waits(self, court: str, count: int, last: "asyncio.Future[Any]") -> None:
        """Count so many until the last of them is decided. Those who wait for that shield it: a caller who
        leaves takes nothing back."""
        self._waiting[court] += count
        last.add_done_callback(partial(self._are_decided, court, count))

    def _require_room(self, court: str, count: int) -> None:
        """FullError, or UnavailableError once the desk drains."""
        self._desk.require_room(count)
        if self._waiting[court] + count > ORDERS_PER_COURT_MAX:
            text = (
                f"orders: {self._waiting[court]} of {ORDERS_PER_COURT_MAX} of this court wait to be decided"
            )
            raise FullError(f"{text} already", retry_ms=self._retry_ms)

    def _are_decided(self, court: str, count: int, _last: object) -> None:
        self._waiting[court] -= count
        if not self._waiting[court]:
            del self._waiting[court]


def _order(order: Order, caller: Identity, ledger: "Ledger") -> Decision:
    return ledger.order(order, caller)


def _order_request(message: bytes) -> Order:
    request = requests.read(controls_pb2.OrderRequest, message)
    if not request.HasField("order"):
        raise requests.wrong("order", "is required")
    return read_order(request.order.SerializeToString())


def _bulk_request(message: bytes) -> tuple[int, list[Order]]:
    """Its tag and orders."""
    if len(message) > MESSAGE_BYTES_MAX:
        raise InvalidError(f"message: {len(message)} bytes given, at most {MESSAGE_BYTES_MAX}")
    contents = _REQUESTS.contents(message, _ORDERS)
    if contents is None:
        request = requests.read(controls_pb2.OrderBulkRequest, message)
        _require_few(len(request.orders))
        tag, contents = request.tag, [order.SerializeToString() for order in request.orders]
    else:
        tag = figure(message, _TAG)
    _require_few(len(contents))
    return tag, [read_order(content) for content in contents]


def _require_few(order_count: int) -> None:
    """InvalidError for more than go into a message."""
    if order_count > ORDERS_MAX:
        raise InvalidError(f"orders: {order_count} given, at most {ORDERS_MAX}")


def _fail(response: controls_pb2.OrderBulkResponse, error: EdgeError) -> None:
    response.code = code_number(error.status)
    response.message = error.message
    response.retry_after_ms = error.retry_ms
