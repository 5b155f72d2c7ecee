"""Proofs: the second stage of an offline set: eight bytes for each entry, found by the keyed hash of a
number."""

from collections.abc import Iterable
from typing import final

from blacklist.screening._identity import Hasher
from blacklist.screening._snapshot import Binding, Snapshot
from blacklist.screening.filter import Filter
from blacklist.screening.rows import Row

@final
class Proofs:
    """What a unit may know of the list."""

    entry_count: int
    bucket_bits: int
    odd_count: int
    odd: bytes
    # None until `of_body` made it: who hands a set out asks nothing of it.
    filter: Filter | None

    @classmethod
    def of_snapshot(cls, snapshot: Snapshot, binding: Binding, key: bytes, day: int) -> Proofs:
        """Every entry that counts on `day` or later and is for a unit with this binding. `key` has 16 bytes.
        Takes seconds at millions of entries; other threads run meanwhile."""

    @classmethod
    def of_body(cls, body: bytes, bucket_bits: int, entry_count: int, odd_count: int) -> Proofs:
        """What `body` wrote. ValueError for anything else."""

    def body(self) -> bytes: ...
    def find(self, number: int, tag: int, days_passed: int) -> tuple[int, int, int]:
        """Of what counts so many days after the set's own: whether the number is there at all (0 or 1); of
        the entries with that name tag, their kinds together, and a bit for the bound of each."""

def proof_of(hasher: Hasher, key: bytes, id_type: int, number: bytes, name: bytes) -> tuple[int, int, int]:
    """Hash of the number and name tag as a set with this key has them, and the fault (0: none)."""

def delta_body(
    snapshot: Snapshot, binding: Binding, key: bytes, rows: Iterable[Row], day: int
) -> tuple[bytes, int]:
    """A delta's body and its numbers: how the numbers of these rows stand in the snapshot."""
