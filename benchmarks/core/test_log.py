"""Log: entries staged and committed, replies counted over ranges of them, sums made, segments dropped."""

from benchmarks.core._messages import Places
from benchmarks.core._queues import Log
from benchmarks.core.conftest import Measure
from gateway.directory import Directory

SEGMENT_COUNT = 16
ENTRY_COUNT = 4_000
REPLY_COUNT = 372
BODY = bytes(105)


def filled(places: Places, entry_count: int) -> Log:
    log = Log(places)
    assert log.fill(BODY, SEGMENT_COUNT, entry_count) == SEGMENT_COUNT * entry_count
    return log


def test_entries_staged_and_committed(measure: Measure, directory: Directory) -> None:
    count = measure.size(ENTRY_COUNT)
    places = Places(directory.snapshot())
    made = measure(
        lambda log: log.fill(BODY, SEGMENT_COUNT, count), lambda: Log(places), SEGMENT_COUNT * count
    )
    assert made == {SEGMENT_COUNT * count}


def test_replies_counted(measure: Measure, directory: Directory) -> None:
    log = filled(Places(directory.snapshot()), measure.size(ENTRY_COUNT))
    assert measure(lambda made: made.tally(REPLY_COUNT), lambda: log, REPLY_COUNT) == {SEGMENT_COUNT}


def test_sums_made(measure: Measure, directory: Directory) -> None:
    count = measure.size(ENTRY_COUNT)
    log = filled(Places(directory.snapshot()), count)
    log.tally(REPLY_COUNT)
    expected = SEGMENT_COUNT * count * REPLY_COUNT
    assert measure(Log.sum, lambda: log, SEGMENT_COUNT * count) == {expected}


def test_segments_dropped(measure: Measure, directory: Directory) -> None:
    count = measure.size(ENTRY_COUNT)
    places = Places(directory.snapshot())
    assert measure(Log.drop, lambda: filled(places, count), SEGMENT_COUNT) == {SEGMENT_COUNT}
