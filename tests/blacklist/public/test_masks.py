"""A mask shows little, always the same places, and never more when it is masked again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blacklist.public.masks import COVER, SHOWN_PART, masked_name, masked_number

NAMES = st.text(min_size=1, max_size=64)
NUMBERS = st.text("0123456789ABCXYZ", min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("name", "masked"), [("张三", "张*"), ("欧阳娜娜", "欧***"), ("李", "*"), ("e\u0301a", "***"), ("", "")]
)
def test_name_shows_its_first_character_alone(name: str, masked: str) -> None:
    assert masked_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("11010519491231002X", "1101*************X"),
        ("91350100M000100Y43", "9135*************3"),
        ("E12345678", "E1******8"),
        ("E1234", "****4"),
        ("12", "**"),
    ],
)
def test_number_shows_no_birth_date_and_no_sequence(number: str, masked: str) -> None:
    assert masked_number(number) == masked


@given(NAMES)
def test_masked_name_is_as_long_and_stays_masked(name: str) -> None:
    masked = masked_name(name)
    assert len(masked) == len(name)
    assert set(masked[1:]) <= {COVER}
    assert masked[0] in (name[0], COVER)
    assert masked_name(masked) == masked


@given(NUMBERS)
def test_masked_number_is_as_long_and_shows_at_most_a_third(number: str) -> None:
    masked = masked_number(number)
    assert len(masked) == len(number)
    shown = [at for at, one in enumerate(masked) if one != COVER]
    assert len(shown) <= min(5, len(number) // SHOWN_PART)
    assert all(masked[at] == number[at] for at in shown)
    assert masked_number(masked) == masked


@given(st.text("0123456789", min_size=12, max_size=12), st.text("0123456789", min_size=12, max_size=12))
def test_numbers_that_differ_only_where_it_is_covered_look_alike(one: str, other: str) -> None:
    assert masked_number(f"1101{one}05X") == masked_number(f"1101{other}05X")
