"""Bits: sets of institutions combined, as scopes are, and walked through, as those who have not answered."""

import numpy as np

from benchmarks.core._tools import Sets
from benchmarks.core.conftest import Measure
from runtime.chance import Chance

SET_COUNT = 2_000
SET_BYTES = 512


def drawn(count: int) -> tuple[Sets, np.ndarray[tuple[int, int], np.dtype[np.bool_]]]:
    """Sets with a fiftieth of all institutions each, and the same as rows of truth."""
    chance = np.frombuffer(Chance(1).token(count * SET_BYTES * 16), np.uint16)
    rows = chance.reshape(count, SET_BYTES * 8) < (1 << 16) // 50
    return Sets(np.packbits(rows, axis=1, bitorder="little").tobytes()), rows


def test_sets_combined(measure: Measure) -> None:
    count = measure.size(SET_COUNT)
    sets, rows = drawn(count)
    others = np.roll(rows, -1, axis=0)
    expected = tuple(int(both.sum()) for both in (rows & others, rows | others, rows & ~others))
    assert measure(Sets.combine, lambda: sets, count) == {expected}


def test_members_walked(measure: Measure) -> None:
    sets, rows = drawn(measure.size(SET_COUNT))
    members = np.nonzero(rows)[1]
    assert measure(Sets.walk, lambda: sets, len(members)) == {int(members.sum())}


def test_places_behind_an_endpoint_walked(measure: Measure) -> None:
    count = measure.size(SET_COUNT)
    sets, rows = drawn(count)
    assert measure(Sets.walk_behind, lambda: sets, count) == {int(np.nonzero(rows[:, :128])[1].sum())}
