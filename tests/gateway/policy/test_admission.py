"""Admission: bounded by bytes, and patient when it is full for long."""

from gateway.policy.admission import Limits, Load, is_full, retry_after_ms

LIMITS = Limits(unwritten_bytes_max=100, retry_after_ms=50)


def test_a_message_is_let_in_as_long_as_it_fits() -> None:
    assert not is_full(Load(60, 0), 40, LIMITS)
    assert is_full(Load(60, 0), 41, LIMITS)


def test_a_message_alone_is_always_let_in() -> None:
    assert not is_full(Load(0, 0), 1_000, LIMITS)


def test_the_longer_it_is_full_the_later_one_is_asked_back() -> None:
    assert [retry_after_ms(Load(1, refusals), LIMITS) for refusals in (0, 1, 2, 16, 1_000)] == [
        50,
        50,
        100,
        800,
        800,
    ]
