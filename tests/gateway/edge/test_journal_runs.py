"""Runs: nothing is lost in sorting, merging or filtering, also when keys begin alike."""

from collections.abc import Iterator

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.journal_runs import (
    CHUNK_ROWS,
    FILTER_WORDS,
    NO_ROWS,
    Probe,
    Rows,
    Wanted,
    chunked,
    filter_of,
    merged,
    ordered,
    rows_of,
)
from tests.gateway.edge.frames import order_rows


def few_keys(seed: int, count: int) -> Rows:
    """Rows of which many have the same key, or begin with the same eight bytes."""
    chance = np.random.default_rng(seed)
    return np.stack(
        [chance.integers(-3, 3, count), chance.integers(0, 2, count), *chance.integers(0, 9, (3, count))],
        axis=1,
    )


def pieces(rows: Rows, size: int) -> Iterator[Rows]:
    return (rows[at : at + size] for at in range(0, len(rows), size))


@given(st.lists(st.integers(0, 40), max_size=5), st.integers(1, 7))
def test_a_merge_is_the_stable_sort_of_all(counts: list[int], size: int) -> None:
    runs = [ordered(few_keys(seed, count)) for seed, count in enumerate(counts)]
    together = list(merged([pieces(run, size) for run in runs]))
    got = np.concatenate([NO_ROWS, *together])
    assert np.array_equal(got[:, 0], ordered(np.concatenate([NO_ROWS, *runs]))[:, 0])
    assert sorted(got.tolist()) == sorted(np.concatenate([NO_ROWS, *runs]).tolist())


def test_of_two_rows_with_one_key_the_older_stands_first() -> None:
    old, young = order_rows(1, 1), order_rows(1, 1)[:16] + bytes(24)
    (both,) = merged([iter([rows_of(old)]), iter([rows_of(young)])])
    assert both.tobytes() == old + young


def test_chunks_hold_all_rows_in_their_order() -> None:
    rows = ordered(rows_of(order_rows(1, 3 * CHUNK_ROWS + 5)))
    for size in (1_000, CHUNK_ROWS, 7 * CHUNK_ROWS):
        parts = list(chunked(pieces(rows, size)))
        assert [len(part) % CHUNK_ROWS for part in parts[:-1]] == [0] * (len(parts) - 1)
        assert np.array_equal(np.concatenate(parts), rows)
    assert list(chunked(iter([]))) == []


def test_a_probe_never_passes_over_a_key_and_rarely_names_a_chunk_in_vain() -> None:
    packed = order_rows(1, 4 * CHUNK_ROWS + 9)
    rows = ordered(rows_of(packed))
    words = filter_of(rows)
    assert len(words) == 5 * FILTER_WORDS
    probe = Probe(rows[::CHUNK_ROWS, 0].tobytes(), words.tobytes())
    found = probe.chunks(rows)
    assert {(place // CHUNK_ROWS, place) for place in range(len(rows))} < set(found)
    # Each fence's own row is looked for before it too.
    assert len(found) == len(rows) + 4
    in_vain = probe.chunks(rows_of(order_rows(1_000_000, 2_000)))
    assert len(in_vain) < 40
    assert probe.chunks(NO_ROWS) == []


def test_keys_that_begin_like_a_fence_are_looked_for_before_it_too() -> None:
    rows = np.zeros((2 * CHUNK_ROWS, 5), np.int64)
    rows[:, 1] = np.arange(2 * CHUNK_ROWS)
    probe = Probe(rows[::CHUNK_ROWS, 0].tobytes(), filter_of(rows).tobytes())
    assert (0, 0) in probe.chunks(rows[3:4])
    assert (1, 0) in probe.chunks(rows[-1:])


def test_looking_takes_the_first_row_of_a_key_and_no_other_that_begins_alike() -> None:
    key, like = b"a" * 16, b"a" * 8 + b"b" * 8
    wanted = Wanted(key + bytes(24) + b"z" * 40)
    wanted.look(b"")
    wanted.look(like + b"1" * 24 + key + b"2" * 24 + key + b"3" * 24)
    wanted.look(key + b"4" * 24)
    assert wanted.found() == key + b"2" * 24
    sorted_rows = Wanted(key + bytes(24) + b"z" * 40)
    sorted_rows.look_sorted(like + b"1" * 24 + key + b"2" * 24 + key + b"3" * 24, 0)
    sorted_rows.look_sorted(key + b"4" * 24, 1)
    assert sorted_rows.found() == key + b"2" * 24
    nothing = Wanted(b"")
    nothing.look(key + bytes(24))
    assert nothing.found() == b""
