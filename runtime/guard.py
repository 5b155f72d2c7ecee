"""Guard: what every call to a service goes through, whatever it does.

It knows the caller by the certificate, refuses what its role may not call, and turns errors of the tree into
a status with details. What the call does is told to it as a function.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

import grpc
import grpc.aio

from runtime.errors import DETAILS_KEY, CallError, ForbiddenError, UnknownCallerError, rich
from runtime.identity import Identity, IdentityError, caller

Context = grpc.aio.ServicerContext[bytes, bytes]
Unary = Callable[[Identity, bytes], Awaitable[bytes]]
Streaming = Callable[[Identity, Context], Awaitable[None]]
Serving = Callable[[Identity, bytes, Context], Awaitable[None]]

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class CallCounts:
    """Calls by method, and refused calls by method and status name."""

    calls: dict[str, int] = field(default_factory=dict)
    refused: dict[tuple[str, str], int] = field(default_factory=dict)
    open_calls: int = 0


class Guard:
    """Makes gRPC handlers for the methods of one service, given as "/package.Service/". `plaintext`: the
    caller names itself in metadata, which only loopback may be trusted for.

    A call that writes messages sends its initial metadata first: gRPC sends it with the first message
    otherwise, once more with the status of a call whose first message was not taken yet, and then no status.
    """

    def __init__(self, service: str, counts: CallCounts, *, plaintext: bool) -> None:
        self._service = service
        # Of the rules that its refusals name: the package.
        self._domain = service.strip("/").rpartition(".")[0]
        self._plaintext = plaintext
        self.counts = counts

    def unary(self, method: str, call: Unary) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """One message in, one out."""

        async def handle(message: bytes, context: Context) -> bytes:
            return await self._guarded(method, context, lambda identity: call(identity, message))

        return grpc.unary_unary_rpc_method_handler(handle)

    def serving(self, method: str, call: Serving) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """One message in, many out, which the call writes itself."""

        async def handle(message: bytes, context: Context) -> None:
            async def answer(identity: Identity) -> None:
                await context.send_initial_metadata(())
                await call(identity, message, context)

            await self._guarded(method, context, answer)

        return grpc.unary_stream_rpc_method_handler(handle)

    def streaming(self, method: str, call: Streaming) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """Many in, many out, which the call reads and writes itself."""

        async def handle(_messages: object, context: Context) -> None:
            async def answer(identity: Identity) -> None:
                await context.send_initial_metadata(())
                await call(identity, context)

            await self._guarded(method, context, answer)

        return grpc.stream_stream_rpc_method_handler(handle)

    async def _guarded(self, method: str, context: Context, answer: Callable[[Identity], Awaitable[T]]) -> T:
        self.counts.calls[method] = self.counts.calls.get(method, 0) + 1
        self.counts.open_calls += 1
        try:
            return await answer(self._identify(method, context))
        except CallError as error:
            await self._refuse(method, context, error)
        except Exception:
            # gRPC would send the error's text to the caller.
            log.exception("a call failed", extra={"method": method})
            await self._refuse(method, context, CallError("the service failed at this call"))
        finally:
            self.counts.open_calls -= 1

    def _identify(self, method: str, context: Context) -> Identity:
        try:
            identity = caller(context, plaintext=self._plaintext)
        except IdentityError as error:
            raise UnknownCallerError(str(error)) from None
        if not identity.may_call(self._service + method):
            raise ForbiddenError(f"role {identity.role}: may not call {method}")
        return identity

    async def _refuse(self, method: str, context: Context, error: CallError) -> NoReturn:
        key = (method, error.status.name)
        self.counts.refused[key] = self.counts.refused.get(key, 0) + 1
        details: Any = ((DETAILS_KEY, rich(error, self._domain).SerializeToString()),)
        # A status goes behind what was written before: while the caller does not read that, the call stays,
        # as it would without a fault. It ends when the caller reads or leaves, and when the gateway stops.
        await context.abort(error.status, error.message, details)
