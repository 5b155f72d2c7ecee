"""Submit: how inquiries come in, one at a time or thousands a message.

Bytes pass from the caller to the pump untouched. An acknowledgement is written when what it says is durable,
and acknowledgements have the order of their messages. It judges nothing; the Engine does.
"""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError

from chakong.gateway.v1 import gateway_pb2
from gateway.edge import raw, verdicts
from gateway.edge.errors import EdgeError, FieldFault, InvalidError, UnavailableError
from gateway.edge.gather import Gather, Intake
from runtime.bulk import acknowledge_each
from runtime.errors import ForbiddenError
from runtime.identity import Identity, Role

if TYPE_CHECKING:
    from gateway._core import Checked
    from runtime.guard import Context


class Submit:
    """Handlers of Submit and SubmitBulk. `draining` set: nothing new is taken, and streams end."""

    def __init__(self, pump: Intake, draining: asyncio.Event, retry_ms: int) -> None:
        self._pump = pump
        self._gather = Gather(pump)
        self._draining = draining
        self._retry_ms = retry_ms

    async def run(self) -> None:
        """Serve the calls of `one`, until cancelled."""
        await self._gather.run()

    async def one(self, caller: Identity, message: bytes) -> bytes:
        """Submit: an encoded SubmitRequest to an encoded Receipt."""
        inquiry, order_id = _inquiry(message)
        _check_service(caller, order_id)
        if self._draining.is_set():
            raise self._drained()
        outcome = await self._gather.submit(inquiry, caller.court)
        if outcome.status:
            raise verdicts.whole_refusal(outcome.status, outcome.error, self._retry_ms)
        verdict = outcome.verdict
        if verdict is None:
            return verdicts.receipt(outcome.inquiry_id, order_id, repeated=False)
        if verdict.reason == gateway_pb2.REASON_SAME_RECEIPT:
            return verdicts.receipt(verdict.inquiry_id, order_id, repeated=True)
        raise verdicts.refusal(verdict)

    async def bulk(self, caller: Identity, context: "Context") -> None:
        """SubmitBulk: acknowledges each message of the stream, until it ends or the gateway drains."""
        await acknowledge_each(
            context, self._draining, lambda message: self._acknowledge(message, caller.court)
        )
        if self._draining.is_set():
            raise self._drained()

    async def _acknowledge(self, message: bytes, court: str) -> bytes:
        try:
            return (await self._judged(message, court)).response
        except EdgeError as error:
            return verdicts.bulk_refusal(_tag(message), error)

    async def _judged(self, message: bytes, court: str) -> "Checked":
        if self._draining.is_set():
            raise self._drained()
        checked = await self._pump.submit(message, court)
        if checked.status:
            raise verdicts.whole_refusal(checked.status, checked.error, self._retry_ms)
        return checked

    def _drained(self) -> UnavailableError:
        return UnavailableError("the gateway is stopping; nothing was taken", retry_ms=self._retry_ms)


def _check_service(caller: Identity, order_id: bytes) -> None:
    """What a service orders for a court is marked as its own, in the journal and to the court."""
    if caller.role is Role.SERVICE and not order_id.startswith(f"{caller.name}:".encode()):
        raise ForbiddenError(f"inquiry.order_id: of a service it begins with {caller.name}:")


def _inquiry(message: bytes) -> tuple[bytes, bytes]:
    """A SubmitRequest with nothing but the inquiry that is in the message, and its order id as it came.
    InvalidError when there is not exactly one, or it cannot be read."""
    if raw.is_only(message, 1):
        # A compiled reader takes a twentieth of what going over the fields here takes.
        with contextlib.suppress(DecodeError):
            return message, gateway_pb2.SubmitRequest.FromString(message).inquiry.order_id.encode()
    try:
        inquiries = list(raw.contents(message, 1))
        if len(inquiries) == 1:
            order_id = next(reversed(list(raw.contents(inquiries[0], 1))), b"")
            return raw.field_bytes(1, inquiries[0]), order_id
        text = f"inquiry: {len(inquiries)} given, exactly 1"
    except raw.RawError as error:
        text = f"inquiry: not readable: {error}"
    raise InvalidError(text, faults=(FieldFault("inquiry", "MALFORMED", text),))


def _tag(message: bytes) -> int:
    """The tag of a SubmitBulkRequest; 0 when it cannot be read."""
    try:
        return raw.last_varint(message, 2)
    except raw.RawError:
        return 0
