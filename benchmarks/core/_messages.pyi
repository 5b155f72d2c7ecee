"""Messages: what the core reads and writes, in loops, for benchmarks: inquiries, replies, the directory.

Every loop returns what it came to, so that its work can be checked and is not left out.
"""

from typing import final

@final
class Inquiries:
    def __init__(self, message: bytes, court: bytes, today: int) -> None:
        """The inquiries of a SubmitBulkRequest without a tag, parsed once."""
    def __len__(self) -> int: ...
    def parse(self) -> tuple[int, int]:
        """Parse them all again; how many are without a fault, and all their faults."""
    def judge(self) -> tuple[int, int]:
        """Judge what was parsed; the same."""
    def write_admitted(self) -> int:
        """Those without a fault in canonical form into `out`; how many."""
    def write_content(self) -> int:
        """What their content hashes are taken over, into `out`; how many."""
    def read_admitted(self) -> tuple[int, int]:
        """Read `out` of write_admitted back; how many inquiries, and institutions named by them."""
    @property
    def out(self) -> bytes: ...

@final
class Places:
    def __init__(self, snapshot: bytes) -> None: ...
    def read(self) -> int:
        """Read the snapshot again, and let it go; its institutions."""
    def reach(self, scopes: bytes) -> int:
        """Scopes of three u32 (reach, province, items); how many institutions they reach, summed."""
    def spread(self, count: int) -> int:
        """All who can be inquired of, endpoint by endpoint, into one set, so many times; its members,
        summed."""

@final
class Replies:
    def __init__(self, known: Places) -> None: ...
    def read(self, endpoint: int, message: bytes, count: int) -> tuple[int, int, int]:
        """So many times; fault, how many entries its institutions answered in all, and how many findings
        there are."""
    def write(self, entry_body: bytes) -> int:
        """Write the findings of the reply read last, all about the subject of that entry, into `out`; how
        many."""
    @property
    def out(self) -> bytes: ...

def judge_resident_ids(text: bytes, today: int) -> int:
    """Of numbers of 18 bytes: how many have a fault."""

def judge_credit_codes(text: bytes) -> int: ...
def judge_passports(text: bytes, size: int) -> int: ...
