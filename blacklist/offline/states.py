"""States: how numbers stand, as a delta's body says it, and the last part of a snapshot's.

Pure. A body that does not end where its numbers do is refused whole.
"""

import struct
from dataclasses import dataclass
from typing import Final

from blacklist.offline.errors import TamperedError

_NUMBER: Final = struct.Struct("<QB")
_ENTRY: Final = struct.Struct("<HBHH")


@dataclass(frozen=True, slots=True)
class State:
    """An entry of a number: the tag of its name, its kinds and bound, its first and last day."""

    tag: int
    kinds: int
    bound: int
    since_day: int
    until_day: int

    def counts_on(self, day: int) -> bool:
        """Whether it counts on that day."""
        return self.since_day <= day <= self.until_day


def read_states(body: bytes, number_count: int) -> dict[int, tuple[State, ...]]:
    """By the hash of the number; empty: a tombstone. TamperedError where it cannot be read."""
    states: dict[int, tuple[State, ...]] = {}
    at = 0
    try:
        while at < len(body):
            number, entry_count = _NUMBER.unpack_from(body, at)
            at += _NUMBER.size
            entries = [_ENTRY.unpack_from(body, at + place * _ENTRY.size) for place in range(entry_count)]
            at += entry_count * _ENTRY.size
            states[number] = tuple(
                State(tag, packed >> 5, packed & 31, since_day, until_day)
                for tag, packed, since_day, until_day in entries
            )
    except struct.error:
        raise TamperedError("body: ends within a number") from None
    if len(states) != number_count:
        raise TamperedError(f"body: {len(states)} numbers given, {number_count} expected")
    return states
