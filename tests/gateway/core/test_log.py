"""Log: difference arrays agree with counting every entry, and a segment is found by its position."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.testing_queue import Directory, Log
from tests.gateway.core.samples import unhurried
from tests.model.world import snapshot

Tally = tuple[int, int, int, bool]

tallies = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(-3, 128), st.booleans()), max_size=30
)


def filled(counts: list[int]) -> Log:
    log = Log(Directory(snapshot()))
    for count in counts:
        for _ in range(count):
            log.stage(100)
        assert log.commit() is (count > 0)
    return log


@unhurried
@given(counts=st.lists(st.integers(0, 9), max_size=8), tallies=tallies, dropped=st.integers(0, 3))
def test_sums_agree_with_counting_one_by_one(counts: list[int], tallies: list[Tally], dropped: int) -> None:
    log = filled(counts)
    model = {position: [0, 0] for position in range(sum(counts))}
    assert log.head == sum(counts)
    sizes = [count for count in counts if count]
    for count in sizes[:dropped]:
        log.drop_first()
        for position in range(min(model), min(model) + count):
            del model[position]
    for start, end, count, is_gone in tallies:
        log.tally(start, end, count, is_gone)
        for position in range(start, end):
            if position in model:
                model[position][is_gone] += count
    sums = log.sums()
    assert sums == {position: (a % 65536, g % 65536) for position, (a, g) in model.items()}


@unhurried
@given(counts=st.lists(st.integers(1, 5), min_size=1, max_size=200), dropped=st.integers(0, 199))
def test_every_position_finds_its_segment(counts: list[int], dropped: int) -> None:
    log = filled(counts)
    dropped = min(dropped, len(counts))
    for _ in range(dropped):
        log.drop_first()
    start = 0
    for number, count in enumerate(counts):
        for position in range(start, start + count):
            found = log.segment(position)
            assert found is None if number < dropped else found is not None and found[:2] == (start, count)
        start += count
    assert log.segment(start) is None


def test_four_thousand_institutions_fit_their_counters() -> None:
    log = filled([2])
    for _ in range(32):
        log.tally(0, 1, 128, False)
    log.tally(0, 2, 4096, True)
    assert log.sums() == {0: (4096, 4096), 1: (0, 4096)}


def test_an_emptied_window_is_used_again() -> None:
    log = filled([1])
    for turn in range(1000):
        log.drop_first()
        assert log.stage(100) == turn + 1
        assert log.commit()
        assert log.segment(turn + 1) == (turn + 1, 1, 104)
        assert log.segment(turn) is None


def test_bytes_of_a_segment_are_those_of_its_entries_in_a_batch() -> None:
    log = Log(Directory(snapshot()))
    for size in (125, 126, 16_381, 16_382):
        log.stage(size)
    assert log.commit()
    # Tag, length (one byte up to 127, two up to 16,383, then three), body, kind.
    assert log.segment(0) == (0, 4, (2 + 127) + (3 + 128) + (3 + 16_383) + (4 + 16_384))


def test_segments_hold_the_directory_they_were_asked_under() -> None:
    directory = Directory(snapshot())
    log = Log(directory)
    log.stage(1)
    log.commit()
    assert directory.refs == 2
    log.drop_first()
    assert directory.refs == 1
