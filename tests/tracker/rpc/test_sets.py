"""Sets of figures: found by who asked for them, until they are old or there is no room."""

from collections.abc import Callable

import pytest

from chakong.tracker.v1.tracker_pb2 import GetStatisticsResponse, NodeFigures
from tracker.rpc import sets
from tracker.rpc.sets import KEEP_NS, Sets


def whole(count: int) -> GetStatisticsResponse:
    return GetStatisticsResponse(figures=[NodeFigures(node=1)] * count)


def clock(times: list[int]) -> Callable[[], int]:
    return lambda: times[-1]


def test_a_set_is_found_by_its_number_and_question() -> None:
    times = [1_000]
    kept = Sets(clock(times))
    first, second = kept.keep(b"a", whole(1)), kept.keep(b"a", whole(2))
    assert first != second
    assert kept.find(first, b"a") == whole(1)
    assert kept.find(second, b"a") == whole(2)
    assert kept.find(first, b"b") is None
    assert kept.find(second + 1, b"a") is None


def test_an_old_set_is_dropped_and_its_number_not_given_again() -> None:
    times = [1_000]
    kept = Sets(clock(times))
    first = kept.keep(b"a", whole(1))
    times.append(first + KEEP_NS)
    assert kept.find(first, b"a") == whole(1)
    times.append(first + KEEP_NS + 1)
    assert kept.find(first, b"a") is None
    # Also when the clock was set back.
    times.append(500)
    assert kept.keep(b"a", whole(1)) > first


def test_where_there_is_no_room_the_oldest_are_dropped_and_never_the_newest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sets, "FIGURES_MAX", 5)
    kept = Sets(clock([1_000]))
    numbers = [kept.keep(b"a", whole(count)) for count in (2, 2, 3, 9)]
    assert [kept.find(number, b"a") is not None for number in numbers] == [False, False, False, True]
    numbers += [kept.keep(b"a", whole(count)) for count in (2, 3)]
    assert [kept.find(number, b"a") is not None for number in numbers[3:]] == [False, True, True]
