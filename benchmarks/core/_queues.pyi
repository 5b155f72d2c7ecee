"""Queues: book, log, lane and message in loops, for benchmarks.

Every loop returns what it came to, so that its work can be checked and is not left out.
"""

from typing import final

from benchmarks.core._messages import Places

@final
class Book:
    def __init__(self, places: Places) -> None: ...
    def open(self, subjects: bytes) -> int:
        """For each subject (16 bytes) a ticket, numbered from 1, and an ask in a lane that it waits for; how
        many are open. Once."""
    def tell(self, body: bytes) -> int:
        """A finding with that body for every ask; the bytes the findings hold."""
    def close(self) -> tuple[int, int, int]:
        """End every ask, let go of its ticket, then of the ask; tickets, asks and parts that are left."""

@final
class Tickets:
    def open(self, count: int) -> int:
        """So many, numbered from 1, all alike; how many there are. Once."""
    def find(self, inquiry_ids: bytes) -> int:
        """u64 each: how many were found."""
    def close(self) -> tuple[int, int]:
        """Let go of each; tickets and pages that are left."""

@final
class Log:
    def __init__(self, places: Places) -> None: ...
    def fill(self, body: bytes, segment_count: int, entry_count: int) -> int:
        """So many segments of so many asks; the position of the next entry."""
    def tally(self, reply_count: int) -> int:
        """As many replies of one institution each on all there is; the segments touched."""
    def sum(self) -> int:
        """Bring what was touched up to date; all answers to all entries."""
    def drop(self) -> int:
        """Let go of every segment; how many."""
    def write(self, endpoint: int, is_named: bool) -> tuple[int, int]:
        """The message of all entries, for its members behind an endpoint, named in each or not; entries and
        bytes."""
    @property
    def out(self) -> bytes: ...

@final
class Lane:
    def __init__(self, asked: Book, body: bytes) -> None: ...
    def fill(self, count: int) -> int:
        """Asks for the first institution behind the endpoint, the book's in turn; how many wait."""
    def drain(self) -> int:
        """Pass over what is due next until nothing is; how many there were."""
    def write(self, endpoint: int) -> tuple[int, int]:
        """The message of what the endpoint's limits allow; entries and bytes."""
    @property
    def out(self) -> bytes: ...
