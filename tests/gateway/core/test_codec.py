"""Codec: an inquiry is readable, and has in its fields, what the protobuf runtime says."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.type.v1 import type_pb2 as types
from gateway.core.testing import parse_inquiry
from tests.gateway.core.samples import (
    COURT,
    TODAY,
    bent,
    cut,
    good_inquiries,
    has_group,
    inquiries,
    messages,
    runtime_reads,
    sample,
    unhurried,
    varint,
)

ITEMS_ALL = 2**25 - 1
LIST_MAX = 4096
MALFORMED = [(gateway.REASON_MALFORMED, "")]

many = settings(unhurried, max_examples=400)


def parsed(raw: bytes) -> dict[str, object]:
    return parse_inquiry(raw, COURT.encode(), TODAY)


def institutions_kept(scope: gateway.Scope) -> list[int]:
    """The list of a LIST scope; of indexes that no directory has, only the highest."""
    if scope.reach != gateway.REACH_LIST:
        return []
    came = list(scope.institutions)[:LIST_MAX]
    if all(one < other for one, other in pairwise(came)):
        return came
    return sorted({index for index in came if index < LIST_MAX} | ({max(came)} - set(range(LIST_MAX))))


def items_mask(codes: list[int]) -> int:
    return sum(1 << (code - 1) for code in set(codes) & set(range(1, 26))) if codes else ITEMS_ALL


def number_kept(subject: types.Subject, faults: list[tuple[int, str]]) -> str:
    is_resident = subject.id_type == types.ID_TYPE_RESIDENT_ID
    if is_resident and (gateway.REASON_BAD_LENGTH, "subject.id_number") not in faults:
        return subject.id_number.replace("x", "X")
    return subject.id_number


def expected(inquiry: gateway.Inquiry, faults: list[tuple[int, str]]) -> dict[str, object]:
    mandate, subject, scope = inquiry.mandate, inquiry.subject, inquiry.scope
    is_province = scope.reach == gateway.REACH_PROVINCE
    has_code = is_province and (gateway.REASON_UNKNOWN_VALUE, "scope.province") not in faults
    return {
        "order_id": inquiry.order_id.encode(),
        "court_code": inquiry.court_code.encode(),
        "mandate_court_code": mandate.court_code.encode(),
        "case_number": mandate.case_number.encode(),
        "instrument_number": mandate.instrument_number.encode(),
        "officer_id": mandate.officer_id.encode(),
        "id_number": number_kept(subject, faults).encode(),
        "name": subject.name.encode(),
        "province": scope.province.encode(),
        "instrument_kind": mandate.instrument_kind % 2**32,
        "debtor_role": mandate.debtor_role % 2**32,
        "id_type": subject.id_type % 2**32,
        "reach": scope.reach % 2**32,
        "province_code": int(scope.province) if has_code else 0,
        "urgency": inquiry.urgency % 2**32 or gateway.URGENCY_NORMAL,
        "items": items_mask(list(inquiry.items)),
        "freshness_s": inquiry.freshness_s if inquiry.HasField("freshness_s") else 86_400,
        "deadline_s": inquiry.deadline_s,
        "claim_fen": inquiry.claim_fen,
        "institutions": institutions_kept(scope),
    }


def assert_agrees_with_runtime(raw: bytes) -> bool:
    """Whether it was readable."""
    fields = parsed(raw)
    faults = fields.pop("faults")
    first_reason = fields.pop("first_reason")
    assert isinstance(faults, list)
    assert first_reason == min((reason for reason, _ in faults), default=0)
    inquiry = runtime_reads(raw)
    if inquiry is None:
        assert faults == MALFORMED
        return False
    if has_group(inquiry):
        assert faults == MALFORMED
        return False
    assert (gateway.REASON_MALFORMED, "") not in faults
    assert fields == expected(inquiry, faults)
    return True


@many
@given(inquiries())
def test_inquiry_that_the_runtime_wrote_is_read_the_same(inquiry: gateway.Inquiry) -> None:
    assert assert_agrees_with_runtime(inquiry.SerializeToString())


@many
@given(inquiries().map(gateway.Inquiry.SerializeToString).flatmap(cut))
def test_cut_inquiry_is_read_or_refused_as_by_the_runtime(raw: bytes) -> None:
    assert_agrees_with_runtime(raw)


@many
@given((inquiries() | good_inquiries).map(gateway.Inquiry.SerializeToString).flatmap(bent))
def test_bent_inquiry_is_read_or_refused_as_by_the_runtime(raw: bytes) -> None:
    assert_agrees_with_runtime(raw)


@many
@given(messages | st.binary(max_size=40))
def test_fields_in_any_order_of_any_type_are_read_or_refused_as_by_the_runtime(raw: bytes) -> None:
    assert_agrees_with_runtime(raw)


@many
@given(st.lists(inquiries().map(gateway.Inquiry.SerializeToString), min_size=2, max_size=3).map(b"".join))
def test_inquiries_one_after_the_other_merge_as_in_the_runtime(raw: bytes) -> None:
    assert assert_agrees_with_runtime(raw)


def test_every_prefix_is_read_or_refused_as_by_the_runtime() -> None:
    raw = sample().SerializeToString()
    readable = [end for end in range(len(raw) + 1) if assert_agrees_with_runtime(raw[:end])]
    assert 5 < len(readable) < len(raw)


@pytest.mark.parametrize(
    "rest", [b"\x00", b"\x0a", b"\x0a\x01", b"\x7a\x00", b"\xfa\x01\x01z", b"\x0c", b"\x63\x64"]
)
def test_trailing_bytes_are_read_or_refused_as_by_the_runtime(rest: bytes) -> None:
    assert_agrees_with_runtime(sample().SerializeToString() + rest)


def test_unreadable_inquiry_has_one_fault_and_no_field() -> None:
    fields = parsed(sample().SerializeToString() + b"\x0a")
    assert fields["faults"] == MALFORMED
    assert (fields["order_id"], fields["items"], fields["institutions"]) == (b"", 0, [])


def test_bad_text_is_unreadable_even_where_good_text_follows() -> None:
    raw = sample().SerializeToString()
    assert parsed(b"\x0a\x01\xff" + raw)["faults"] == MALFORMED
    assert parsed(b"\x2a\x03\x12\x01\x80" + raw)["faults"] == MALFORMED
    assert parsed(b"\x7a\x01\xff" + raw)["faults"] == []


def test_list_packed_unpacked_and_in_two_scopes_is_one_list() -> None:
    once = gateway.Inquiry(
        scope=gateway.Scope(reach=gateway.REACH_LIST, institutions=[7, 9])
    ).SerializeToString()
    loose = b"\x2a\x06\x18\x05\x18\x07\x18\x00"
    assert parsed(once + loose)["institutions"] == [0, 5, 7, 9]
    assert assert_agrees_with_runtime(once + loose)


def test_list_is_dropped_where_the_scope_is_no_list() -> None:
    inquiry = sample()
    inquiry.scope.reach = gateway.REACH_ALL
    inquiry.scope.institutions.extend(range(5000))
    fields = parsed(inquiry.SerializeToString())
    assert (fields["institutions"], fields["faults"]) == ([], [])


@pytest.mark.parametrize("step", [1, -1])
def test_longest_list_is_taken_whole(step: int) -> None:
    inquiry = sample()
    inquiry.scope.institutions[:] = range(LIST_MAX)[::step]
    fields = parsed(inquiry.SerializeToString())
    assert (fields["institutions"], fields["faults"]) == (list(range(LIST_MAX)), [])


@pytest.mark.parametrize("count", [LIST_MAX + 1, 3 * LIST_MAX, 1_000_000])
def test_longer_list_is_a_fault_and_overflows_nothing(count: int) -> None:
    body = b"\x08\x05\x1a" + varint(count) + bytes([1]) * count
    raw = sample().SerializeToString() + b"\x2a" + varint(len(body)) + body
    fields = parsed(raw)
    assert fields["faults"] == [(gateway.REASON_TOO_LONG, "scope.institutions")]
    assert fields["institutions"] == [1, 3, 2000]


def test_indexes_that_no_directory_has_leave_their_highest() -> None:
    inquiry = sample()
    inquiry.scope.institutions[:] = [70_000, 5, 2**32 - 1, 4096, 4095]
    assert parsed(inquiry.SerializeToString())["institutions"] == [5, 4095, 2**32 - 1]


def test_numbers_are_cut_to_their_width_as_in_the_runtime() -> None:
    for raw in (b"\x38" + varint(2**32 + 1), b"\x30" + varint(2**32 + 5), b"\x40" + varint(2**40 + 60)):
        assert assert_agrees_with_runtime(sample().SerializeToString() + raw)


def test_freshness_zero_is_not_the_default() -> None:
    inquiry = sample()
    inquiry.freshness_s = 0
    assert parsed(inquiry.SerializeToString())["freshness_s"] == 0
    inquiry.ClearField("freshness_s")
    assert parsed(inquiry.SerializeToString())["freshness_s"] == 86_400
