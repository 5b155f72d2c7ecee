"""Due counts: what a transaction adds to the counts of due nodes by court, level, node and day.

Added up first, so that a row is written once. It decides nothing.
"""

from typing import Final

from sqlalchemy import Connection

from tracker.store.rows import add_rows, remove_rows
from tracker.store.tables import DUE_COUNTS

# court_id, level, node, due.
Key = tuple[int, int, int, int]

_NAMES: Final = ("court_id", "level", "node", "due")


class DueCounts:
    """Of one transaction."""

    def __init__(self) -> None:
        self._added: dict[Key, int] = {}

    def add(self, key: Key, count: int) -> None:
        """So many more; less than 0: fewer."""
        self._added[key] = self._added.get(key, 0) + count

    def flush(self, connection: Connection) -> None:
        """Write everything, and be empty."""
        changed = sorted((key, count) for key, count in self._added.items() if count)
        rows = [{**dict(zip(_NAMES, key, strict=True)), "count": count} for key, count in changed]
        add_rows(connection, DUE_COUNTS, rows, ("count",))
        remove_rows(connection, DUE_COUNTS, [key for key, count in changed if count < 0], "count")
        self._added.clear()
