"""Model: frozen, and a unit is what has no province."""

from dataclasses import FrozenInstanceError

import pytest

from gateway.directory.model import CAPABILITY_BITS, INQUIRE, Institution


def institution(province: str) -> Institution:
    return Institution(0, "k", "z", "city_bank", province, 0, (1,), frozenset({INQUIRE}))


def test_unit_has_no_province() -> None:
    assert institution("").is_unit
    assert not institution("33").is_unit


def test_institution_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        institution("33").key = "other"  # type: ignore[misc]


def test_each_capability_has_a_bit_of_its_own() -> None:
    assert sorted(CAPABILITY_BITS.values()) == [1, 2, 4]
