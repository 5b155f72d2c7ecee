"""Bits: they are sets of small numbers, word boundaries and all."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.testing_queue import combine_bits, combine_masks, walk_bits, walk_mask
from tests.gateway.core.samples import unhurried

EDGES = (0, 1, 62, 63, 64, 65, 126, 127)
indexes = st.sampled_from((*EDGES, 128, 4031, 4032, 4094, 4095)) | st.integers(0, 4095)
places = st.sampled_from(EDGES) | st.integers(0, 127)


@unhurried
@given(left=st.sets(indexes), right=st.sets(indexes))
def test_bits_combine_as_sets(left: set[int], right: set[int]) -> None:
    assert combine_bits(left, right) == {
        "and": left & right,
        "or": left | right,
        "remove": left - right,
        "within": left <= right,
        "empty": not left,
        "count": len(left),
    }


@unhurried
@given(numbers=st.sets(indexes))
def test_bits_are_walked_in_order(numbers: set[int]) -> None:
    assert walk_bits(numbers) == sorted(numbers)


@unhurried
@given(left=st.sets(places), right=st.sets(places))
def test_masks_combine_as_sets(left: set[int], right: set[int]) -> None:
    assert combine_masks(left, right) == {
        "and": left & right,
        "or": left | right,
        "without": left - right,
        "equal": left == right,
        "empty": not left,
        "count": len(left),
    }


@unhurried
@given(numbers=st.sets(places))
def test_masks_are_walked_in_order(numbers: set[int]) -> None:
    assert walk_mask(numbers) == sorted(numbers)


def test_a_subset_is_within_itself_and_the_rest() -> None:
    assert combine_bits({64, 4095}, {64, 4095})["within"]
    assert combine_bits({64}, {64, 4095})["within"]
    assert not combine_bits({64, 4095}, {64})["within"]


def test_full_sets_are_full() -> None:
    assert walk_bits(range(4096)) == list(range(4096))
    assert walk_mask(range(128)) == list(range(128))
