"""Chance: the same seed gives the same values; bounds hold."""

import pytest

from runtime.chance import Chance


def drawn(chance: Chance) -> list[object]:
    return [chance.jitter(1_000_000), chance.token(8), chance.fraction(), chance.below(1_000)]


def test_same_seed_gives_the_same_values() -> None:
    assert drawn(Chance(7)) == drawn(Chance(7))
    assert drawn(Chance(7)) != drawn(Chance(8))


def test_without_a_seed_tokens_differ() -> None:
    assert Chance().token(16) != Chance().token(16)


def test_jitter_stays_between_half_and_one_and_a_half() -> None:
    chance = Chance(1)
    delays = [chance.jitter(1_000) for _ in range(2_000)]
    assert min(delays) >= 500
    assert max(delays) <= 1_500
    assert max(delays) - min(delays) > 900


def test_token_has_the_size_asked_for() -> None:
    assert [len(Chance(1).token(size)) for size in (0, 1, 16)] == [0, 1, 16]


def test_below_reaches_every_value_and_no_other() -> None:
    chance = Chance(1)
    assert {chance.below(5) for _ in range(500)} == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("call", ["jitter", "token", "below"])
def test_negative_limits_are_refused_with_the_number(call: str) -> None:
    with pytest.raises(ValueError, match="-1 given"):
        getattr(Chance(1), call)(-1)
