"""People: the persons of benchmarks.subjects by the million, as rows of the list and as messages.

Every 24th person is listed, the others are innocent. The bytes are those that the
stubs would make. Pure.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.subjects import (
    AREAS,
    BIRTHDAY_COUNT,
    CHECK_CHARACTERS,
    FIRST_BIRTHDAY,
    GIVEN_NAMES,
    SEQUENCE_COUNT,
    SUBJECT_COUNT,
    SURNAMES,
    WEIGHTS,
)
from blacklist.screening.rows import LISTED
from chakong.type.v1.type_pb2 import ID_TYPE_RESIDENT_ID

# What a row of the list is, said of its parts.
Entry = tuple[int, bytes, str, int, int, int, int, int | None]
Numbers = NDArray[np.int64]
Bytes = NDArray[np.uint8]

# 6.42 million entries lie evenly among 160 million persons.
LISTED_EVERY: Final = 24
LISTED_COUNT_MAX: Final = SUBJECT_COUNT // LISTED_EVERY
NUMBER_BYTES: Final = 18
NAME_BYTES: Final = 9
CHARACTER_BYTES: Final = 3
SINCE_DAY: Final = 16_000
TODAY: Final = 20_000
# Terms are two years; entries end on every day of them.
TERM_DAYS: Final = 730
CHUNK: Final = 100_000


def listed(count: int, first: int = 0) -> Numbers:
    """Persons of so many entries, from entry `first` on."""
    return np.arange(first, first + count, dtype=np.int64) * LISTED_EVERY


def innocent(count: int, first: int = 0) -> Numbers:
    """So many persons who are on no list, from the innocent `first` on."""
    return innocents_at(np.arange(first, first + count, dtype=np.int64))


def innocents_at(places: Numbers) -> Numbers:
    """The innocents of these numbers, counted from 0."""
    return places + places // (LISTED_EVERY - 1) + 1


def numbers_of(persons: Numbers) -> Bytes:
    """Their resident identity numbers, a row each: those of benchmarks.subjects."""
    areas, days, sequences = _tables()
    rest, area = np.divmod(persons, len(AREAS))
    sequence, day = np.divmod(rest, BIRTHDAY_COUNT)
    made = np.empty((len(persons), NUMBER_BYTES), np.uint8)
    made[:, :6], made[:, 6:14], made[:, 14:17] = areas[area], days[day], sequences[sequence]
    weights = np.array(WEIGHTS, np.int64)
    sums = (
        _weighed(areas, weights[:6])[area]
        + _weighed(days, weights[6:14])[day]
        + _weighed(sequences, weights[14:])[sequence]
    )
    made[:, 17] = _text(CHECK_CHARACTERS)[sums % 11]
    return made


def names_of(persons: Numbers) -> Bytes:
    """Their names in UTF-8, a row each: those of benchmarks.subjects."""
    surnames, given = _characters(SURNAMES), _characters(GIVEN_NAMES)
    rest, surname = np.divmod(persons, len(SURNAMES))
    rest, first = np.divmod(rest, len(GIVEN_NAMES))
    return np.hstack((surnames[surname], given[first], given[rest % len(GIVEN_NAMES)]))


def rows(count: int, first: int = 0) -> Iterator[Entry]:
    """Entries `first` to `first` + `count` - 1 of the list, in force today; entry i is listing i + 1."""
    for start in range(first, first + count, CHUNK):
        size = min(CHUNK, first + count - start)
        numbers = numbers_of(listed(size, start)).tobytes()
        names = names_of(listed(size, start)).tobytes().decode()
        for place in range(size):
            yield row(
                start + place,
                numbers[place * NUMBER_BYTES : (place + 1) * NUMBER_BYTES],
                names[place * CHARACTER_BYTES : (place + 1) * CHARACTER_BYTES],
            )


def row(entry: int, number: bytes, name: str) -> Entry:
    """The entry with this number and name."""
    until_day = TODAY + entry % TERM_DAYS
    return (ID_TYPE_RESIDENT_ID, number, name, entry + 1, LISTED, 0, SINCE_DAY, until_day)


def message(persons: Numbers, names: Bytes | None = None, tag: int = 0) -> bytes:
    """An encoded ScreenBulkRequest about them; with `names`, under other names than their own."""
    head = np.array([0x0A, 33, 0x08, ID_TYPE_RESIDENT_ID, 0x12, NUMBER_BYTES], np.uint8)
    between = np.array([0x1A, NAME_BYTES], np.uint8)
    count = len(persons)
    parts = (
        np.broadcast_to(head, (count, len(head))),
        numbers_of(persons),
        np.broadcast_to(between, (count, len(between))),
        names_of(persons) if names is None else names,
    )
    return np.hstack(parts).tobytes() + (b"\x10" + bytes((tag,)) if 0 < tag < 0x80 else b"")


def _tables() -> tuple[Bytes, Bytes, Bytes]:
    """Digits of areas, of birthdays and of sequence numbers, as they stand in a number."""
    first = np.datetime64(FIRST_BIRTHDAY, "D")
    birthdays = np.datetime_as_string(first + np.arange(BIRTHDAY_COUNT))
    days = "".join(birthdays.tolist()).replace("-", "")
    sequences = "".join(f"{sequence:03}" for sequence in range(SEQUENCE_COUNT))
    return (
        _text("".join(AREAS)).reshape(-1, 6),
        _text(days).reshape(-1, 8),
        _text(sequences).reshape(-1, 3),
    )


def _weighed(digits: Bytes, weights: Numbers) -> Numbers:
    return (digits.astype(np.int64) - ord("0")) @ weights


def _text(text: str) -> Bytes:
    return np.frombuffer(text.encode(), np.uint8)


def _characters(text: str) -> Bytes:
    return _text(text).reshape(-1, CHARACTER_BYTES)
