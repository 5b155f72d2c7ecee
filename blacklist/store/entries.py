"""Entries: what screening and units read of the list: all of it at a version, and what changed since one.

A change adds an entry or ends one; its cursor is the version of the list after it. Whole lists are read in
pieces, in one transaction, so that nothing is half in them. It blocks; it is called in threads.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, Engine, Select, and_, func, literal, select, union_all

from blacklist.model import Deed, Kind
from blacklist.screening.current import Changes
from blacklist.screening.rows import DERIVED, LISTED, Row
from blacklist.store.head import read_head
from blacklist.store.tables import ENTRIES

ROWS_PER_PIECE: Final = 65_536
# What a Row is, said of its parts.
EntryRow = tuple[int, bytes, str, int, int, int, int, int | None]
# The columns of a Row, in its order.
ROW_COLUMNS: Final = (
    ENTRIES.c.id_type,
    ENTRIES.c.id_number,
    ENTRIES.c.name,
    ENTRIES.c.listing_id,
    ENTRIES.c.kinds,
    ENTRIES.c.bound,
    ENTRIES.c.since_day,
    ENTRIES.c.until_day,
)


@dataclass(frozen=True, slots=True, repr=False)
class Change:
    """An entry that was added or ended. It has no repr: a person is in it."""

    cursor: int
    is_added: bool
    deed: Deed
    changed_ns: int
    row: EntryRow

    @property
    def kind(self) -> Kind:
        """Of the listing."""
        kinds = self.row[4]
        return Kind.LISTED if kinds & LISTED else Kind.DERIVED if kinds & DERIVED else Kind.RESTRICTED


class Entries:
    """Of one database: what screening keeps up with. Raises what the database raises."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def version(self) -> int:
        """Cursor of the last change."""
        with self._engine.connect() as connection:
            return read_head(connection).cursor

    def entries(self) -> tuple[int, Iterator[Row]]:
        """The version, and every entry of the list as it was then; they are read as they are taken."""
        connection = self._engine.connect()
        try:
            return read_head(connection).cursor, _rows(connection)
        except BaseException:
            connection.close()
            raise

    def changes(self, after: int, count_max: int) -> Changes:
        """What screening is told of what changed after a version."""
        found, version = self.since(after, count_max)
        came = [(one.is_added, one.row) for one in found]
        return Changes(found[-1].cursor if len(found) == count_max else version, came)

    def since(self, after: int, count_max: int) -> tuple[list[Change], int]:
        """At most so many changes after a cursor in their order, and the list's version. Fewer: those are
        all."""
        with self._engine.connect() as connection:
            version = read_head(connection).cursor
            return _changes(connection, after, count_max), version


def _rows(connection: Connection) -> Iterator[Row]:
    """In the transaction that is open; the connection is closed after the last."""
    with connection:
        query = select(*ROW_COLUMNS).where(ENTRIES.c.removed_cursor.is_(None))
        result = connection.execution_options(yield_per=ROWS_PER_PIECE).execute(query)
        yield from chain.from_iterable(result.partitions())


def _changes(connection: Connection, after: int, limit: int) -> list[Change]:
    added = _query(ENTRIES.c.cursor, True, ENTRIES.c.deed, ENTRIES.c.added_ns, after, limit)
    removed = _query(
        ENTRIES.c.removed_cursor, False, ENTRIES.c.removed_deed, ENTRIES.c.removed_ns, after, limit
    )
    both = union_all(select(added.subquery()), select(removed.subquery())).order_by("change").limit(limit)
    return [
        Change(row[0], bool(row[1]), Deed(row[2]), row[3], tuple(row[4:])) for row in connection.execute(both)
    ]


def _query(cursor: Any, is_added: bool, deed: Any, at_ns: Any, after: int, limit: int) -> Select[Any]:
    said = literal(int(is_added)).label("is_added")
    columns = (cursor.label("change"), said, deed.label("done"), at_ns.label("at_ns"))
    is_later = and_(cursor.is_not(None), cursor > after)
    return select(*columns, *ROW_COLUMNS).where(is_later).order_by(cursor).limit(limit)


def count_entries(connection: Connection) -> int:
    """Of the list as it is now."""
    query = select(func.count()).select_from(ENTRIES).where(ENTRIES.c.removed_cursor.is_(None))
    return int(connection.execute(query).scalar_one())
