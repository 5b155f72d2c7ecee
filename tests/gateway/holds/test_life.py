"""Life: the table, and cover derived from ceiling and controlled."""

import pytest

from chakong.gateway.v1 import controls_pb2
from gateway.holds.life import NEXT, STATED, Word, after, cover, follows
from gateway.holds.model import EFFECTIVE, ENDED, QUEUED, REQUESTED, SENT, UNKNOWN

LIVES = (REQUESTED, SENT, UNKNOWN, QUEUED, EFFECTIVE, ENDED)


def test_ended_holds_stay_so() -> None:
    assert {life for (before, _), life in NEXT.items() if before == ENDED} == {ENDED}


def test_no_hold_goes_back_to_before_its_outcome() -> None:
    for (before, word), life in NEXT.items():
        if before in (QUEUED, EFFECTIVE, ENDED):
            assert life in (QUEUED, EFFECTIVE, ENDED), (before, word)
        if before == EFFECTIVE:
            assert life in (EFFECTIVE, ENDED)


def test_every_life_that_waits_can_end_in_every_outcome() -> None:
    for life in (REQUESTED, SENT, UNKNOWN):
        assert {after(life, word) for word in (*STATED.values(), Word.REFUSED)} == {QUEUED, EFFECTIVE, ENDED}


def test_what_is_not_in_the_table_is_an_error() -> None:
    with pytest.raises(KeyError):
        after(EFFECTIVE, Word.STATED_QUEUED)
    assert not follows(ENDED, EFFECTIVE)
    assert not follows(EFFECTIVE, REQUESTED)
    assert follows(QUEUED, EFFECTIVE)


def test_institutions_state_three_lives() -> None:
    assert set(STATED) == {life for life in LIVES if life in (QUEUED, EFFECTIVE, ENDED)}


@pytest.mark.parametrize(
    ("ceiling", "controlled", "is_effective", "expected"),
    [
        (100, 100, True, controls_pb2.COVER_FULL),
        (100, 1, True, controls_pb2.COVER_PART),
        (100, 0, True, controls_pb2.COVER_ZERO),
        (100, 0, False, controls_pb2.COVER_ZERO),
    ],
)
def test_cover_is_derived(
    ceiling: int, controlled: int, is_effective: bool, expected: controls_pb2.Cover.ValueType
) -> None:
    assert cover(ceiling, controlled, is_effective) == expected
