"""Seal: how a head and a body become one signed file, and how a file is opened.

Kind (8 bytes), size of the head (4, little-endian), head, Ed25519 signature of all before it (64), body. The
head has size and SHA-256 of the body, so the signature covers all. Pure. What head and body mean it does not
know.
"""

import hashlib
import struct
from typing import Final, Protocol, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from google.protobuf.message import DecodeError

from blacklist.offline.errors import TamperedError, TruncatedError

SNAPSHOT: Final = b"CKBLSET1"
DELTA: Final = b"CKBLDIF1"
SIGNATURE_BYTES: Final = 64
# A head has a few dozen bytes and the numbers of 37 measures.
HEAD_BYTES_MAX: Final = 4_096
_START: Final = struct.Struct("<8sI")


class Head(Protocol):
    """What both heads have."""

    format: int
    body_size: int
    body_sha256: bytes

    def SerializeToString(self, *, deterministic: bool = ...) -> bytes: ...  # noqa: N802

    def ParseFromString(self, serialized: bytes) -> int: ...  # noqa: N802


FORMAT: Final = 1
H = TypeVar("H", bound=Head)


def seal(kind: bytes, head: Head, body: bytes, private_key: Ed25519PrivateKey) -> bytes:
    """The file. Sets format, size and digest of the head."""
    head.format = FORMAT
    head.body_size = len(body)
    head.body_sha256 = hashlib.sha256(body).digest()
    encoded = head.SerializeToString(deterministic=True)
    start = _START.pack(kind, len(encoded)) + encoded
    return b"".join((start, private_key.sign(start), body))


def unseal(kind: bytes, head: H, sealed: bytes, public_key: Ed25519PublicKey) -> tuple[H, bytes]:
    """Head and body of a file; `head` is an empty one, and is filled. TruncatedError, TamperedError."""
    if len(sealed) < _START.size:
        raise TruncatedError(f"file: {len(sealed)} bytes given, at least {_START.size} expected")
    found, head_size = _START.unpack_from(sealed)
    if found != kind:
        raise TruncatedError(f"file: begins as another kind of file than {kind.decode()}")
    if head_size > HEAD_BYTES_MAX:
        raise TamperedError(f"head: {head_size} bytes given, at most {HEAD_BYTES_MAX} expected")
    body_start = _START.size + head_size + SIGNATURE_BYTES
    if len(sealed) < body_start:
        raise TruncatedError(f"file: {len(sealed)} bytes given, at least {body_start} expected")
    signed = sealed[: _START.size + head_size]
    try:
        public_key.verify(sealed[len(signed) : body_start], signed)
        head.ParseFromString(signed[_START.size :])
    except InvalidSignature:
        raise TamperedError("signature: not of the service's key") from None
    except DecodeError:
        raise TamperedError("head: not readable") from None
    if head.format != FORMAT:
        raise TamperedError(
            f"format: {head.format} given, {FORMAT} expected; this client is too old or too new"
        )
    body = sealed[body_start:]
    if len(body) < head.body_size:
        raise TruncatedError(f"body: {len(body)} bytes given, {head.body_size} expected")
    if len(body) != head.body_size or hashlib.sha256(body).digest() != head.body_sha256:
        raise TamperedError("body: not the one that was signed")
    return head, body
