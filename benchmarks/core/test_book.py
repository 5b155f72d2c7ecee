"""Book: tickets and asks tied together, told of findings, and let go."""

from benchmarks.core._messages import Places
from benchmarks.core._queues import Book
from benchmarks.core.conftest import Measure
from benchmarks.core.drawn import keys
from gateway.directory import Directory

TICKET_COUNT = 100_000
FINDING_BYTES = 100


def opened(places: Places, count: int) -> Book:
    book = Book(places)
    assert book.open(keys(count, 1)) == count
    return book


def test_tickets_and_asks_made(measure: Measure, directory: Directory) -> None:
    count = measure.size(TICKET_COUNT)
    places, given = Places(directory.snapshot()), keys(count, 1)
    assert measure(lambda book: book.open(given), lambda: Book(places), count) == {count}


def test_findings_kept(measure: Measure, directory: Directory) -> None:
    count = measure.size(TICKET_COUNT)
    places, body = Places(directory.snapshot()), bytes(FINDING_BYTES)
    held = measure(lambda book: book.tell(body), lambda: opened(places, count), count, rounds=7)
    assert held == {count * FINDING_BYTES}


def test_tickets_and_asks_let_go(measure: Measure, directory: Directory) -> None:
    count = measure.size(TICKET_COUNT)
    places = Places(directory.snapshot())
    assert measure(Book.close, lambda: opened(places, count), count, rounds=7) == {(0, 0, 0)}
