"""Floor: the least that a plain C program needs for an inquiry: parse, two keyed hashes, two probes, a copy.

What it does fairly and what it leaves out stands in _floor.pyx.
"""

from typing import final

@final
class Floor:
    def __init__(
        self, live_entries: int, key: bytes, *, ahead_count: int = 32, huge_pages: bool = True
    ) -> None:
        """A table with `live_entries` random entries, and room for those of a message at least.

        `key`: 16 bytes. `ahead_count` (1 to 64): inquiries that are hashed, and their entries asked of the
        memory, before the first of them is looked up; 1: no prefetch to speak of. ValueError beyond that.
        """
    def run(self, message: bytes) -> int:
        """Parse a SubmitBulkRequest, hash and look up each inquiry's order id and question, put in what is
        new, copy the bytes of inquiries whose order id is; how many inquiries there were.

        ValueError when it cannot be read; OverflowError when the table is full: `forget` first. Inquiries
        before the fault stay taken.
        """
    def forget(self) -> int:
        """Take out all that `run` put in; how many entries. Every run then meets the same live entries."""
    def hash(self, text: bytes) -> bytes:
        """The keyed hash as `run` takes it, for tests."""
    @property
    def entry_count(self) -> int: ...
    @property
    def repeated(self) -> int:
        """Inquiries of the last run whose order id was there."""
    @property
    def joined(self) -> int:
        """New inquiries of the last run whose question (number, name, items) was there."""
    @property
    def copied_bytes(self) -> bytes:
        """What the last run copied."""
