"""Server: one listening port for the services of a process, with health and reflection.

Mutual TLS, or plaintext on loopback for development. On the way down it takes nothing new while what was
taken is finished. What a call does is its service's business.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import grpc
import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from runtime.errors import StartError

if TYPE_CHECKING:
    from runtime.settings import Listen

# Above the contracts' 4 MiB, so that a message that is too large is answered in its stream and the stream
# goes on.
RECEIVE_BYTES_MAX: Final = 16 << 20
SEND_BYTES_MAX: Final = 64 << 20
KEEPALIVE_MS: Final = 60_000
# Courts' lines go through firewalls that want to see traffic; a faster ping than this is an attack.
PING_INTERVAL_MS_MIN: Final = 10_000
# Calls that came while the loop was busy; from 1,000 on gRPC would end some of them CANCELLED by chance. With
# room for all that may be open, what is too much is refused by the count of open calls, and told so.
PENDING_MIN: Final = 16_384


@dataclass(frozen=True, slots=True)
class Methods:
    """A service as gRPC is told of it: its full name, its handlers, which are guarded. `also`: others that
    come with it."""

    service: str
    handler: "grpc.GenericRpcHandler[Any, Any]"
    also: "tuple[Methods, ...]" = ()


class Server:
    """One listening port. `draining` is set by `drain`; bulk streams are given the same event."""

    def __init__(
        self, listen: "Listen", calls_max: int, services: Sequence[Methods], draining: asyncio.Event
    ) -> None:
        self._listen = listen
        self._draining = draining
        services = [each for one in services for each in (one, *one.also)]
        self._names = [one.service for one in services]
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]
        # Services that have said themselves how they are; a start does not say otherwise.
        self._told: set[str] = set()
        self._server = grpc.aio.server(
            maximum_concurrent_rpcs=calls_max,
            options=(
                ("grpc.max_receive_message_length", RECEIVE_BYTES_MAX),
                ("grpc.max_send_message_length", SEND_BYTES_MAX),
                ("grpc.keepalive_time_ms", KEEPALIVE_MS),
                ("grpc.http2.min_ping_interval_without_data_ms", PING_INTERVAL_MS_MIN),
                ("grpc.so_reuseport", 0),
                ("grpc.server.max_pending_requests", max(PENDING_MIN, 2 * calls_max)),
                ("grpc.server.max_pending_requests_hard_limit", max(PENDING_MIN, 4 * calls_max)),
            ),
        )
        self._server.add_generic_rpc_handlers(tuple(one.handler for one in services))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        health_name = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
        reflection.enable_server_reflection(
            (*self._names, health_name, reflection.SERVICE_NAME), self._server
        )

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
        """Serve at the port that was taken. What said before that it does not serve still says so."""
        await self._server.start()
        for service in ("", *self._names):
            if service not in self._told:
                await self.tell_health(service, is_serving=True)

    async def tell_health(self, service: str, *, is_serving: bool) -> None:
        """What health says of a service from now on. Who drains serves no more, whatever comes back."""
        if is_serving and self._draining.is_set():
            return
        self._told.add(service)
        response = health_pb2.HealthCheckResponse
        await self._health.set(service, response.SERVING if is_serving else response.NOT_SERVING)

    async def drain(self) -> None:
        """From now on take nothing new; open bulk streams end when what they took is acknowledged."""
        for service in ("", *self._names):
            await self.tell_health(service, is_serving=False)
        self._draining.set()

    async def stop(self, grace_s: float) -> None:
        """Refuse new calls, let open ones go on for so long, then end them."""
        await self._server.stop(grace_s)


def _credentials(listen: "Listen") -> grpc.ServerCredentials:
    """Mutual TLS: a client without a certificate of our CA gets no connection."""
    if listen.key is None or listen.cert is None or listen.ca is None:
        raise StartError("listen: cert, key and ca are required unless plaintext")
    pairs = [(listen.key.read_bytes(), listen.cert.read_bytes())]
    return grpc.ssl_server_credentials(pairs, listen.ca.read_bytes(), require_client_auth=True)
