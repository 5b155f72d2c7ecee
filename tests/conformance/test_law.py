"""Law: the longest term, from the data files."""

import pytest

from conformance.law import months_max


@pytest.mark.parametrize(
    ("item", "day", "months"),
    [
        (1, 20261122, 12),
        (14, 20261122, 24),
        (15, 20261122, 36),
        (3, 20261122, 36),
        (1, 20150203, 6),
        (1, 20150204, 12),
    ],
)
def test_the_longest_term_is_that_of_its_day(item: int, day: int, months: int) -> None:
    assert months_max(item, day) == months


@pytest.mark.parametrize(("item", "day"), [(6, 20261122), (1, 20041231)])
def test_what_cannot_be_held_has_none(item: int, day: int) -> None:
    with pytest.raises(LookupError):
        months_max(item, day)
