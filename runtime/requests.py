"""Requests: reads what callers send off the hot path, and the page tokens given to them.

Pure. What cannot be read is the caller's fault and says which field; a token holds a position and nothing
else, and one that was made for another question is refused.
"""

import base64
import binascii
import struct
import zlib
from typing import Final, TypeVar

from google.protobuf.message import DecodeError, Message

from runtime.errors import FieldFault, InvalidError

# What is larger would keep the loop for long, and is no request of these.
MESSAGE_BYTES_MAX: Final = 4 << 20
CASE_BYTES_MAX: Final = 128
# What a database can be asked for.
POSITION_MAX: Final = 2**63 - 1
_TOKEN: Final = struct.Struct("<IQ")
_CHECK: Final = struct.Struct("<I")

M = TypeVar("M", bound=Message)


def read(kind: type[M], message: bytes) -> M:
    """The request. InvalidError when the bytes are none, or too many."""
    if len(message) > MESSAGE_BYTES_MAX:
        raise wrong("", f"must be at most {MESSAGE_BYTES_MAX} bytes, {len(message)} given")
    try:
        return kind.FromString(message)
    except DecodeError:
        name = kind.DESCRIPTOR.full_name
        raise wrong("", f"must be readable as {name}, its strings UTF-8") from None


def wrong(field: str, allowed: str) -> InvalidError:
    """One field is wrong; `allowed` begins with must or is."""
    text = f"{field or 'message'}: {allowed}"
    return InvalidError(text, faults=(FieldFault(field, "MALFORMED", allowed),))


def case_number(given: str) -> str:
    """A case number that an inquiry may have. InvalidError for another."""
    size = len(given.encode())
    if not 0 < size <= CASE_BYTES_MAX:
        raise wrong("case_number", f"must be 1 to {CASE_BYTES_MAX} bytes, {size} given")
    return given


def page_size(given: int, default: int, highest: int) -> int:
    """How many go on a page; 0 means the default. InvalidError below 0 and beyond the highest."""
    if not 0 <= given <= highest:
        raise wrong("page_size", f"must be 0 to {highest}, {given} given")
    return given or default


def page_token(question: bytes, position: int) -> str:
    """The token of the page after `position`."""
    return base64.urlsafe_b64encode(_TOKEN.pack(zlib.crc32(question), position)).decode()


def page_position(token: str, question: bytes, first: int) -> int:
    """Where the page begins; `first` for the empty token. InvalidError for one of another question."""
    if not token:
        return first
    try:
        check, position = _TOKEN.unpack(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, struct.error, ValueError):
        raise wrong("page_token", "must be next_page_token of the page before") from None
    if check != zlib.crc32(question) or position > POSITION_MAX:
        raise wrong("page_token", "must be next_page_token of the same question")
    return int(position)


def text_token(question: bytes, position: str) -> str:
    """The token of the page after the row with this name."""
    return base64.urlsafe_b64encode(_CHECK.pack(zlib.crc32(question)) + position.encode()).decode()


def page_text(token: str, question: bytes) -> str:
    """The name after which the page begins; empty for the empty token. InvalidError for one of another
    question."""
    if not token:
        return ""
    try:
        decoded = base64.urlsafe_b64decode(token.encode())
        (check,) = _CHECK.unpack_from(decoded)
        position = decoded[_CHECK.size :].decode()
    except (binascii.Error, struct.error, ValueError):
        raise wrong("page_token", "must be next_page_token of the page before") from None
    if check != zlib.crc32(question):
        raise wrong("page_token", "must be next_page_token of the same question")
    return position
