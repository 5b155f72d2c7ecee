"""Server: the simulated institutions on their addresses.

One gRPC server for each endpoint's address, or one for all; a call's metadata `chakong-endpoint` says which
endpoint is meant and wins over the address. On a shared address it is required. What is said is not decided
here.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import grpc

from simulator._population import Population
from simulator.address import PORT_DEFAULT, host_of
from simulator.books.misbehaviour import Misbehaviour
from simulator.books.room import Room
from simulator.books.staff import clerks
from simulator.cache import DrawnCache
from simulator.controls import ControlDesk
from simulator.endpoint import Counts, EndpointDesk, World
from simulator.layout import Layout
from simulator.scenarios import Scenario
from simulator.server_controls import (
    TEST_BENCH_SERVICE,
    ControlLine,
    Handlers,
    bench_handlers,
    control_handlers,
    pass_gate,
)
from simulator.stream import Context, InquireStream

SERVICE = "chakong.institution.v1.Institution"
METADATA_KEY = "chakong-endpoint"
STOP_GRACE_S = 0.5
MESSAGE_BYTES_MAX = 16 * 1024 * 1024
OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_concurrent_streams", 4096),
    # A second simulator on the same port must fail, not take half of the calls.
    ("grpc.so_reuseport", 0),
    # The gateway's keepalive is welcome however often it comes.
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_ping_strikes", 0),
)


class AddressError(Exception):
    """An address is taken, or is none of this machine."""


@dataclass(frozen=True, slots=True)
class Binding:
    """Where to listen. `shared_host`: one address for all; empty: one for each. Port 0: any that is free."""

    port: int = PORT_DEFAULT
    shared_host: str = ""
    credentials: grpc.ServerCredentials | None = None


@dataclass(frozen=True, slots=True)
class BooksOptions:
    """How the institutions' books are kept. `has_test_bench`: time and money can be made over the wire."""

    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)
    room: Room = field(default_factory=Room)
    has_test_bench: bool = False


class InstitutionServer:
    def __init__(
        self,
        layout: Layout,
        scenario: Scenario,
        now_ns: Callable[[], int],
        seed: int,
        options: BooksOptions | None = None,
    ) -> None:
        """`seed`: of the population; the scenario and the misbehaviour have their own."""
        self._layout = layout
        self._options = options or BooksOptions()
        self.counts = Counts()
        population = Population(seed, layout)
        self._world = World(
            layout=layout,
            cache=DrawnCache(population),
            scenario=scenario,
            now_ns=now_ns,
            start_ns=now_ns(),
            counts=self.counts,
        )
        self.clerks = clerks(layout, population, self._options.misbehaviour, self._options.room)
        self._desks = {
            endpoint.key: EndpointDesk(self._world, endpoint.index, self.clerks[endpoint.key].books)
            for endpoint in layout.endpoints
        }
        self._lines = {
            endpoint.key: ControlLine(ControlDesk(self._world, endpoint.index, self.clerks[endpoint.key]))
            for endpoint in layout.endpoints
        }
        self._servers: list[grpc.aio.Server] = []
        self.addresses: dict[str, str] = {}

    async def start(self, binding: Binding) -> None:
        """Listen on all addresses. AddressError when one cannot be had; those before it listen until
        `stop`."""
        if binding.shared_host:
            address = await self._listen(binding, binding.shared_host, None)
            self.addresses = dict.fromkeys(self._desks, address)
            return
        for index, key in enumerate(self._desks):
            self.addresses[key] = await self._listen(binding, host_of(index), key)

    async def stop(self) -> None:
        await asyncio.gather(*(server.stop(STOP_GRACE_S) for server in self._servers))
        self._servers.clear()

    async def _listen(self, binding: Binding, host: str, key: str | None) -> str:
        server = grpc.aio.server(options=OPTIONS)
        server.add_generic_rpc_handlers(self._handlers(key))
        wanted = f"{host}:{binding.port}"
        try:
            if binding.credentials is None:
                port = server.add_insecure_port(wanted)
            else:
                port = server.add_secure_port(wanted, binding.credentials)
        except RuntimeError as error:
            raise AddressError(
                f"address: cannot listen on {wanted}; it is in use, or not an address of this machine; "
                "--port takes another"
            ) from error
        await server.start()
        self._servers.append(server)
        return f"{host}:{port}"

    def _handlers(self, key: str | None) -> "tuple[grpc.GenericRpcHandler[bytes, bytes], ...]":
        """`key`: the endpoint of the address; None: only metadata can tell."""

        async def inquire(_: object, context: Context) -> None:
            await InquireStream(self._world, self._desks[await self._key_of(context, key)], context).serve()

        async def describe(_: bytes, context: Context) -> bytes:
            return await _describe(self._desks[await self._key_of(context, key)], context)

        async def pick(context: Context) -> ControlLine:
            return self._lines[await self._key_of(context, key)]

        calls: Handlers = {
            "Inquire": grpc.stream_stream_rpc_method_handler(inquire),
            "Describe": grpc.unary_unary_rpc_method_handler(describe),
            **control_handlers(pick),
        }
        services = {SERVICE: calls}
        if self._options.has_test_bench:
            services[TEST_BENCH_SERVICE] = bench_handlers(pick)
        return tuple(
            grpc.method_handlers_generic_handler(name, handlers) for name, handlers in services.items()
        )

    async def _key_of(self, context: Context, key: str | None) -> str:
        metadata = context.invocation_metadata() or ()
        keys = [str(value) for name, value in metadata if name == METADATA_KEY]
        if not keys and key is not None:
            return key
        if keys and keys[-1] in self._desks:
            return keys[-1]
        await context.abort(
            grpc.StatusCode.NOT_FOUND, f"metadata {METADATA_KEY}: missing, or no such endpoint"
        )
        raise AssertionError("abort returned")


async def _describe(desk: EndpointDesk, context: Context) -> bytes:
    await pass_gate(desk.gate(), context)
    return desk.describe().SerializeToString()
