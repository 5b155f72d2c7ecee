"""Stage: a list of so many people in memory, and what is asked of it, for the benchmarks of the blacklist.

One in 200 who are asked about is listed: more than anywhere in use, so that hits cost what they cost. It
times nothing.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from benchmarks.bench.result import expect
from benchmarks.services.people import LISTED_EVERY, TODAY, innocents_at, message, rows
from blacklist.offline.keys import identity_key
from blacklist.screening._identity import Hasher
from blacklist.screening._snapshot import Base, Binding, Snapshot
from blacklist.screening.folding import folding
from chakong.blacklist.v1 import screening_pb2

# Public by the end of 2016.
ENTRY_COUNT: Final = 6_420_000
QUICK_ENTRY_COUNT: Final = 200_000
MESSAGE_COUNT: Final = 8_192
HIT_EVERY: Final = 200
# Prime: taken by it people come in no order, and none twice in 150 million.
STRIDE: Final = 982_451_653
INNOCENT_COUNT: Final = 150_000_000
SECRET: Final = b"a secret for benchmarks, 32 byte"
# What binds the railway, by bound: persons, organisations, derived.
MEASURES: Final = ((28,), (28,), (28,), ())
VERSION: Final = 1
AS_OF_NS: Final = TODAY * 86_400 * 10**9


@cache
def hasher() -> Hasher:
    """With the secret of the benchmarks."""
    return Hasher(identity_key(SECRET), folding())


def snapshot(entry_count: int) -> Snapshot:
    """Of the first so many entries."""
    base = Base.of_entries(hasher(), rows(entry_count))
    expect("entries", base.entry_count, entry_count)
    return Snapshot(base, hasher(), VERSION)


def binding() -> Binding:
    """Of the unit that asks."""
    return Binding(MEASURES)


@dataclass(frozen=True, slots=True)
class Asked:
    """A message, and whose listings its answer must name."""

    encoded: bytes
    listing_ids: tuple[int, ...]

    def expect_answer(self, response: bytes) -> None:
        """WrongAnswerError unless the response finds exactly these."""
        answer = screening_pb2.ScreenBulkResponse.FromString(response)
        expect("subjects screened", answer.screened, MESSAGE_COUNT)
        expect("findings", len(answer.findings), len(self.listing_ids))
        found = tuple(one for finding in answer.findings for one in finding.listing_ids)
        expect("listings found", found == self.listing_ids, True)
        outcomes = {finding.outcome for finding in answer.findings}
        expect("outcomes", outcomes, {screening_pb2.OUTCOME_LISTED})


def asked(entry_count: int, message_count: int) -> list[Asked]:
    """So many messages about people who lie far from each other in the list, the same ones every time."""
    made = []
    for place in range(message_count):
        places = np.arange(place * MESSAGE_COUNT, (place + 1) * MESSAGE_COUNT, dtype=np.int64)
        persons = innocents_at(places * STRIDE % INNOCENT_COUNT)
        entries = places[::HIT_EVERY] // HIT_EVERY * STRIDE % entry_count
        persons[::HIT_EVERY] = entries * LISTED_EVERY
        made.append(Asked(message(persons, tag=place % 127 + 1), tuple((entries + 1).tolist())))
    return made
