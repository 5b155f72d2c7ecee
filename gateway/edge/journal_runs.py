"""Runs: order rows sorted by key, in chunks; sorting and merging them, and telling where a key cannot be.

Pure: arrays in, arrays out. The order of keys is that of their first eight bytes as a whole number; keys are
keyed hashes and spread evenly, so that two with the same eight bytes hardly ever meet, and are handled when
they do. It reads and writes no file.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from gateway.edge.journal_schema import KEY_BYTES, ORDER_BYTES

# With its head a chunk fills one page of the index, and going away it frees that page without a trace.
CHUNK_ROWS: Final = 800
# 16 bits a row, five of them set: about one absent key in 250 is looked for in vain.
FILTER_WORDS: Final = CHUNK_ROWS * 16 // 64
_FILTER_BITS: Final = 5

Rows = npt.NDArray[np.int64]  # n x 5: key (2), content hash (2), inquiry id
Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.intp]
NO_ROWS: Final[Rows] = np.zeros((0, ORDER_BYTES // 8), np.int64)


def rows_of(packed: bytes) -> Rows:
    """Rows of 40 bytes each, as in Checked.orders, without a copy. ValueError when there is half a row."""
    return np.frombuffer(packed, "<i8").reshape(-1, ORDER_BYTES // 8)


def ordered(rows: Rows) -> Rows:
    """Sorted by key; of two with the same key the first stands first."""
    return rows.take(np.argsort(rows[:, 0], kind="stable"), axis=0)


def merged(sources: Sequence[Iterator[Rows]]) -> Iterator[Rows]:
    """Sorted pieces of sorted sources, the oldest source first: its rows stand before others with their
    key. What is held at a time is about a piece of each source."""
    heads = [next(source, NO_ROWS) for source in sources]
    while ends := [head[-1, 0] for head in heads if len(head)]:
        bound = min(ends)
        taken: list[Rows] = []
        for index, head in enumerate(heads):
            cut = int(np.searchsorted(head[:, 0], bound, side="right"))
            taken.append(head[:cut])
            rest = head[cut:]
            heads[index] = rest if len(rest) or not len(head) else next(sources[index], NO_ROWS)
        yield ordered(np.concatenate(taken))


def chunked(pieces: Iterator[Rows]) -> Iterator[Rows]:
    """The same rows in pieces of whole chunks; only the last may end with a shorter one."""
    rest = NO_ROWS
    for piece in pieces:
        rows = np.concatenate((rest, piece))
        cut = len(rows) // CHUNK_ROWS * CHUNK_ROWS
        rest = rows[cut:]
        if cut:
            yield rows[:cut]
    if len(rest):
        yield rest


def filter_of(rows: Rows) -> Words:
    """The filters of these chunks: FILTER_WORDS for each."""
    count = -(-len(rows) // CHUNK_ROWS)
    words = np.zeros(count * FILTER_WORDS, np.uint64)
    first = np.arange(len(rows)) // CHUNK_ROWS * FILTER_WORDS
    places, masks = _places(rows)
    np.bitwise_or.at(words, first + places, masks)
    return words


class Probe:
    """What is kept in memory of a run: each chunk's first key and filter. It says where a key may be."""

    def __init__(self, fences: bytes, words: bytes) -> None:
        self._fences = np.frombuffer(fences, "<i8")
        self._words = np.frombuffer(words, "<u8")

    def chunks(self, wanted: Rows) -> list[tuple[int, int]]:
        """Pairs: number of a chunk, place of a wanted row whose key it may hold; the oldest chunk of a row
        first."""
        numbers = np.searchsorted(self._fences, wanted[:, 0], side="right") - 1
        places, masks = _places(wanted)
        # A key below the first fence has number -1; any word will do for it.
        at_least_0 = np.maximum(numbers, 0)
        words = self._words[at_least_0 * FILTER_WORDS + places]
        may_hold = np.flatnonzero((numbers >= 0) & ((words & masks) == masks))
        # Keys that begin like a fence may stand at the end of the chunk before it as well.
        before = np.flatnonzero((numbers > 0) & (self._fences[at_least_0] == wanted[:, 0]))
        found = [
            (number - 1, place)
            for number, place in zip(numbers[before].tolist(), before.tolist(), strict=True)
        ]
        found += zip(numbers[may_hold].tolist(), may_hold.tolist(), strict=True)
        return sorted(found)


class Wanted:
    """Keys that are looked for, and the first row found of each."""

    def __init__(self, packed: bytes) -> None:
        self.rows = rows_of(packed)
        self._firsts = np.unique(self.rows[:, 0])
        self._keys = {packed[at : at + KEY_BYTES] for at in range(0, len(packed), ORDER_BYTES)}
        self._found: dict[bytes, bytes] = {}

    def look(self, packed: bytes) -> None:
        """Take from these rows, in any order, those whose key is wanted and was not found before."""
        firsts = rows_of(packed)[:, 0]
        if not len(firsts) or not len(self._firsts):
            return
        at = np.minimum(np.searchsorted(self._firsts, firsts), len(self._firsts) - 1)
        for number in np.flatnonzero(self._firsts[at] == firsts).tolist():
            self._take(packed[number * ORDER_BYTES : (number + 1) * ORDER_BYTES])

    def look_sorted(self, packed: bytes, place: int) -> None:
        """The same for sorted rows, and the wanted row at this place alone."""
        firsts = rows_of(packed)[:, 0]
        first = self.rows[place, 0]
        number = int(np.searchsorted(firsts, first))
        while number < len(firsts) and firsts[number] == first:
            self._take(packed[number * ORDER_BYTES : (number + 1) * ORDER_BYTES])
            number += 1

    def found(self) -> bytes:
        """What was found, 40 bytes each."""
        return b"".join(self._found.values())

    def _take(self, row: bytes) -> None:
        if row[:KEY_BYTES] in self._keys:
            self._found.setdefault(row[:KEY_BYTES], row)


def _places(rows: Rows) -> tuple[Numbers, Words]:
    """Each row's word in its chunk's filter, and the bits it sets there; by the half of the key that does not
    sort."""
    hashed = rows[:, 1].astype(np.uint64)
    places = ((hashed >> np.uint64(32)) * np.uint64(FILTER_WORDS)) >> np.uint64(32)
    masks = np.zeros(len(rows), np.uint64)
    for index in range(_FILTER_BITS):
        masks |= np.uint64(1) << ((hashed >> np.uint64(6 * index)) & np.uint64(63))
    return places.astype(np.intp), masks
