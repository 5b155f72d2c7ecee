"""Which numbers can be somebody's: beside python-stdnum."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from benchmarks.subjects import resident_id
from tests.blacklist.screening.model import HASHER, PEOPLE

RESIDENT_ID, CREDIT_CODE, PASSPORT = 1, 2, 3


def is_good(id_type: int, number: bytes) -> bool:
    return HASHER.identity(id_type, number, b"x")[2] == 0


@settings(deadline=None)
@given(number=st.integers(0, 159_999_999))
def test_resident_ids_are_good_and_one_wrong_digit_makes_them_bad(number: int) -> None:
    text = resident_id(number)
    assert ric.calc_check_digit(text) == text[-1]
    assert is_good(RESIDENT_ID, text.encode())
    place = number % 17
    wrong = text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]
    assert not is_good(RESIDENT_ID, wrong.encode())


@settings(deadline=None)
@given(
    body=st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17),
    check=st.sampled_from("0123456789ABCX"),
)
def test_credit_codes_are_judged_by_their_check_character(body: str, check: str) -> None:
    right = uscc.calc_check_digit(body)
    assert is_good(CREDIT_CODE, (body + right).encode())
    assert is_good(CREDIT_CODE, (body + check).encode()) == (check == right)


@pytest.mark.parametrize(("id_type", "number"), PEOPLE)
def test_people_of_the_tests_are_good(id_type: int, number: str) -> None:
    assert is_good(id_type, number.encode())


def test_small_letters_are_the_same_number() -> None:
    assert HASHER.identity(1, b"11010519491231002x", b"a") == HASHER.identity(1, b"11010519491231002X", b"a")
    assert HASHER.identity(3, b"e1234567", b"a") == HASHER.identity(3, b"E1234567", b"a")


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        (RESIDENT_ID, b""),
        (RESIDENT_ID, b"11010519491231002"),
        (RESIDENT_ID, b"11010519491231002X "),
        (RESIDENT_ID, b"1101051949123100AX"),
        (RESIDENT_ID, b"110105194902300025"),
        (RESIDENT_ID, b"110105189902010020"),
        (CREDIT_CODE, b"9111000060003734IL"),
        (CREDIT_CODE, b"91110000600037341"),
        (PASSPORT, b"E123"),
        (PASSPORT, b"E12345678901234567890"),
        (PASSPORT, b"E1234-78"),
        (PASSPORT, "Ｅ1234".encode()),
        (0, b"E12345678"),
        (4, b"E12345678"),
        (2**32 + 1, b"11010519491231002X"),
    ],
)
def test_what_can_be_no_number_of_its_type_is_a_fault(id_type: int, number: bytes) -> None:
    if id_type >> 32:
        with pytest.raises(OverflowError):
            is_good(id_type, number)
    else:
        assert HASHER.identity(id_type, number, b"x") == (0, 0, 1)


@pytest.mark.parametrize("day", ["19000228", "20000229", "19960229", "20240131"])
def test_days_of_the_calendar_are_birthdays(day: str) -> None:
    assert is_good(RESIDENT_ID, with_check(day))


@pytest.mark.parametrize(
    "day", ["19000229", "20010229", "19960230", "20240431", "20241301", "20240100", "18991231"]
)
def test_other_days_are_not(day: str) -> None:
    assert not is_good(RESIDENT_ID, with_check(day))


def with_check(day: str) -> bytes:
    body = f"110105{day}002"
    return (body + ric.calc_check_digit(body + "0")).encode()
