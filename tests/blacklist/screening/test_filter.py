"""The filter: nobody is missed, few others are let through."""

import ctypes

import numpy as np
import pytest

from blacklist.screening.filter import Filter


def keys(count: int, seed: int = 1) -> np.ndarray:
    return np.unique(np.random.default_rng(seed).integers(0, 2**64, count, dtype=np.uint64))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 1_000, 20_000])
def test_every_key_is_found(count: int) -> None:
    made = keys(count)
    built = Filter(made.tobytes())
    assert built.key_count == len(made)
    assert all(int(key) in built for key in made)


def test_one_of_256_others_is_let_through() -> None:
    built = Filter(keys(10_000).tobytes())
    others = keys(30_000, seed=2)
    passed = sum(int(key) in built for key in others)
    assert 60 < passed < 180  # 117 expected


def test_empty_filter_lets_hardly_anybody_through() -> None:
    built = Filter(b"")
    assert sum(int(key) in built for key in keys(1_000)) < 20


def test_many_keys_take_nine_bits_each() -> None:
    count = 100_000
    made = keys(count)
    assert Filter(made.tobytes()).size_bytes * 8 / len(made) < 10.5


def test_half_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="9 bytes given"):
        Filter(b"123456789")


def test_the_places_are_where_the_library_looks() -> None:
    given = keys(3_000)
    built = Filter(given.tobytes())
    seed, length, mask, count_length, address = built.places
    cells = (ctypes.c_uint8 * (count_length + 2 * length)).from_address(address)
    for key in given.tolist():
        mixed = (key + seed) % 2**64
        for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
            mixed = (mixed ^ mixed >> 33) * factor % 2**64
        mixed ^= mixed >> 33
        first = mixed * count_length >> 64
        second, third = first + length ^ mixed >> 18 & mask, first + 2 * length ^ mixed & mask
        # What the three say together is the key's fingerprint.
        assert cells[first] ^ cells[second] ^ cells[third] == (mixed ^ mixed >> 32) & 0xFF
