"""Person: numbers of residents, organisations and passports, against python-stdnum and the calendar."""

import datetime
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import numdb
from stdnum.cn import ric, uscc

from gateway.core.testing import judge_credit_code, judge_passport, judge_resident_id
from tests.gateway.core.samples import unhurried

FORM, DATE, CHECK = 1, 2, 4
TODAY = 20260101
FOR_EVER = 99991231
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ALPHANUMERIC = string.digits + string.ascii_letters

# Counties that stdnum knows in every year; others it refuses before or after their time.
COUNTIES = ["110101", "110105", "120101", "310104"]

years = st.integers(0, 9999).map("{:04}".format) | st.integers(1898, 2030).map(str)
months = st.integers(0, 13).map("{:02}".format)
days = st.integers(0, 32).map("{:02}".format)
dates = st.dates(datetime.date(1890, 1, 1)).map("{:%Y%m%d}".format) | st.tuples(years, months, days).map(
    "".join
)
orders = st.integers(0, 999).map("{:03}".format)
bodies = st.tuples(st.sampled_from(COUNTIES), dates, orders).map("".join)


def resident(body: str) -> str:
    return body + str(ric.calc_check_digit(f"{body}0"))


def credit(body: str) -> str:
    return body + str(uscc.calc_check_digit(body))


def judged(number: str, today: int = TODAY) -> int:
    return judge_resident_id(number.encode(), today)


def test_counties_of_the_comparison_are_known_in_every_year() -> None:
    for county in COUNTIES:
        found = {key: value for _, parts in numdb.get("cn/loc").info(county) for key, value in parts.items()}
        assert not found["county"].startswith("[")


@unhurried
@given(bodies, st.sampled_from("0123456789X"))
def test_resident_id_is_valid_where_stdnum_says_so(body: str, check: str) -> None:
    for number in (body + check, resident(body)):
        faults = judged(number, FOR_EVER)
        assert (faults == 0) is (ric.is_valid(number) and body[6:10] >= "1900")
        assert (faults & CHECK == 0) is (number[17] == ric.calc_check_digit(number))


@unhurried
@given(bodies)
def test_right_check_character_leaves_only_the_date_to_be_wrong(body: str) -> None:
    try:
        born = datetime.date(int(body[6:10]), int(body[10:12]), int(body[12:14]))
        is_right = datetime.date(1900, 1, 1) <= born <= datetime.date(2026, 1, 1)
    except ValueError:
        is_right = False
    assert judged(resident(body)) == (0 if is_right else DATE)


@pytest.mark.parametrize("year", [1899, 1900, 1904, 1999, 2000, 2001, 2024, 2025, 2100])
def test_every_month_and_day_agrees_with_the_calendar(year: int) -> None:
    for month in range(14):
        for day in range(33):
            try:
                is_date = datetime.date(year, month, day).year >= 1900
            except ValueError:
                is_date = False
            number = resident(f"110105{year}{month:02}{day:02}123")
            assert judged(number, FOR_EVER) == (0 if is_date else DATE), number


def test_nobody_is_born_tomorrow() -> None:
    number = resident("11010520260228123")
    assert judged(number, 20260227) == DATE
    assert judged(number, 20260228) == 0
    assert judged(number, 20260301) == 0
    assert judged(number, 0) == DATE


@unhurried
@given(bodies)
def test_one_check_character_of_eleven_is_right(body: str) -> None:
    right = [check for check in "0123456789X" if judged(body + check) & CHECK == 0]
    assert right == [resident(body)[17]]
    assert judged(resident(body).replace("X", "x")) == judged(resident(body))


def test_wrong_date_and_wrong_check_character_are_both_found() -> None:
    right = resident("11010520011332000")
    wrong = right[:17] + ("1" if right[17] == "0" else "0")
    assert judged(right) == DATE
    assert judged(wrong) == DATE | CHECK


@unhurried
@given(st.text(alphabet=ALPHANUMERIC, max_size=21) | st.text(max_size=20))
def test_form_of_a_resident_id_is_seventeen_digits_and_a_check_character(number: str) -> None:
    is_right = (
        len(number) == 18 and set(number[:17]) <= set(string.digits) and number[17] in f"{string.digits}Xx"
    )
    assert (judged(number) == FORM) is not is_right


@unhurried
@given(bodies, st.integers(0, 17), st.characters(codec="utf-8"))
def test_one_foreign_character_spoils_the_form(body: str, place: int, char: str) -> None:
    assume(char not in (f"{string.digits}Xx" if place == 17 else string.digits))
    number = resident(body)
    assert judged(number[:place] + char + number[place + 1 :]) == FORM


@pytest.mark.parametrize(
    "number", ["", "1", "11010519491231002", "11010519491231002XX", " 1010519491231002X"]
)
def test_wrong_length_is_a_wrong_form(number: str) -> None:
    assert judged(number) == FORM


@unhurried
@given(
    st.text(alphabet=string.digits, min_size=8, max_size=8),
    st.text(alphabet=CREDIT_ALPHABET, min_size=9, max_size=9),
    st.sampled_from(CREDIT_ALPHABET),
)
def test_credit_code_is_valid_where_stdnum_says_so(head: str, tail: str, check: str) -> None:
    number = head + tail + check
    assert judge_credit_code(number.encode()) == (0 if uscc.is_valid(number) else CHECK)
    assert judge_credit_code(credit(head + tail).encode()) == 0


@unhurried
@given(st.text(alphabet=ALPHANUMERIC, min_size=16, max_size=20) | st.text(max_size=20))
def test_form_of_a_credit_code_is_eighteen_of_its_alphabet(number: str) -> None:
    is_right = len(number) == 18 and set(number) <= set(CREDIT_ALPHABET)
    assert (judge_credit_code(number.encode()) == FORM) is not is_right


@unhurried
@given(st.text(alphabet=CREDIT_ALPHABET, min_size=17, max_size=17), st.integers(0, 17))
def test_every_byte_but_the_alphabet_spoils_a_credit_code(body: str, place: int) -> None:
    number = bytearray(credit(body).encode())
    for byte in range(256):
        number[place] = byte
        is_known = chr(byte) in CREDIT_ALPHABET
        assert (judge_credit_code(bytes(number)) == FORM) is not is_known


@unhurried
@given(st.text(alphabet=CREDIT_ALPHABET, min_size=17, max_size=17))
def test_one_check_character_of_thirty_one_is_right(body: str) -> None:
    right = [check for check in CREDIT_ALPHABET if judge_credit_code((body + check).encode()) == 0]
    assert right == [credit(body)[17]]


@unhurried
@given(st.text(alphabet=ALPHANUMERIC, max_size=25) | st.text(max_size=20) | st.binary(max_size=25))
def test_passport_is_five_to_twenty_letters_and_digits(number: str | bytes) -> None:
    raw = number if isinstance(number, bytes) else number.encode()
    is_right = 5 <= len(raw) <= 20 and set(raw) <= set(ALPHANUMERIC.encode())
    assert judge_passport(raw) == (0 if is_right else FORM)


def test_every_byte_but_letters_and_digits_spoils_a_passport() -> None:
    wrong = [byte for byte in range(256) if judge_passport(b"P123" + bytes([byte])) == FORM]
    assert wrong == [byte for byte in range(256) if chr(byte) not in ALPHANUMERIC]
