"""What may go wrong, by seed and rate."""

import pytest

from simulator.books.misbehaviour import (
    LIES,
    NAMES,
    TROUBLES,
    Misbehaviour,
    Misdeed,
    misbehaviour,
)  # fmt: skip


def test_none_is_the_default() -> None:
    assert not any(Misbehaviour().strikes(misdeed, place) for misdeed in Misdeed for place in range(100))
    assert misbehaviour("none", 5).rates == {}


def test_a_rate_is_a_share_and_a_seed_a_day() -> None:
    day, other = (misbehaviour("lost_reply", seed, 0.1) for seed in (1, 2))
    struck = [place for place in range(10_000) if day.strikes(Misdeed.LOST_REPLY, place)]
    assert 900 < len(struck) < 1_100
    assert struck == [place for place in range(10_000) if day.strikes(Misdeed.LOST_REPLY, place)]
    assert struck != [place for place in range(10_000) if other.strikes(Misdeed.LOST_REPLY, place)]
    assert not any(day.strikes(Misdeed.LATE, place) for place in range(1_000))
    assert all(misbehaviour("late", 1, 1.0).strikes(Misdeed.LATE, place) for place in range(100))


def test_every_name_is_understood_and_no_other() -> None:
    for name in NAMES:
        misbehaviour(name, 1)
    assert set(misbehaviour("troubled", 1).rates) == TROUBLES
    assert set(misbehaviour("lying", 1).rates) == LIES
    with pytest.raises(ValueError, match="sulks"):
        misbehaviour("sulks", 1)
    with pytest.raises(ValueError, match=r"rate: 1\.5 given"):
        misbehaviour("late", 1, 1.5)


def test_a_delay_is_never_none_and_never_beyond_its_limit() -> None:
    day = Misbehaviour(3, {}, delay_ns_max=1_000)
    delays = [day.delay_ns(Misdeed.LATE, control_id) for control_id in range(2_000)]
    assert (min(delays), max(delays)) == (50, 1_000)
    assert misbehaviour("late", 3, late_s=1.5).delay_ns_max == 1_500_000_000
