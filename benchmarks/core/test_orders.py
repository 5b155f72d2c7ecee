"""Orders: order ids added while the oldest are forgotten, and looked up, a million of them known."""

import numpy as np

from benchmarks.core._tools import Ring
from benchmarks.core.conftest import Measure
from benchmarks.core.drawn import numbers, order

KNOWN_COUNT = 1_000_000
ADDED_COUNT = 100_000


def rows(count: int, first: int) -> bytes:
    """Keys and contents at random; inquiry ids from `first`."""
    drawn = numbers(5 * count, first).reshape(count, 5).copy()
    drawn[:, 4] = np.arange(first, first + count)
    return drawn.tobytes()


def full(count: int) -> Ring:
    ring = Ring(count)
    assert ring.add(rows(count, 1)) == 0
    return ring


def test_ids_added_to_a_full_ring(measure: Measure) -> None:
    known, count = measure.size(KNOWN_COUNT), measure.size(ADDED_COUNT)
    ring = full(known)
    added: list[bytes] = []

    def fresh() -> bytes:
        added.append(rows(count, 2 * known + len(added) * count))
        return added[-1]

    forgotten = measure(ring.add, fresh, count)
    assert forgotten <= {count * number for number in range(1, len(added) + 1)}
    last = 2 * known + (len(added) - 1) * count
    assert ring.find(added[-1]) == sum(range(last, last + count))


def test_ids_found(measure: Measure) -> None:
    known, count = measure.size(KNOWN_COUNT), measure.size(ADDED_COUNT)
    ring = full(known)
    chosen = order(known, 3)[:count]
    asked = np.frombuffer(rows(known, 1), np.uint64).reshape(known, 5)[chosen].tobytes()
    assert measure(ring.find, lambda: asked, count) == {int(chosen.sum()) + count}


def test_ids_never_used_before(measure: Measure) -> None:
    known, count = measure.size(KNOWN_COUNT), measure.size(ADDED_COUNT)
    ring, asked = full(known), rows(count, 3 * known)
    assert measure(ring.find, lambda: asked, count) == {0}
