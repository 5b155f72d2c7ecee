"""Server: the gateway's gRPC face to courts.

Bytes in, bytes out: no message object is made for Submit, SubmitBulk and Watch. It opens the port, and on the
way down takes nothing new while what was taken is finished. What a call does is in submit, lookup, listing
and watch.
"""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import grpc
import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from chakong.gateway.v1 import gateway_pb2
from gateway.edge import requests
from gateway.edge.control_server import SERVICE as CONTROLS_SERVICE
from gateway.edge.control_server import ControlHandlers, control_methods
from gateway.edge.errors import StartError
from gateway.edge.guard import CallCounts, Context, Guard
from runtime.identity import GATEWAY, Identity

if TYPE_CHECKING:
    from gateway.edge.listing import Listing
    from gateway.edge.lookup import Lookup
    from gateway.edge.submit import Submit
    from gateway.edge.watch import Watch
    from runtime.settings import Listen

SERVICE: Final = "chakong.gateway.v1.Gateway"
# Above the contract's 4 MiB, so that a message that is too large is answered in its stream and the stream
# goes on.
RECEIVE_BYTES_MAX: Final = 16 << 20
SEND_BYTES_MAX: Final = 64 << 20
KEEPALIVE_MS: Final = 60_000
# Courts' lines go through firewalls that want to see traffic; a faster ping than this is an attack.
PING_INTERVAL_MS_MIN: Final = 10_000


@dataclass(frozen=True, slots=True)
class Handlers:
    """What the calls do."""

    controls: ControlHandlers
    submit: "Submit"
    watch: "Watch"
    lookup: "Lookup"
    listing: "Listing"


class Server:
    """One listening port. `draining` is set by `drain`; Submit is given the same event."""

    def __init__(self, listen: "Listen", calls_max: int, handlers: Handlers, draining: asyncio.Event) -> None:
        self._listen = listen
        self._handlers = handlers
        self._draining = draining
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]
        self.guard = Guard(GATEWAY, CallCounts(), plaintext=listen.plaintext)
        self._server = grpc.aio.server(
            maximum_concurrent_rpcs=calls_max,
            options=(
                ("grpc.max_receive_message_length", RECEIVE_BYTES_MAX),
                ("grpc.max_send_message_length", SEND_BYTES_MAX),
                ("grpc.keepalive_time_ms", KEEPALIVE_MS),
                ("grpc.http2.min_ping_interval_without_data_ms", PING_INTERVAL_MS_MIN),
                ("grpc.so_reuseport", 0),
            ),
        )
        controls = control_methods(handlers.controls, self.guard.counts, plaintext=listen.plaintext)
        self._server.add_generic_rpc_handlers((self._methods(), controls))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (
            SERVICE,
            CONTROLS_SERVICE,
            health_pb2.DESCRIPTOR.services_by_name["Health"].full_name,
            reflection.SERVICE_NAME,
        )
        reflection.enable_server_reflection(names, self._server)

    def bind(self) -> int:
        """Take the port; its number. StartError when the address cannot be had."""
        address = self._listen.address
        try:
            if self._listen.plaintext:
                return int(self._server.add_insecure_port(address))
            return int(self._server.add_secure_port(address, _credentials(self._listen)))
        except RuntimeError:
            # gRPC says no more than that it failed.
            message = "cannot listen there; another process may have the port"
            raise StartError(f"listen.address {address}: {message}") from None
        except OSError as error:
            raise StartError(f"listen: {error}") from None

    async def start(self) -> None:
        """Serve at the port that was taken."""
        await self._server.start()
        await self._set_health(health_pb2.HealthCheckResponse.SERVING)

    async def drain(self) -> None:
        """From now on take nothing new; open bulk streams end when what they took is acknowledged."""
        await self._set_health(health_pb2.HealthCheckResponse.NOT_SERVING)
        self._draining.set()

    async def stop(self, grace_s: float) -> None:
        """Refuse new calls, let open ones go on for so long, then end them."""
        await self._server.stop(grace_s)

    async def _set_health(self, status: "health_pb2.HealthCheckResponse.ServingStatus.ValueType") -> None:
        for service in ("", SERVICE, CONTROLS_SERVICE):
            await self._health.set(service, status)

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


def _credentials(listen: "Listen") -> grpc.ServerCredentials:
    """Mutual TLS: a client without a certificate of our CA gets no connection."""
    if listen.key is None or listen.cert is None or listen.ca is None:
        raise StartError("listen: cert, key and ca are required unless plaintext")
    pairs = [(listen.key.read_bytes(), listen.cert.read_bytes())]
    return grpc.ssl_server_credentials(pairs, listen.ca.read_bytes(), require_client_auth=True)
