"""Message: the bytes of a batch, for a whole set, with those asked named in each entry, and of a lane."""

import pytest

from benchmarks.core import stage
from benchmarks.core._messages import Places
from benchmarks.core._queues import Book, Lane, Log
from benchmarks.core.conftest import Measure
from benchmarks.core.drawn import keys
from chakong.institution.v1.institution_pb2 import KIND_ASK, Batch
from gateway.directory import Directory
from gateway.directory.model import INQUIRE

ENTRY_COUNT = 4_000


def largest(directory: Directory) -> int:
    """The endpoint with the most institutions behind it."""
    return max(directory.endpoints, key=lambda endpoint: len(endpoint.institutions)).index


@pytest.mark.parametrize("is_named", [False, True], ids=["whole_set", "named"])
def test_log_written(measure: Measure, directory: Directory, is_named: bool) -> None:
    count, endpoint = measure.size(ENTRY_COUNT), largest(directory)
    log = Log(Places(directory.snapshot()))
    log.fill(stage.entry().SerializeToString(), 1, count)
    written = measure(lambda made: made.write(endpoint, is_named), lambda: log, count)
    assert written == {(count, len(log.out))}
    capable = {one.index for one in directory.institutions if INQUIRE in one.can}
    members = [index for index in directory.endpoints[endpoint].institutions if index in capable]
    asked = stage.entry()
    asked.kind = KIND_ASK
    asked.institutions[:] = members if is_named else []
    assert Batch.FromString(log.out) == Batch(id=1, entries=[asked] * count)


def test_lane_written(measure: Measure, directory: Directory) -> None:
    count, endpoint = measure.size(ENTRY_COUNT), largest(directory)
    book = Book(Places(directory.snapshot()))
    book.open(keys(count, 1))
    lane = Lane(book, stage.entry().SerializeToString())
    lane.fill(count)
    fits = min(count, directory.endpoints[endpoint].max_batch_entries)
    written = measure(lambda made: made.write(endpoint), lambda: lane, fits)
    assert written == {(fits, len(lane.out))}
    first = directory.endpoints[endpoint].institutions[0]
    asked = stage.entry()
    asked.kind = KIND_ASK
    asked.institutions[:] = [first]
    assert Batch.FromString(lane.out) == Batch(id=1, entries=[asked] * fits)
