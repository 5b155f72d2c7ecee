"""Raw: the little of protobuf's wire format that the edge reads and writes without message objects.

Only the outermost fields of a message, whose kinds are known; what is inside them is somebody else's
business. The Engine reads messages; the stubs read everything that is not on the hot path.
"""

from collections.abc import Iterator
from typing import Final

U64_MAX: Final = 2**64 - 1
VARINT_BYTES_MAX: Final = 10
# Twice the inquiries of a message. Of fields of two bytes a hostile caller's message would hold millions, and
# the loop for as many microseconds.
CALLERS_FIELDS_MAX: Final = 16_384
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_FIXED_BYTES = {_FIXED64: 8, _FIXED32: 4}


class RawError(ValueError):
    """The bytes are no protobuf message."""


def varint(value: int) -> bytes:
    """`value` (0 to 2**64 - 1) as the wire has it."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def field_bytes(number: int, content: bytes) -> bytes:
    """A length-delimited field."""
    return varint(number << 3 | _LENGTH) + varint(len(content)) + content


def field_varint(number: int, value: int) -> bytes:
    """A varint field; nothing for 0, as in proto3."""
    return varint(number << 3 | _VARINT) + varint(value) if value else b""


def contents(message: bytes, number: int) -> Iterator[bytes]:
    """The contents of each length-delimited field `number` of a caller's message. RawError where it cannot be
    read, and beyond CALLERS_FIELDS_MAX fields."""
    for found, start, content_start, end in _callers_fields(message):
        if found == number and content_start > start:
            yield message[content_start:end]


def is_only(message: bytes, number: int) -> bool:
    """Whether the message is one length-delimited field `number` (1 to 15), and nothing else."""
    if message[:1] != bytes((number << 3 | _LENGTH,)):
        return False
    try:
        length, content_start = _read_varint(message, 1)
    except RawError:
        return False
    return content_start + length == len(message)


def last_varint(message: bytes, number: int) -> int:
    """The varint field `number` of a caller's message, the last if there are several; 0 if there is none.
    RawError as above."""
    value = 0
    for found, start, content_start, _ in _callers_fields(message):
        if found == number and content_start == start:
            _, at = _read_varint(message, start)
            value, _ = _read_varint(message, at)
    return value


def pieces(message: bytes, size_bytes: int) -> Iterator[bytes]:
    """A message of repeated fields, cut between fields into messages of about `size_bytes`. RawError where
    unreadable."""
    piece_start = piece_end = 0
    for _, start, _, end in _fields(message):
        if end - piece_start > size_bytes and start > piece_start:
            yield message[piece_start:start]
            piece_start = start
        piece_end = end
    yield message[piece_start:piece_end]


def _callers_fields(message: bytes) -> Iterator[tuple[int, int, int, int]]:
    for count, one in enumerate(_fields(message)):
        if count == CALLERS_FIELDS_MAX:
            raise RawError(f"more than {CALLERS_FIELDS_MAX} fields")
        yield one


def _fields(message: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Number, start, start of the content (of a length-delimited field; else the start) and end of each
    field."""
    at, size_bytes = 0, len(message)
    while at < size_bytes:
        start = at
        tag, at = _read_varint(message, at)
        kind, content_start = tag & 7, start
        if kind == _LENGTH:
            length, content_start = _read_varint(message, at)
            at = content_start + length
        elif kind == _VARINT:
            _, at = _read_varint(message, at)
        elif kind in _FIXED_BYTES:
            at += _FIXED_BYTES[kind]
        else:
            raise RawError(f"wire type {kind} given, one of 0, 1, 2, 5")
        if at > size_bytes or not tag >> 3:
            raise RawError("a field goes beyond the message, or has number 0")
        yield tag >> 3, start, content_start, at


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    if at < len(message) and message[at] < 0x80:
        return message[at], at + 1  # nearly all of them
    value = 0
    for index, byte in enumerate(message[at : at + VARINT_BYTES_MAX]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value & U64_MAX, at + index + 1
    raise RawError("a varint does not end")
