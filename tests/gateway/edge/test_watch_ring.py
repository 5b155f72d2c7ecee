"""The ring: what it still has, and when it says that it does not know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.watch_ring import ENTRY_BYTES, Ring


def test_what_was_there_before_the_ring_is_in_the_journal_alone() -> None:
    ring = Ring(10_000, floor_seq=5)
    assert ring.after("a", 4, 10_000) is None
    assert ring.after("a", 5, 10_000) == []


def test_a_court_sees_its_own_answers_alone() -> None:
    ring = Ring(10_000, 0)
    ring.add(1, "a", b"1")
    ring.add(2, "b", b"2")
    ring.add(3, "a", b"3")
    assert ring.after("a", 0, 10_000) == [(1, b"1"), (3, b"3")]
    assert ring.after("a", 1, 10_000) == [(3, b"3")]
    assert ring.after("b", 0, 10_000) == [(2, b"2")]


def test_a_reader_gets_so_many_bytes_at_once_and_one_entry_at_least() -> None:
    ring = Ring(1_000_000, 0)
    for seq in range(1, 6):
        ring.add(seq, "a", bytes(1_000))
    assert [seq for seq, _ in ring.after("a", 0, 1) or ()] == [1]
    assert [seq for seq, _ in ring.after("a", 1, 2_000) or ()] == [2, 3]
    assert [seq for seq, _ in ring.after("a", 3, 1_000_000) or ()] == [4, 5]


def test_a_number_that_does_not_rise_is_an_error_of_our_own() -> None:
    ring = Ring(10_000, 3)
    with pytest.raises(ValueError, match="seq: 3 given, above 3 expected"):
        ring.add(3, "a", b"")


@given(
    adds=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 50)), max_size=60),
    bytes_max=st.integers(ENTRY_BYTES, 10 * ENTRY_BYTES),
)
def test_it_is_bounded_and_never_leaves_out_what_it_does_not_admit_to(
    adds: list[tuple[str, int]], bytes_max: int
) -> None:
    ring = Ring(bytes_max, 0)
    everything: list[tuple[int, str, bytes]] = []
    for seq, (court, size) in enumerate(adds, 1):
        ring.add(seq, court, bytes(size))
        everything.append((seq, court, bytes(size)))
        assert ring.size_bytes <= bytes_max
        for cursor in range(seq + 1):
            got = ring.after("a", cursor, 1 << 20)
            expected = [(s, m) for s, c, m in everything if c == "a" and s > cursor]
            assert got is None or got == expected
            assert got is not None or ring.floor_of("a") > cursor
