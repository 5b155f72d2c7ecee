"""Testing: the compiled core's functions for tests written in Python. Only tests import it.

A key of a Table is a pair of 64-bit numbers; None is "not there" or "not readable". Strings of inquiries are
bytes as they came.
"""

from collections.abc import Iterable
from typing import final

@final
class Table:
    def __init__(self, count_max: int) -> None: ...
    def __len__(self) -> int: ...
    @property
    def slot_count(self) -> int: ...
    def get(self, key: tuple[int, int]) -> int | None: ...
    def put(self, key: tuple[int, int], value: int) -> bool:
        """False: full, or a value that stands for none."""
    def delete(self, key: tuple[int, int]) -> bool:
        """False: it was not there."""

def hash128(data: bytes, key: bytes) -> bytes: ...
def judge_resident_id(number: bytes, today: int) -> int:
    """Bits: 1 form, 2 birth date, 4 check character."""

def judge_credit_code(number: bytes) -> int: ...
def judge_passport(number: bytes) -> int: ...
def parse_inquiry(message: bytes, court: bytes, today: int) -> dict[str, object]:
    """The struct's fields by name; `faults` as sorted pairs of reason and path."""

def put_admitted(
    message: bytes, court: bytes, today: int, content_hash: bytes, deadline_ns: int, before: bytes
) -> bytes:
    """Parse, then append to a buffer that holds `before`; the whole buffer."""

def put_content(message: bytes, court: bytes, today: int) -> bytes: ...
def parse_admitted(message: bytes) -> dict[str, object] | None: ...
def fill_faults(pairs: Iterable[tuple[int, int]]) -> tuple[list[tuple[int, int]], int]:
    """Add (reason, field) one after the other; what is then in the list, and the first reason."""

def field_name(field: int) -> str: ...
def is_utf8(data: bytes) -> bool: ...
def is_text(data: bytes) -> bool: ...
def read_varint(data: bytes) -> tuple[int, int] | None:
    """The value, and how many bytes it took."""

def write_varint(value: int) -> bytes: ...
def read_tag(data: bytes) -> tuple[int, int] | None:
    """Number and wire type."""

def read_slice(data: bytes) -> bytes | None: ...
def read_fixed64(data: bytes) -> int | None: ...
def skip_field(data: bytes, wire_type: int) -> int | None:
    """How many bytes the value took."""

def put_fields(fields: Iterable[tuple[str, int, int | bytes]]) -> bytes:
    """Each as (uint | fixed64 | bytes, number, value), one after the other."""
