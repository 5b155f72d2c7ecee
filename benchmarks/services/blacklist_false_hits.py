"""False hits: how many of so many innocent people a list of six million would name.

`python -m benchmarks.services.blacklist_false_hits` asks about 100 million, in some minutes; the bench table
about fewer. Each is asked about under the name of somebody who is listed: nothing but the number keeps them
apart.
"""

import sys
from collections.abc import Iterable
from typing import Final

import numpy as np

from benchmarks.bench.result import Result, expect
from benchmarks.services.blacklist_stage import AS_OF_NS, ENTRY_COUNT, QUICK_ENTRY_COUNT, binding, snapshot
from benchmarks.services.people import TODAY, innocent, listed, message, names_of
from blacklist.screening._snapshot import Snapshot
from chakong.blacklist.v1 import screening_pb2

NAME: Final = "blacklist.false_hits"
BATCH: Final = 50_000
QUICK_COUNT: Final = 500_000
TABLE_COUNT: Final = 10_000_000
WHOLE_COUNT: Final = 100_000_000
# What the contract wants to hold for everybody there is.
PEOPLE_COUNT: Final = 1_400_000_000


def measure(quick: bool) -> Iterable[Result]:
    """Some ten seconds; quick, some seconds."""
    entry_count, count = (QUICK_ENTRY_COUNT, QUICK_COUNT) if quick else (ENTRY_COUNT, TABLE_COUNT)
    hits, by_hand = asked_about(snapshot(entry_count), count)
    extra = {"entries": entry_count, "innocent": count, "checks_by_hand": by_hand}
    yield Result(NAME, "hits", (float(hits),), extra=extra)


def asked_about(made: Snapshot, count: int) -> tuple[int, int]:
    """Of so many innocents, how many were said to be listed, and how many were to be checked by hand."""
    bound = binding()
    names = np.resize(names_of(listed(BATCH)), (BATCH, names_of(listed(1)).shape[1]))
    hits = by_hand = 0
    for first in range(0, count, BATCH):
        size = min(BATCH, count - first)
        encoded = message(innocent(size, first), names[:size])
        answer = screening_pb2.ScreenBulkResponse.FromString(made.screen(encoded, bound, TODAY, AS_OF_NS)[0])
        expect("subjects screened", answer.screened, size)
        outcomes = [finding.outcome for finding in answer.findings]
        by_hand += outcomes.count(screening_pb2.OUTCOME_CHECK_BY_HAND)
        hits += len(outcomes) - outcomes.count(screening_pb2.OUTCOME_CHECK_BY_HAND)
    return hits, by_hand


def main() -> int:
    """1 when anybody was named."""
    hits, by_hand = asked_about(snapshot(ENTRY_COUNT), WHOLE_COUNT)
    print(f"{WHOLE_COUNT:,} innocent, {ENTRY_COUNT:,} entries: {hits} hits, {by_hand} checks by hand")
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main())
