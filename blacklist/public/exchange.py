"""Exchange: one request and its answer over HTTP/1.1, as bytes (h11).

Pure. A connection serves one request: what comes after it is not read. Head and body are bounded, so is what
is kept of them. Where it comes from, and how long it may take, is port.py's business.
"""

from dataclasses import dataclass
from email.utils import formatdate
from typing import Final

import h11

HEAD_BYTES_MAX: Final = 8_192
BODY_BYTES_MAX: Final = 4_096
HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"connection", b"close"),
    (b"content-type", b"application/json; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
)
TOO_LARGE: Final = 413
BAD: Final = 400


class HttpError(Exception):
    """What came is no request that is answered; `status` says what kind of fault it is."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """It has no repr: a person is in its body."""

    method: bytes
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def values(self, name: str) -> list[str]:
        """Of all headers of this name, in their order."""
        wanted = name.lower().encode()
        return [value.decode("latin-1") for key, value in self.headers if key == wanted]


class Exchange:
    """Of one connection. Feed it what comes until it gives the request, then `answer` once."""

    def __init__(self) -> None:
        self._connection = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES_MAX)
        self._head: h11.Request | None = None
        self._body = bytearray()

    def take(self, received: bytes) -> Request | None:
        """The request once it is whole. `received` is empty when the peer will send no more. HttpError."""
        try:
            self._connection.receive_data(received)
            # Each event but the last two is of at least one byte that came.
            for _ in range(len(received) + HEAD_BYTES_MAX):
                event = self._connection.next_event()
                if isinstance(event, h11.Request):
                    self._head = event
                elif isinstance(event, h11.Data):
                    self._body += event.data
                    if len(self._body) > BODY_BYTES_MAX:
                        raise HttpError(TOO_LARGE, f"body: must be at most {BODY_BYTES_MAX} bytes")
                elif isinstance(event, h11.EndOfMessage) and self._head is not None:
                    head = self._head
                    return Request(head.method, head.target, tuple(head.headers), bytes(self._body))
                else:
                    break
        except h11.RemoteProtocolError as error:
            # Not its text, which quotes what came.
            text = f"request: must be HTTP/1.1, its head at most {HEAD_BYTES_MAX} bytes"
            raise HttpError(error.error_status_hint, text) from None
        if not received:
            raise HttpError(BAD, "request: ended before it was whole")
        return None

    def go_on(self) -> bytes:
        """What a peer that waits to be told before it sends its body is to be told; mostly nothing."""
        if self._head is None or not self._connection.they_are_waiting_for_100_continue:
            return b""
        return self._connection.send(h11.InformationalResponse(status_code=100, headers=[])) or b""

    def answer(
        self, status: int, body: bytes, at_ns: int, also: tuple[tuple[bytes, bytes], ...] = ()
    ) -> bytes:
        """The answer, whole. `also`: headers besides those that each has."""
        date = formatdate(at_ns // 10**9, usegmt=True).encode()
        headers = [*HEADERS, (b"date", date), (b"content-length", b"%d" % len(body)), *also]
        parts = [self._connection.send(h11.Response(status_code=status, headers=headers))]
        if self._head is None or self._head.method != b"HEAD":
            parts.append(self._connection.send(h11.Data(data=body)))
        parts.append(self._connection.send(h11.EndOfMessage()))
        return b"".join(part or b"" for part in parts)
