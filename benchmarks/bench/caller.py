"""Caller: unary calls over one HTTP/2 connection with TLS, with as little work for each as can be.

A load generator shares the processors with what it measures; gRPC's own client would take more of them than
the gateway. It speaks just what a gRPC server needs: headers without a table, one DATA frame each way. A call
that does not end with status 0 ends the connection, and what waits on it is told. No retries, no deadlines.
"""

import asyncio
import re
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, cast

from benchmarks.court import Credentials
from runtime.settings import split_address

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4
HEADER_TABLE_SIZE, INITIAL_WINDOW_SIZE = 1, 4
# RFC 9113, 6.9.1 and 6.9.2.
WINDOW_BYTES_MAX = (1 << 31) - 1
WINDOW_BYTES_FIRST = 65_535
FRAME_BYTES = 9
# Read at once.
RECEIVED_BYTES_MAX = 1 << 16
STATUS_OK: Final = b"\x0bgrpc-status\x010"
STATUS: Final = re.compile(rb"\x0bgrpc-status[\x01\x02](\d+)")

# Called with the reply, or with None when there will be none.
Done = Callable[[bytes | None], None]


class Caller(asyncio.BufferedProtocol):
    """Made by `connect`; the caller closes it."""

    def __init__(self, authority: str, path: str) -> None:
        self._head = _headers(authority, path)
        self._transport: asyncio.Transport | None = None
        # A view: who fills it in parts must fill this, not a copy.
        self._incoming = memoryview(bytearray(RECEIVED_BYTES_MAX))
        self._buffer = bytearray()
        self._waiting: dict[int, Done] = {}
        self._replies: dict[int, bytes] = {}
        self._blocked: list[tuple[bytes, Done]] = []
        self._window_bytes = WINDOW_BYTES_FIRST
        self._next_stream = 1
        self.error = ""

    def call(self, message: bytes, done: Done) -> None:
        """Send it as soon as the connection lets it; `done` may be called at once when that is closed."""
        size_bytes = len(message) + 5
        if self._transport is None:
            done(None)
        elif size_bytes > self._window_bytes:
            self._blocked.append((message, done))
        else:
            stream, self._next_stream = self._next_stream, self._next_stream + 2
            self._window_bytes -= size_bytes
            self._waiting[stream] = done
            head = _frame(HEADERS, END_HEADERS, stream, self._head)
            body = b"\0" + struct.pack(">I", len(message)) + message
            self._transport.write(head + _frame(DATA, END_STREAM, stream, body))

    def close(self) -> None:
        """End the connection; what waits is told."""
        if self._transport is not None:
            self._transport.close()
        self._end("closed")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not asyncio's own class on uvloop, but with its methods.
        self._transport = cast("asyncio.Transport", transport)
        settings = struct.pack(">HIHI", HEADER_TABLE_SIZE, 0, INITIAL_WINDOW_SIZE, WINDOW_BYTES_MAX)
        more = struct.pack(">I", WINDOW_BYTES_MAX - WINDOW_BYTES_FIRST)
        self._transport.write(PREFACE + _frame(SETTINGS, 0, 0, settings) + _frame(WINDOW_UPDATE, 0, 0, more))

    def connection_lost(self, exc: Exception | None) -> None:
        self._end("the connection was lost")

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._incoming

    def buffer_updated(self, nbytes: int) -> None:
        buffer = self._buffer
        buffer += self._incoming[:nbytes]
        at = 0
        while len(buffer) - at >= FRAME_BYTES:
            end = at + FRAME_BYTES + int.from_bytes(buffer[at : at + 3], "big")
            if end > len(buffer):
                break
            stream = int.from_bytes(buffer[at + 5 : at + FRAME_BYTES], "big")
            self._take(buffer[at + 3], buffer[at + 4], stream, bytes(buffer[at + FRAME_BYTES : end]))
            at = end
        del buffer[:at]

    def _take(self, kind: int, flags: int, stream: int, content: bytes) -> None:
        if kind == DATA:
            self._replies[stream] = self._replies.get(stream, b"") + content
        elif kind == HEADERS:
            if flags & END_STREAM:
                self._ended(stream, content)
        elif kind == WINDOW_UPDATE and not stream:
            self._window_bytes += int.from_bytes(content, "big")
            blocked, self._blocked = self._blocked, []
            for message, done in blocked:
                self.call(message, done)
        elif kind in {SETTINGS, PING} and not flags & ACK and self._transport is not None:
            self._transport.write(_frame(kind, ACK, 0, content if kind == PING else b""))
        elif kind in {RST_STREAM, GOAWAY}:
            self._fail(f"frame of type {kind} came")

    def _ended(self, stream: int, trailers: bytes) -> None:
        if STATUS_OK not in trailers:
            told = STATUS.search(trailers)
            self._fail(f"a call ended with status {told[1].decode() if told else 'unknown'}, must be 0")
            return
        self._waiting.pop(stream)(self._replies.pop(stream)[5:])

    def _fail(self, error: str) -> None:
        if self._transport is not None:
            self._transport.abort()
        self._end(error)

    def _end(self, error: str) -> None:
        self.error = self.error or error
        self._transport = None
        waiting = [*self._waiting.values(), *(done for _, done in self._blocked)]
        self._waiting, self._blocked = {}, []
        for done in waiting:
            done(None)


@asynccontextmanager
async def connections(
    address: str, credentials: Credentials, path: str, count: int
) -> AsyncIterator[list[Caller]]:
    """So many, closed afterwards."""
    opened: list[Caller] = []
    try:
        while len(opened) < count:
            opened.append(await connect(address, credentials, path))
        yield opened
    finally:
        for caller in opened:
            caller.close()


async def connect(address: str, credentials: Credentials, path: str) -> Caller:
    """A connection for calls of one method. OSError, which TLS's errors are, when there is none."""
    context = ssl.create_default_context(cafile=str(credentials.ca))
    context.load_cert_chain(credentials.certificate, credentials.key)
    context.set_alpn_protocols(["h2"])
    host, port = split_address(address)
    loop = asyncio.get_running_loop()
    _, caller = await loop.create_connection(
        lambda: Caller(address, path), host, port, ssl=context, server_hostname=host
    )
    return caller


def _frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    return len(content).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + content


def _headers(authority: str, path: str) -> bytes:
    """HPACK (RFC 7541) without its table: POST and https by their static index, the rest as text."""
    return b"".join(
        (
            b"\x83\x87",
            b"\x04" + _text(path),
            b"\x01" + _text(authority),
            b"\x0f\x10" + _text("application/grpc"),
            b"\x00" + _text("te") + _text("trailers"),
        )
    )


def _text(text: str) -> bytes:
    encoded = text.encode()
    assert len(encoded) < 127, "longer texts have a longer length"
    return bytes((len(encoded),)) + encoded
