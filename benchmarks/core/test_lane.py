"""Lane: entries queued for one endpoint, and passed over in their order."""

from benchmarks.core._messages import Places
from benchmarks.core._queues import Book, Lane
from benchmarks.core.conftest import Measure
from gateway.directory import Directory

ENTRY_COUNT = 100_000
BODY = bytes(105)


def lane(directory: Directory) -> Lane:
    book = Book(Places(directory.snapshot()))
    book.open(bytes(16))
    return Lane(book, BODY)


def test_entries_queued(measure: Measure, directory: Directory) -> None:
    count = measure.size(ENTRY_COUNT)
    assert measure(lambda made: made.fill(count), lambda: lane(directory), count) == {count}


def test_entries_passed_over(measure: Measure, directory: Directory) -> None:
    count = measure.size(ENTRY_COUNT)

    def waiting() -> Lane:
        made = lane(directory)
        made.fill(count)
        return made

    assert measure(Lane.drain, waiting, count) == {count}
