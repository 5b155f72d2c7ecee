"""Wire: protobuf's encoding, for messages that are written too often to be made as objects first.

Fields are written in the order of their numbers, and nothing for 0 and for what is empty, as proto3 does. It
reads nothing, and knows no message.
"""

from collections.abc import Iterable
from typing import Final

U64_MAX: Final = 2**64 - 1
_VARINT: Final = 0
_LENGTH: Final = 2
_SHORT: Final = tuple(bytes((value,)) for value in range(0x80))


def varint(value: int) -> bytes:
    """A number as the wire has it; a negative one as 64 bits."""
    if 0 <= value < 0x80:
        return _SHORT[value]
    rest = value & U64_MAX
    encoded = bytearray()
    while rest > 0x7F:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    encoded.append(rest)
    return bytes(encoded)


def field_varint(number: int, value: int) -> bytes:
    """A varint field; nothing for 0."""
    return varint(number << 3 | _VARINT) + varint(value) if value else b""


def field_bytes(number: int, content: bytes) -> bytes:
    """A length-delimited field, also when it is empty."""
    return varint(number << 3 | _LENGTH) + varint(len(content)) + content


def field_text(number: int, text: str) -> bytes:
    """A text field; nothing for an empty one."""
    return field_bytes(number, text.encode()) if text else b""


def fields_varint(first_number: int, values: Iterable[int]) -> bytes:
    """Varint fields whose numbers follow one another."""
    encoded = bytearray()
    number = first_number
    for value in values:
        if value:
            encoded += varint(number << 3 | _VARINT)
            encoded += varint(value)
        number += 1
    return bytes(encoded)


def optional_varint(number: int, value: int) -> bytes:
    """A varint field that says whether it is there: written also for 0."""
    return varint(number << 3 | _VARINT) + varint(value)
