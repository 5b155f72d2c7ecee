"""Marks: up to where a unit was told of the changes, and up to where it has carried them out, but for
exceptions.

Pure. A mark never goes back. A unit that succeeds others goes on from where the last of them was, and
with what any of them had left out: what it is given twice does no harm, what it is not given would. A row
for each change and unit is never kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from types import MappingProxyType


class Failure(IntEnum):
    """Why a change is not carried out."""

    OWN_SYSTEM = 1
    SUBJECT_UNCLEAR = 2
    PASSED_ON = 3
    OTHER = 4


Exceptions = Mapping[int, Failure]
NOTHING: Exceptions = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Mark:
    """Of one unit: everything up to `cursor` is carried out but for the exceptions, everything up to `told`
    was told. `acknowledged_ns`: when it last said so; 0: never."""

    cursor: int = 0
    exceptions: Exceptions = field(default_factory=lambda: NOTHING)
    told: int = 0
    acknowledged_ns: int = 0

    def covers(self, cursor: int) -> bool:
        """Whether this change is carried out."""
        return cursor <= self.cursor and cursor not in self.exceptions

    def acknowledged(self, cursor: int, exceptions: Exceptions, now_ns: int) -> "Mark":
        """After an acknowledgement. One of before the last changes nothing. What is acknowledged was told."""
        if cursor < self.cursor:
            return self
        return Mark(cursor, exceptions, max(self.told, cursor), now_ns)

    def given(self, after: int, reached: int) -> "Mark":
        """After everything from one cursor to another was told; what lies before it must have been told
        too."""
        if after > self.told:
            return self
        return replace(self, told=max(self.told, reached))


def inherited(marks: Sequence[Mark]) -> Mark:
    """Where a unit begins that succeeds those with these marks; without any, at the beginning."""
    if not marks:
        return Mark()
    cursor = min(one.cursor for one in marks)
    left = {one: failure for mark in marks for one, failure in mark.exceptions.items() if one <= cursor}
    told = min(one.told for one in marks)
    return Mark(cursor, left, told, min(one.acknowledged_ns for one in marks))
