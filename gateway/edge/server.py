"""Server: the gateway's gRPC face to courts.

Bytes in, bytes out: no message object is made for Submit, SubmitBulk and Watch. What a call does is in
submit, lookup, listing and watch; the port is runtime/server.py's.
"""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import grpc

from chakong.gateway.v1 import gateway_pb2
from gateway.edge.control_server import SERVICE as CONTROLS_SERVICE
from gateway.edge.control_server import ControlHandlers, control_methods
from runtime import requests, server
from runtime.guard import CallCounts, Context, Guard
from runtime.identity import GATEWAY, Identity
from runtime.server import Methods

if TYPE_CHECKING:
    from gateway.edge.listing import Listing
    from gateway.edge.lookup import Lookup
    from gateway.edge.submit import Submit
    from gateway.edge.watch import Watch
    from runtime.settings import Listen

SERVICE: Final = "chakong.gateway.v1.Gateway"


@dataclass(frozen=True, slots=True)
class Handlers:
    """What the calls do."""

    controls: ControlHandlers
    submit: "Submit"
    watch: "Watch"
    lookup: "Lookup"
    listing: "Listing"


class Server(server.Server):
    """The gateway's port. `beside`: services that share it."""

    def __init__(
        self,
        listen: "Listen",
        calls_max: int,
        handlers: Handlers,
        draining: asyncio.Event,
        beside: Sequence[Methods] = (),
    ) -> None:
        self._handlers = handlers
        self.guard = Guard(GATEWAY, CallCounts(), plaintext=listen.plaintext)
        controls = control_methods(handlers.controls, self.guard.counts, plaintext=listen.plaintext)
        ours = (Methods(SERVICE, self._methods()), Methods(CONTROLS_SERVICE, controls))
        super().__init__(listen, calls_max, (*ours, *beside), draining)

    def _methods(self) -> "grpc.GenericRpcHandler[Any, Any]":
        guard, handlers = self.guard, self._handlers
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "Submit": guard.unary("Submit", handlers.submit.one),
                "SubmitBulk": guard.streaming("SubmitBulk", handlers.submit.bulk),
                "Watch": guard.serving("Watch", self._watch),
                "GetInquiry": guard.unary("GetInquiry", handlers.lookup.get),
                "ListInquiries": guard.unary("ListInquiries", handlers.lookup.list_case),
                "CancelInquiry": guard.unary("CancelInquiry", handlers.lookup.cancel),
                "ListInstitutions": guard.unary("ListInstitutions", handlers.listing.institutions),
                "ListSlowEndpoints": guard.unary("ListSlowEndpoints", handlers.listing.slow_endpoints),
            },
        )

    async def _watch(self, caller: Identity, message: bytes, context: Context) -> None:
        request = requests.read(gateway_pb2.WatchRequest, message)
        async with aclosing(self._handlers.watch.follow(caller.court, request)) as responses:
            async for response in responses:
                await context.write(response)
