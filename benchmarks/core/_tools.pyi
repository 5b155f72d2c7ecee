"""Tools: the core's tools in loops, for benchmarks.

What is given in bytes is an array of C numbers: keys of 16 bytes, u32 or u64 numbers, times in i64. Every
loop returns what it came to, so that its work can be checked and is not left out.
"""

from typing import final

@final
class Sets:
    def __init__(self, rows: bytes) -> None:
        """Sets of institutions, 512 bytes each."""
    def combine(self) -> tuple[int, int, int]:
        """Over each set and the next: members of both, of either, and of the first alone, summed."""
    def walk(self) -> int:
        """The sum of all members."""
    def walk_behind(self) -> int:
        """The same of the first 16 bytes of each, read as places behind an endpoint."""

@final
class Things:
    """A slab of things of 48 bytes."""

    def fill(self, count: int) -> int:
        """As many new things, each holding its number; the sum of these, read back."""
    def read(self, numbers: bytes) -> int:
        """What those things hold, summed."""
    def churn(self, numbers: bytes) -> int:
        """Free each and take a new one; how often that was the same."""
    @property
    def count(self) -> int: ...

@final
class Index:
    def __init__(self, keys: bytes, live_count: int) -> None:
        """A table with the first `live_count` of the keys in it."""
    def get(self, numbers: bytes, ahead_count: int) -> tuple[int, int]:
        """Look up the keys of those numbers, each asked of the memory `ahead_count` before it; how many were
        found, and the sum of what was."""
    def churn(self, numbers: bytes) -> int:
        """Delete and put in again; how many were there."""
    def put(self, first: int, last: int) -> int:
        """The keys first .. last; how many entries there are then."""

@final
class Timers:
    def add(self, dues_ns: bytes) -> int:
        """A timer for each; how many there are. Once."""
    def move(self, dues_ns: bytes) -> int:
        """Remove each timer and add it with another time; how many there are."""
    def pop(self, step_ns: int, until_ns: int) -> tuple[int, int]:
        """Go on step by step; how many came due, and the sum of their owners."""

@final
class Ring:
    def __init__(self, count_max: int) -> None: ...
    def add(self, rows: bytes) -> int:
        """Rows of 40 bytes as in Checked.orders; how many ids were forgotten so far."""
    def find(self, rows: bytes) -> int:
        """The sum of the inquiry ids that the rows' keys have."""

def hash_all(text: bytes, size: int, key: bytes) -> bytes:
    """Every `size` bytes of the text hashed; all hashes combined by exclusive or."""

def write_varints(numbers: bytes) -> bytes: ...
def read_varints(text: bytes) -> tuple[int, int]:
    """How many, and their sum modulo 2**64."""

def walk_fields(message: bytes) -> tuple[int, int]:
    """The fields of the messages in a message: how many, and the bytes in those that have a length."""

def count_utf8(text: bytes, size: int) -> int:
    """How many of the pieces of `size` bytes are UTF-8."""
