"""Hash: the keyed hash of what is hashed: numbers, order ids with their court, subjects, contents."""

from functools import reduce
from operator import xor

import pytest

from benchmarks.core._tools import hash_all
from benchmarks.core.conftest import Measure
from benchmarks.floor._floor import Floor
from runtime.chance import Chance

KEY = b"benchmark of 16b"
TEXT_COUNT = 20_000


@pytest.mark.parametrize("size", [18, 34, 64])
def test_texts_hashed(measure: Measure, size: int) -> None:
    count = measure.size(TEXT_COUNT)
    text = Chance(1).token(size * count)
    # The C floor has a hash of its own.
    floor = Floor(0, KEY)
    hashes = (int.from_bytes(floor.hash(text[at : at + size])) for at in range(0, len(text), size))
    expected = reduce(xor, hashes).to_bytes(16)
    assert measure(lambda given: hash_all(given, size, KEY), lambda: text, count) == {expected}
