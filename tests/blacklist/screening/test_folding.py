"""The table: every character becomes one character or none."""

from array import array

import pytest

from blacklist.screening.folding import CHARACTERS, SURROGATES, folding, table


@pytest.fixture(scope="module")
def numbers() -> "array[int]":
    return array("H", table())


def test_every_character_has_its_place(numbers: "array[int]") -> None:
    assert len(numbers) == CHARACTERS


@pytest.mark.parametrize(
    ("one", "other"),
    [("國", "国"), ("Ａ", "a"), ("Z", "z"), ("（", "("), ("張", "张"), ("ｱ", "ア"), ("Ω", "ω"), ("豈", "岂")],
)
def test_variants_fold_to_one(numbers: "array[int]", one: str, other: str) -> None:
    assert numbers[ord(one)] == numbers[ord(other)] == ord(other)


@pytest.mark.parametrize("character", " \u3000\u00a0·•‧⋅・.．\u200b\t\n\x00")
def test_separators_are_dropped(numbers: "array[int]", character: str) -> None:
    assert numbers[ord(character)] == 0


@pytest.mark.parametrize("character", ["张", "-", "'", "é", "½", "㈱"])
def test_what_counts_or_would_become_several_stays(numbers: "array[int]", character: str) -> None:
    assert numbers[ord(character)] == ord(character)


def test_nothing_becomes_a_surrogate(numbers: "array[int]") -> None:
    assert [
        place for place in range(CHARACTERS) if numbers[place] in SURROGATES and place not in SURROGATES
    ] == []


def test_folding_is_made_once() -> None:
    assert folding() is folding()
