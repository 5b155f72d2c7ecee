"""Unfinished against a slow list of everything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.journal_unfinished import TRIM_COUNT, Unfinished
from tests.gateway.edge.frames import packed


def test_nothing_admitted_leaves_nothing_to_replay() -> None:
    assert Unfinished().oldest_seq(7) == 7


def test_an_admission_is_oldest_until_its_last_inquiry_is_finished() -> None:
    unfinished = Unfinished()
    unfinished.admitted(3, 10, 2)
    unfinished.admitted(4, 12, 1)
    unfinished.finished(packed(12, 10))
    assert unfinished.oldest_seq(5) == 3
    assert unfinished.answered(10, 2) == packed(10)
    unfinished.finished(packed(11))
    assert unfinished.oldest_seq(5) == 5


def test_an_id_that_was_there_before_is_refused() -> None:
    unfinished = Unfinished()
    unfinished.admitted(1, 1, 5)
    with pytest.raises(ValueError, match="first_inquiry_id: 5 given, at least 6"):
        unfinished.admitted(2, 5, 1)


def test_a_long_window_is_trimmed_and_stays_right() -> None:
    unfinished = Unfinished()
    for seq in range(1, 2 * TRIM_COUNT):
        unfinished.admitted(seq, seq, 1)
    unfinished.finished(packed(*range(1, 2 * TRIM_COUNT - 1)))
    assert unfinished.oldest_seq(0) == 2 * TRIM_COUNT - 1
    unfinished.finished(packed(2, 2 * TRIM_COUNT - 1))
    assert unfinished.oldest_seq(9_999_999) == 9_999_999
    assert unfinished.is_finished(1, 2 * TRIM_COUNT - 1)


@given(
    counts=st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), max_size=12),
    chosen=st.lists(st.integers(1, 80), max_size=80),
)
def test_it_agrees_with_a_slow_list(counts: list[tuple[int, int]], chosen: list[int]) -> None:
    unfinished = Unfinished()
    frames: list[tuple[int, range]] = []
    next_id, finished = 1, set()
    for seq, (count, gap) in enumerate(counts, 1):
        first = next_id + gap
        unfinished.admitted(seq, first, count)
        frames.append((seq, range(first, first + count)))
        next_id = first + count
        if seq < len(chosen):
            unfinished.finished(packed(chosen[seq]))
            finished |= {chosen[seq]} & {i for _, ids in frames for i in ids}
        still = [one for one, ids in frames if not finished.issuperset(ids)]
        assert unfinished.oldest_seq(99) == (still[0] if still else 99)
        for _, ids in frames:
            assert unfinished.is_finished(ids.start, len(ids)) == finished.issuperset(ids)
