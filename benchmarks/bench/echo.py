"""Echo: a gRPC server whose one handler returns the beginning of what it got.

The same kind of server as the gateway's: asyncio, uvloop, mutual TLS, raw bytes, the same method name. A
process of its own: `python -m benchmarks.bench.echo PORT CERTS REPLY_BYTES`.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
from grpc import aio

from benchmarks.floor.process import LOOPBACK, SERVER_OPTIONS, STOP_GRACE_S, Context, run, serve
from gateway.edge.server import SERVICE


@asynccontextmanager
async def echoing(port: int, certs: Path, reply_bytes: int) -> AsyncIterator[str]:
    """RuntimeError where the port is taken; OSError when a certificate's file cannot be read."""

    async def echo(message: bytes, _: Context) -> bytes:
        return message[:reply_bytes]

    handlers = {"Submit": grpc.unary_unary_rpc_method_handler(echo)}
    server = aio.server(options=SERVER_OPTIONS)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    pair = ((certs / "server.key").read_bytes(), (certs / "server.pem").read_bytes())
    authority = (certs / "ca.pem").read_bytes()
    credentials = grpc.ssl_server_credentials([pair], authority, require_client_auth=True)
    server.add_secure_port(f"{LOOPBACK}:{port}", credentials)
    await server.start()
    try:
        yield f"reply_bytes={reply_bytes}"
    finally:
        await server.stop(STOP_GRACE_S)


if __name__ == "__main__":
    run(serve(echoing(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
