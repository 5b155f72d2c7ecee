"""Ticket: tickets made by consecutive ids, found by any, and let go."""

import numpy as np

from benchmarks.core._queues import Tickets
from benchmarks.core.conftest import Measure
from benchmarks.core.drawn import order

TICKET_COUNT = 100_000


def opened(count: int) -> Tickets:
    tickets = Tickets()
    assert tickets.open(count) == count
    return tickets


def test_tickets_made(measure: Measure) -> None:
    count = measure.size(TICKET_COUNT)
    assert measure(lambda tickets: tickets.open(count), Tickets, count) == {count}


def test_tickets_found(measure: Measure) -> None:
    count = measure.size(TICKET_COUNT)
    tickets = opened(count)
    # Half of them are there.
    asked = (order(2 * count, 2) + 1).astype(np.uint64).tobytes()
    assert measure(lambda known: known.find(asked), lambda: tickets, 2 * count) == {count}


def test_tickets_let_go(measure: Measure) -> None:
    count = measure.size(TICKET_COUNT)
    assert measure(Tickets.close, lambda: opened(count), count) == {(0, 0)}
