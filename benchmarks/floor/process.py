"""Process: what every process of a floor or peer does around its work: files, server, ready line, signals.

It knows nothing of what is served.
"""

import resource
from asyncio import Task
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import grpc
from grpc import aio

from runtime import lifecycle

# 3,916 endpoints, with a connection and a listener each.
OPEN_FILES_WANTED = 16_384
LOOPBACK = "127.0.0.1"
COURT_SERVICE = "chakong.gateway.v1.Gateway"
MESSAGE_BYTES_MAX = 64 << 20
STOP_GRACE_S = 0.1
# Of every channel and server here.
OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
)
SERVER_OPTIONS = (
    *OPTIONS,
    ("grpc.max_concurrent_streams", 4_096),
    # A second process on the same port must fail, not take half of the calls.
    ("grpc.so_reuseport", 0),
)

Context = aio.ServicerContext[bytes, bytes]
Handlers = dict[str, "grpc.RpcMethodHandler[Any, Any]"]


def run(main: Coroutine[None, None, None]) -> None:
    """Run it on uvloop, as gateway and simulator run."""
    _allow_open_files()
    lifecycle.run(main)


async def serve(started: AbstractAsyncContextManager[str]) -> None:
    """Enter, say "ready" and what the context says of itself, and leave at SIGTERM or SIGINT."""
    async with lifecycle.stop_on_signals() as stop, started as greeting:
        print(f"ready {greeting}", flush=True)
        await stop.wait()


async def listen(address: str, service: str, handlers: Handlers) -> aio.Server:
    """A server that has started. RuntimeError where the address is taken."""
    server = aio.server(options=SERVER_OPTIONS)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    server.add_insecure_port(address)
    await server.start()
    return server


@asynccontextmanager
async def listening(port: int, service: str, handlers: Handlers) -> AsyncIterator[None]:
    """One server, stopped afterwards. RuntimeError where the port is taken."""
    server = await listen(f"{LOOPBACK}:{port}", service, handlers)
    try:
        yield
    finally:
        await server.stop(STOP_GRACE_S)


def failed(task: Task[None]) -> None:
    """As a task's done callback: a failure nobody awaits ends the loop's run instead of being lost."""
    if not task.cancelled() and (error := task.exception()) is not None:
        print(f"failed: {error!r}", flush=True)
        task.get_loop().stop()


def _allow_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES_WANTED if hard == resource.RLIM_INFINITY else min(OPEN_FILES_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
