"""Retry: waits that double up to a limit."""

import pytest

from gateway.policy.retry import backoff_ns


def same(base_ns: int) -> int:
    return base_ns


def test_waits_double_up_to_the_limit() -> None:
    assert [backoff_ns(failures, 10, 75, same) for failures in range(1, 6)] == [10, 20, 40, 75, 75]


def test_a_million_failures_cost_no_more_than_the_limit() -> None:
    assert backoff_ns(1_000_000, 1, 10**12, same) == 10**12


def test_the_wait_is_spread() -> None:
    assert backoff_ns(2, 10, 100, lambda base_ns: base_ns // 2) == 10


def test_a_base_above_the_limit_waits_for_the_limit() -> None:
    assert backoff_ns(1, 100, 10, same) == 10


@pytest.mark.parametrize(("failures", "base_ns"), [(0, 10), (1, 0)])
def test_what_cannot_be_is_refused(failures: int, base_ns: int) -> None:
    with pytest.raises(ValueError, match="given, at least 1"):
        backoff_ns(failures, base_ns, 100, same)
