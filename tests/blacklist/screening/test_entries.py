"""Rows as the store hands them over: what is taken, refused, or a mistake of ours."""

import pytest

from blacklist.screening._snapshot import Base
from tests.blacklist.screening.model import HASHER, TODAY, row


def test_row_of_nobody_is_left_out_and_named_by_its_listing() -> None:
    bad_number = (1, b"110105194912310021", "张三", 5, 1, 0, TODAY, None)
    bad_name = (1, b"11010519491231002X", "·", 6, 1, 0, TODAY, None)
    base = Base.of_entries(HASHER, [row(listing_id=4), bad_number, bad_name])
    assert (base.entry_count, base.refused) == (1, (5, 6))


def test_any_sequence_is_a_row() -> None:
    assert Base.of_entries(HASHER, (list(one) for one in [row()])).entry_count == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (row(listing_id=2**40), r"listing id: 1099511627776 given, below 2\*\*40"),
        (row(kinds=0), "listing 1: kinds 0"),
        (row(kinds=8), "listing 1: kinds 8"),
        (row(bound=4), "bound 4 given"),
        (row(since_day=65_535), "listing 1: day 65535 given"),
        (row(until_day=65_536), "listing 1: day 65536 given"),
    ],
)
def test_row_beyond_the_limits_is_a_mistake_that_names_the_listing_alone(
    wrong: tuple[object, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        Base.of_entries(HASHER, [wrong])
    assert "张三" not in str(caught.value)


def test_row_of_another_length_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="unpack"):
        Base.of_entries(HASHER, [row()[:7]])


@pytest.mark.parametrize(("listing_id", "until_day"), [(2**40 - 1, None), (0, 0), (2**32, 65_534)])
def test_rows_at_the_limits_are_taken(listing_id: int, until_day: int | None) -> None:
    assert Base.of_entries(HASHER, [row(listing_id=listing_id, until_day=until_day)]).refused == ()
