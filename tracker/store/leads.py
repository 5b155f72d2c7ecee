"""Leads: how long before their due day the warnings of each node may begin, at most.

A list of what is amber on a day then looks at the due days that lie so far ahead, and no further, whatever
extensions and profiles there are. The longest seen so far stands among the counters; it never shrinks.
"""

from typing import Final

from sqlalchemy import Connection, select

from tracker.store.head import put_counters
from tracker.store.tables import COUNTERS

PREFIX: Final = "lead:"


class Leads:
    """Of one database. One thread at a time."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int]] = {}
        self._changed: set[int] = set()

    def see(self, node: int, amber_days: int, red_days: int) -> None:
        """A due day whose warnings begin so many days before it."""
        known = self._known.get(node, (0, 0))
        if amber_days > known[0] or red_days > known[1]:
            self._known[node] = (max(amber_days, known[0]), max(red_days, known[1]))
            self._changed.add(node)

    def write(self, connection: Connection) -> None:
        """Keep what grew; nothing if nothing did."""
        # Another process may have seen longer ones.
        kept = read_leads(connection) if self._changed else {}
        for node in self._changed:
            ours, theirs = self._known[node], kept.get(node, (0, 0))
            amber_days, red_days = max(ours[0], theirs[0]), max(ours[1], theirs[1])
            names = (f"{PREFIX}{node}:amber", f"{PREFIX}{node}:red")
            put_counters(connection, dict(zip(names, (amber_days, red_days), strict=True)))
        self._changed.clear()

    def load(self, connection: Connection) -> None:
        """What is kept, and nothing else."""
        self._known, self._changed = read_leads(connection), set()


def read_leads(connection: Connection) -> dict[int, tuple[int, int]]:
    """Days of amber and red, by node."""
    found: dict[int, list[int]] = {}
    statement = select(COUNTERS).where(COUNTERS.c.name.between(PREFIX, f"{PREFIX}~"))
    for name, value in connection.execute(statement):
        _, node, level = name.split(":")
        found.setdefault(int(node), [0, 0])[level == "red"] = int(value)
    return {node: (amber, red) for node, (amber, red) in found.items()}
