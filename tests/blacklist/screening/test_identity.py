"""Identities: what makes two of them one."""

import pytest

from blacklist.screening._identity import Hasher
from blacklist.screening.folding import folding
from tests.blacklist.screening.model import HASHER

NUMBER = b"11010519491231002X"


def test_hashes_of_number_and_name_do_not_depend_on_each_other() -> None:
    one = HASHER.identity(1, NUMBER, "张三".encode())
    other = HASHER.identity(1, b"310101195202170006", "张三".encode())
    third = HASHER.identity(1, NUMBER, "李四".encode())
    assert one[0] == third[0] != other[0]
    assert one[1] == other[1] != third[1]


def test_type_is_part_of_the_number() -> None:
    # Digits alone can be a passport too.
    assert (
        HASHER.identity(1, b"310101195202170006", b"a")[0]
        != HASHER.identity(3, b"310101195202170006", b"a")[0]
    )


def test_another_key_gives_other_hashes() -> None:
    other = Hasher(b"another key 16 b", folding())
    assert HASHER.identity(1, NUMBER, b"a") != other.identity(1, NUMBER, b"a")


@pytest.mark.parametrize("name", [b"", b" ", "\u3000·".encode(), b"\xff", b"a" * 257])
def test_name_that_names_nobody_is_a_fault(name: bytes) -> None:
    assert HASHER.identity(1, NUMBER, name)[2] == 2


def test_number_is_judged_before_the_name() -> None:
    assert HASHER.identity(1, b"1", b"")[2] == 1


def test_key_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="15 bytes given, 16 allowed"):
        Hasher(b"0" * 15, folding())
