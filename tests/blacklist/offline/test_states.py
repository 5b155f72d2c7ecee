"""Bodies of deltas: read whole or refused."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blacklist.offline.errors import TamperedError
from blacklist.offline.states import State, read_states

STATES = st.builds(
    State, st.integers(0, 65_535), st.integers(0, 7), st.integers(0, 31), *[st.integers(0, 65_535)] * 2
)


def written(states: dict[int, tuple[State, ...]]) -> bytes:
    return b"".join(
        struct.pack("<QB", number, len(entries))
        + b"".join(
            struct.pack("<HBHH", one.tag, one.kinds << 5 | one.bound, one.since_day, one.until_day)
            for one in entries
        )
        for number, entries in states.items()
    )


@settings(deadline=None)
@given(st.dictionaries(st.integers(0, 2**64 - 1), st.lists(STATES, max_size=3).map(tuple), max_size=5))
def test_body_is_read_as_it_was_written(states: dict[int, tuple[State, ...]]) -> None:
    assert read_states(written(states), len(states)) == states


def test_body_cut_within_a_number_is_refused() -> None:
    body = written({1: (State(1, 1, 0, 0, 9),), 2: ()})
    for size in range(1, len(body)):
        with pytest.raises(TamperedError):
            read_states(body[:size], 2)


def test_other_count_of_numbers_is_refused() -> None:
    with pytest.raises(TamperedError, match="1 numbers given, 2 expected"):
        read_states(written({1: ()}), 2)


@pytest.mark.parametrize(("day", "counts"), [(9, False), (10, True), (12, True), (13, False)])
def test_state_counts_from_its_first_day_to_its_last(day: int, counts: bool) -> None:
    assert State(0, 1, 0, 10, 12).counts_on(day) is counts
