"""Accounts from a file."""

import json

import pytest

from simulator.books.books import Opening
from simulator.books.fixture import FixtureError, openings
from simulator.books.property import Holder

ROW = {
    "institution": 5,
    "item": 1,
    "locator": "62",
    "id_type": 1,
    "id_number": "11010519491231002x",
    "name": "王芳",
}


def test_a_row_becomes_an_opening() -> None:
    rows = [ROW, ROW | {"kind": "wage", "balance_fen": 7, "currency": "USD", "protected_max_fen": 0}]
    holder = Holder(1, "11010519491231002X", "王芳")
    assert openings(json.dumps(rows)) == [
        Opening(5, 1, "62", holder),
        Opening(5, 1, "62", holder, "wage", 7, "USD", 0),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROW | {"colour": 1}, r"accounts\[0\]: \['colour'\] not known"),
        ({"institution": 5}, r"accounts\[0\]\.item: int wanted"),
        (ROW | {"balance_fen": "7"}, r"accounts\[0\]\.balance_fen: int wanted"),
        (ROW | {"item": True}, r"accounts\[0\]\.item: int wanted"),
        (ROW | {"balance_fen": -1}, "at least 0"),
        (5, "an object is wanted"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(row: object, said: str) -> None:
    with pytest.raises(FixtureError, match=said) as caught:
        openings(json.dumps([row]))
    assert "王芳" not in str(caught.value)


def test_only_a_list_is_read() -> None:
    with pytest.raises(FixtureError, match="a list is wanted"):
        openings("{}")
    with pytest.raises(ValueError, match="Expecting"):
        openings("nothing")
