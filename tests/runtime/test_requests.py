"""What callers send off the hot path: read, or refused by field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chakong.gateway.v1 import gateway_pb2
from gateway.edge.errors import InvalidError
from runtime import requests


def test_bytes_that_are_no_request_are_refused() -> None:
    for message in (b"\xff", b"\x0a\x05ab", b"\x0a\x01\xff"):
        with pytest.raises(InvalidError, match="ListInquiriesRequest"):
            requests.read(gateway_pb2.ListInquiriesRequest, message)


def test_a_page_has_a_default_and_a_limit() -> None:
    assert requests.page_size(0, 100, 1_000) == 100
    assert requests.page_size(1_000, 100, 1_000) == 1_000
    for given_size in (-1, 1_001):
        with pytest.raises(InvalidError, match="page_size: must be 0 to 1000"):
            requests.page_size(given_size, 100, 1_000)


@given(position=st.integers(0, 2**63 - 1), question=st.binary(max_size=20))
def test_a_token_holds_its_place(position: int, question: bytes) -> None:
    token = requests.page_token(question, position)
    assert requests.page_position(token, question, 5) == position
    assert requests.page_position("", question, 5) == 5


@pytest.mark.parametrize("token", ["x", "AAAA", "é", "====", requests.page_token(b"other", 3)])
def test_a_token_of_another_question_is_refused(token: str) -> None:
    with pytest.raises(InvalidError, match="page_token"):
        requests.page_position(token, b"question", 0)


def test_a_token_of_a_row_that_no_database_has_is_refused() -> None:
    last = requests.page_token(b"question", 2**63 - 1)
    assert requests.page_position(last, b"question", 0) == 2**63 - 1
    for position in (2**63, 2**64 - 1):
        with pytest.raises(InvalidError, match="page_token"):
            requests.page_position(requests.page_token(b"question", position), b"question", 0)


def test_a_case_number_has_its_length_in_bytes() -> None:
    assert requests.case_number("案" * 42) == "案" * 42
    for wrong, size in (("", 0), ("案" * 43, 129)):
        with pytest.raises(InvalidError, match=f"case_number: must be 1 to 128 bytes, {size} given"):
            requests.case_number(wrong)
