"""JSON in and out: every fault by its field, and nothing of a person in any of them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blacklist.public.body import read_body, write_answer, write_call_error, write_error
from chakong.blacklist.v1 import listings_pb2, public_pb2
from runtime.errors import FullError, InvalidError

NUMBER = "11010519491231002X"
GOOD = {"id_type": "resident_id", "id_number": NUMBER, "name": "张三"}


def faults_of(body: bytes) -> list[str]:
    with pytest.raises(InvalidError) as raised:
        read_body(body)
    assert NUMBER not in raised.value.message + repr(raised.value.faults)
    return [fault.field for fault in raised.value.faults]


def test_question_is_read_as_it_was_meant() -> None:
    assert read_body(json.dumps(GOOD).encode()) == (1, NUMBER, "张三")
    assert read_body(json.dumps(GOOD | {"id_type": "passport"}).encode())[0] == 3


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"", ["body"]),
        (b"[]", ["body"]),
        (b"\xff", ["body"]),
        (b"[" * 4_000, ["body"]),
        (b'{"name": "a", "name": "b"}', ["body"]),
        (json.dumps(GOOD | {"more": 1}).encode(), ["body"]),
        (b"{}", ["id_type", "id_number", "name"]),
        (json.dumps(GOOD | {"id_type": NUMBER}).encode(), ["id_type"]),
        (json.dumps(GOOD | {"id_type": ["resident_id"]}).encode(), ["id_type"]),
        (json.dumps(GOOD | {"id_number": 5, "name": None}).encode(), ["id_number", "name"]),
        (b'{"id_type": "resident_id", "id_number": "1", "name": "\\ud800"}', ["name"]),
    ],
)
def test_what_is_wrong_is_told_by_field(body: bytes, fields: list[str]) -> None:
    assert faults_of(body) == fields


@given(
    st.binary(max_size=100)
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(
        lambda value: json.dumps(value).encode()
    )
)
def test_any_body_is_a_question_or_a_fault(body: bytes) -> None:
    with pytest.raises(InvalidError):
        read_body(body)


def test_answer_has_all_fields_of_the_contract() -> None:
    listing = public_pb2.PublicListing(kind=listings_pb2.LISTING_KIND_LISTED, name="张*", since=20261101)
    found = json.loads(write_answer(public_pb2.LookUpResponse(version=7, listings=[listing])))
    assert found["version"] == "7"
    (one,) = found["listings"]
    assert (one["kind"], one["name"], one["since"], one["until"]) == (
        "LISTING_KIND_LISTED",
        "张*",
        20261101,
        0,
    )
    none = json.loads(write_answer(public_pb2.LookUpResponse(version=7)))
    assert none == {"version": "7", "as_of_ns": "0", "listings": []}


def test_error_names_code_fields_and_delay() -> None:
    found = json.loads(write_call_error(FullError("look-ups: too many", retry_ms=1_500)))
    assert found == {
        "error": {
            "code": "RESOURCE_EXHAUSTED",
            "message": "look-ups: too many",
            "fields": [],
            "retry_after_ms": 1_500,
        }
    }
    assert json.loads(write_error("NOT_FOUND", "path"))["error"]["code"] == "NOT_FOUND"
