"""Control call: the calls of the institution contract that concern holds, over gRPC, for one endpoint.

Bytes in, bytes out; every failure is a CallError. The one file of the way of a control that knows gRPC
towards institutions, so that a simulation can put a network of its own in its place.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final, Protocol

import grpc
import grpc.aio

from gateway.edge.stream import CALL_ERRORS, ENDPOINT_KEY, SERVICE

# A Follow that is older is made anew: where the network lost the other side, nothing else would tell.
FOLLOW_S_MAX: Final = 300.0


class CallError(Exception):
    """A call came to nothing. The text is the status' name, and says nothing of anybody."""

    def __init__(self, status: str, *, is_unimplemented: bool = False) -> None:
        super().__init__(status)
        self.is_unimplemented = is_unimplemented


class ControlCall(Protocol):
    """What a control line needs of the network."""

    async def control(self, batch: bytes, timeout_s: float) -> bytes:
        """A ControlBatch to a ReceiptBatch."""

    def follow(self, request: bytes) -> AsyncGenerator[bytes, None]:
        """A FollowRequest to HoldEvents, until the endpoint or the call's age ends it."""

    async def poll(self, request: bytes, timeout_s: float) -> bytes:
        """A FollowRequest to HoldEvents."""

    async def list_holds(self, request: bytes, timeout_s: float) -> bytes:
        """A ListHoldsRequest to a ListHoldsResponse."""

    async def close(self) -> None:
        """Give the connection up."""


class GrpcControlCall:
    """The real one. `dial` makes the channel when the first call is made."""

    def __init__(self, dial: Callable[[], grpc.aio.Channel], endpoint_key: str) -> None:
        self._dial = dial
        self._metadata: Final = ((ENDPOINT_KEY, endpoint_key),)
        self._channel: grpc.aio.Channel | None = None
        # Of the channel, by method.
        self._calls: dict[str, Any] = {}

    async def control(self, batch: bytes, timeout_s: float) -> bytes:
        """A ControlBatch to a ReceiptBatch."""
        return await self._unary("Control", batch, timeout_s)

    async def follow(self, request: bytes) -> AsyncGenerator[bytes, None]:
        """A FollowRequest to HoldEvents, until the endpoint ends it, or it is old."""
        call: Any = self._open().unary_stream(f"{SERVICE}/Follow", None, None)(
            request, timeout=FOLLOW_S_MAX, metadata=self._metadata
        )
        try:
            async for message in call:
                yield message
        except CALL_ERRORS as error:
            failed = _failed(error)
            if str(failed) != grpc.StatusCode.DEADLINE_EXCEEDED.name:
                raise failed from None
        finally:
            call.cancel()

    async def poll(self, request: bytes, timeout_s: float) -> bytes:
        """A FollowRequest to HoldEvents."""
        return await self._unary("PollEvents", request, timeout_s)

    async def list_holds(self, request: bytes, timeout_s: float) -> bytes:
        """A ListHoldsRequest to a ListHoldsResponse."""
        return await self._unary("ListHolds", request, timeout_s)

    async def close(self) -> None:
        """Give the connection up."""
        if self._channel is not None:
            await self._channel.close(None)
            self._channel = None
            self._calls.clear()

    async def _unary(self, method: str, message: bytes, timeout_s: float) -> bytes:
        begin = self._calls.get(method)
        if begin is None:
            begin = self._calls[method] = self._open().unary_unary(f"{SERVICE}/{method}", None, None)
        call: Any = begin(message, timeout=timeout_s, metadata=self._metadata)
        try:
            answer: bytes = await call
        except CALL_ERRORS as error:
            raise _failed(error) from None
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # The channel was closed under the call, which gRPC reports as if the caller were cancelled.
            raise CallError("CANCELLED") from None
        return answer

    def _open(self) -> grpc.aio.Channel:
        if self._channel is None:
            self._channel = self._dial()
        return self._channel


def _failed(error: BaseException) -> CallError:
    if isinstance(error, grpc.aio.AioRpcError):
        status = error.code()
        return CallError(status.name, is_unimplemented=status is grpc.StatusCode.UNIMPLEMENTED)
    return CallError("ENDED")
