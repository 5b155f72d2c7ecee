"""Rate: no more than so many a second, after a burst."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.rate import SECOND_NS, Bucket, take

SOME_DAY_NS = 1_800_000_000 * SECOND_NS


def test_a_full_bucket_lets_a_burst_through_and_then_one_at_a_time() -> None:
    bucket, now_ns, waits = Bucket(), SOME_DAY_NS, []
    for _ in range(6):
        bucket, wait_ns = take(bucket, now_ns, 10, 2)
        now_ns += wait_ns
        waits.append(wait_ns)
    assert waits == [0, 0, SECOND_NS // 10, 0, SECOND_NS // 10, 0]


def test_who_gives_up_waiting_has_taken_nothing() -> None:
    bucket, _ = take(Bucket(), SOME_DAY_NS, 1, 1)
    for _ in range(1_000):
        bucket, wait_ns = take(bucket, SOME_DAY_NS, 1, 1)
        assert wait_ns == SECOND_NS
    assert take(bucket, SOME_DAY_NS + SECOND_NS, 1, 1)[1] == 0


def test_an_idle_bucket_is_full_again() -> None:
    bucket = Bucket()
    for _ in range(2):
        bucket, _ = take(bucket, SOME_DAY_NS, 10, 2)
    _, wait_ns = take(bucket, SOME_DAY_NS + SECOND_NS, 10, 2)
    assert wait_ns == 0


@given(st.lists(st.integers(0, SECOND_NS), min_size=2), st.integers(1, 5))
def test_in_no_window_more_than_burst_and_rate(pauses_ns: list[int], burst: int) -> None:
    bucket, now_ns, used = Bucket(), SOME_DAY_NS, []
    for pause_ns in pauses_ns:
        now_ns += pause_ns
        bucket, wait_ns = take(bucket, now_ns, 4, burst)
        if wait_ns:
            now_ns += wait_ns  # the caller waits before it asks again
            bucket, wait_ns = take(bucket, now_ns, 4, burst)
        assert wait_ns == 0
        used.append(now_ns)
    for first in range(len(used)):
        for last in range(first, len(used)):
            assert last - first + 1 <= burst + (used[last] - used[first]) * 4 / SECOND_NS + 1e-6


@pytest.mark.parametrize(("per_s", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_what_cannot_be_is_refused(per_s: float, burst: int) -> None:
    with pytest.raises(ValueError, match="given"):
        take(Bucket(), 0, per_s, burst)
