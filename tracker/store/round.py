"""Round: what the parts of the writer share while one transaction lasts. It decides nothing."""

from dataclasses import dataclass, field

from sqlalchemy import Connection

from runtime.calendar import date_of
from tracker.store.draft import Draft
from tracker.store.head import Head
from tracker.store.judge import Judge
from tracker.store.moulds import Moulds
from tracker.store.names import Names


@dataclass(slots=True)
class Round:
    """One transaction. `courts`: numbers of those that have new events."""

    connection: Connection
    judge: Judge
    head: Head
    names: Names
    moulds: Moulds
    draft: Draft
    now_ns: int
    today: int = 0
    courts: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.today = date_of(self.now_ns)

    def next_case_no(self) -> int:
        """Numbers rise, and are seen in their order."""
        self.head.case_no += 1
        return self.head.case_no

    def next_seqs(self, count: int) -> range:
        """Of so many events."""
        first = self.head.seq + 1
        self.head.seq += count
        return range(first, first + count)
