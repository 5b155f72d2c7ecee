"""Template: a small whole protocol, to copy for a real one.

Each message is an envelope: a magic, a version, a kind, the length of the body, the body. Several envelopes
may come in one received message, as with protocols that group their replies. It is registered for no
endpoint; it stands here so that the contract test runs over more than the identity.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from adapters.contract import Unreadable
from adapters.native import Native

# magic 2s, version u8, kind u8, body length u32, big-endian
HEADER: Final = struct.Struct(">2sBBI")
MAGIC: Final = b"CK"
VERSION: Final = 1
HELLO: Final = 1
BATCH: Final = 2
REPLY: Final = 3
DESCRIBE: Final = 4
CAPABILITIES: Final = 5


class Template:
    """Canonical bytes in envelopes. A real protocol translates the body instead of carrying it."""

    _canonical = Native()

    def hello(self, institutions: Sequence[int]) -> bytes:
        """A HELLO envelope."""
        return envelope(HELLO, self._canonical.hello(institutions))

    def batch(self, message: bytes) -> bytes:
        """A BATCH envelope; copies the message once."""
        return envelope(BATCH, message)

    def replies(self, received: bytes) -> Iterable[bytes]:
        """The bodies of all REPLY envelopes; any other kind, and a rest that is no envelope, is
        Unreadable."""
        return [_body(REPLY, kind, body) for kind, body in _envelopes(received)]

    def describe(self) -> bytes:
        """A DESCRIBE envelope."""
        return envelope(DESCRIBE, self._canonical.describe())

    def capabilities(self, received: bytes) -> Mapping[int, frozenset[str]]:
        """Those of one CAPABILITIES envelope."""
        found = [_body(CAPABILITIES, kind, body) for kind, body in _envelopes(received)]
        if len(found) != 1:
            raise Unreadable(f"capabilities: {len(found)} envelopes given, 1 expected")
        return self._canonical.capabilities(found[0])


def envelope(kind: int, body: bytes) -> bytes:
    """One envelope."""
    return HEADER.pack(MAGIC, VERSION, kind, len(body)) + body


def _envelopes(received: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(received):
        if len(received) - at < HEADER.size:
            raise Unreadable(f"envelope: {len(received) - at} bytes given, at least {HEADER.size}")
        magic, version, kind, body_bytes = HEADER.unpack_from(received, at)
        at += HEADER.size
        if (magic, version) != (MAGIC, VERSION):
            raise Unreadable(f"envelope: magic or version is not {MAGIC!r} {VERSION}")
        if len(received) - at < body_bytes:
            raise Unreadable(f"envelope: {len(received) - at} bytes of body given, {body_bytes} announced")
        yield kind, received[at : at + body_bytes]
        at += body_bytes


def _body(wanted: int, kind: int, body: bytes) -> bytes:
    if kind != wanted:
        raise Unreadable(f"envelope: kind {kind} given, {wanted} expected")
    return body
