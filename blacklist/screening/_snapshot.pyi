"""Snapshot: the whole list at one version, immutable: what a screening is answered from."""

from collections.abc import Iterable, Sequence
from typing import final

from blacklist.screening._identity import Hasher
from blacklist.screening.filter import Filter
from blacklist.screening.rows import Row

@final
class Base:
    """Millions of entries, hashed and sorted, behind a filter."""

    @classmethod
    def of_entries(cls, hasher: Hasher, rows: Iterable[Row]) -> Base:
        """ValueError for a row beyond the limits; it names the listing, never the person."""

    filter: Filter
    # Listing ids of rows whose number or name can be nobody's; nobody can be screened for them.
    refused: tuple[int, ...]

    @property
    def entry_count(self) -> int: ...
    @property
    def size_bytes(self) -> int:
        """Of the hashes and the filter."""

@final
class Binding:
    """What one unit is to do: for each bound (0 to 3), the numbers of the measures that bind it."""

    def __init__(self, measures: Sequence[Iterable[int]]) -> None:
        """ValueError for more than four bounds, or a measure that is not 1 to 63."""

@final
class Snapshot:
    """The list as it is after a change. Screening holds no lock: swap the whole for a newer one."""

    base: Base
    hasher: Hasher
    # Cursor of the last change that is in it.
    version: int

    def __init__(self, base: Base, hasher: Hasher, version: int) -> None:
        """Nothing changed since the base was made."""

    @property
    def entry_count(self) -> int: ...
    @property
    def changed_count(self) -> int:
        """Entries that lie over the base. Beyond some ten thousand, merge."""

    def changed(self, changes: Iterable[tuple[bool, Row]], version: int) -> Snapshot:
        """With these changes in their order: True adds the row, False takes it away; one that is not there is
        as good as taken away. ValueError as for a base, and for a version that goes back."""

    def merged(self) -> Snapshot:
        """The same list on a new base. Takes seconds at millions of entries; other threads run meanwhile."""

    def screen(
        self, message: bytes, binding: Binding, day: int, as_of_ns: int
    ) -> tuple[bytes, list[tuple[int, int]]]:
        """An encoded ScreenBulkResponse to an encoded ScreenBulkRequest, and (listing id, outcome) of every
        listing that it names. `day` counts from 1970, in Beijing; `as_of_ns` is said in the answer.
        MessageError for bytes that are no such message, or too many subjects."""

class MessageError(ValueError):
    """The message cannot be screened. It names nothing of what is in it."""
