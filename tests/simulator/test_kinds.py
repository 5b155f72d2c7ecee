"""Kinds of account, and what is protected of them."""

import pytest

from chakong.type.v1 import type_pb2
from runtime import data
from simulator.catalogue import DRAWS
from simulator.kinds import Kinds, Protection, province_of

KINDS = Kinds.load()


@pytest.mark.parametrize(
    ("item", "kind", "currency", "province", "protected_fen"),
    [
        (1, "personal", "", 11, 145_000),
        (1, "wage", "", 44, 98_000),
        (7, "personal", "", 62, 80_000),
        (1, "personal", "", 0, 80_000),
        (1, "personal", "USD", 11, 0),
        (1, "general_settlement", "", 11, 0),
        (12, "brokerage", "", 11, 0),
        (1, "migrant_wage_special", "", 11, None),
        (1, "statutory_reserve", "", 11, None),
        (6, "personal", "", 11, 0),
    ],
)
def test_what_is_protected_at_most(
    item: int, kind: str, currency: str, province: int, protected_fen: int | None
) -> None:
    assert KINDS.protected_max_fen(item, kind, currency, province) == protected_fen


def test_a_margin_is_held_and_not_deducted() -> None:
    margin = KINDS.of(1, "margin")
    assert (margin.can_freeze, margin.can_deduct, margin.protection) == (True, False, Protection.NONE)


def test_accounts_are_the_items_that_take_the_hold_of_a_deposit() -> None:
    assert KINDS.account_items == {row["code"] for row in data.items() if row["term"] == "deposit"}


def test_every_kind_of_the_law_that_the_population_draws_is_known() -> None:
    drawn = {kind for draw in DRAWS if draw.item == 1 for kind in draw.kinds}
    assert drawn <= KINDS.by_key.keys()


@pytest.mark.parametrize(
    ("id_type", "number", "province"),
    [
        (type_pb2.ID_TYPE_RESIDENT_ID, "11010519491231002X", 11),
        (type_pb2.ID_TYPE_CREDIT_CODE, "91330106MA2B1C3D4E", 33),
        (type_pb2.ID_TYPE_PASSPORT, "33330106", 0),
        (type_pb2.ID_TYPE_RESIDENT_ID, "x1", 0),
        (type_pb2.ID_TYPE_CREDIT_CODE, "9", 0),
    ],
)
def test_the_province_is_in_the_number(id_type: int, number: str, province: int) -> None:
    assert province_of(id_type, number) == province
