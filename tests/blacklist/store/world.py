"""World: a writer and all readers of one database, and the acts of a court."""

import itertools
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from blacklist.model import Draft
from blacklist.screening.rows import Row
from blacklist.store.entries import Entries
from blacklist.store.reader import Reader, Whole
from blacklist.store.turn import By
from blacklist.store.writer import Writer
from tests.blacklist.build import LAW, NOON_NS, draft
from tests.blacklist.house import COURT, SUPERIOR


@dataclass
class World:
    """Of one database."""

    engine: Engine
    now_ns: int = NOON_NS
    acts: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.writer = Writer(self.engine, LAW, {COURT: SUPERIOR})
        self.reader = Reader(self.engine)
        self.entries = Entries(self.engine)

    def by(self, court: str = COURT, act_id: str = "", content: bytes = b"x") -> By:
        """A new act, unless its id is given."""
        return By.of_act(court, "officer-1", act_id or f"act-{next(self.acts)}", content)

    def enter(self, given: Draft | None = None, **changes: Any) -> int:
        """A listing, made; its number."""
        return self.writer.create(given or draft(**changes), self.by(), self.now_ns).listing_id

    def remove(self, listing_id: int, reason: str = "performed") -> None:
        """Off the list."""
        self.writer.remove(listing_id, reason, "decision", 0, self.by(), self.now_ns)

    def whole(self, listing_id: int) -> Whole:
        """A listing with all that was done to it."""
        return self.reader.whole(listing_id)

    def rows(self) -> tuple[int, list[Row]]:
        """The version, and all entries."""
        version, rows = self.entries.entries()
        return version, sorted((tuple(row) for row in rows), key=lambda row: int(str(row[3])))
