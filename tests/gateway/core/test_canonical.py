"""Canonical: what is written is the runtime's own bytes, and only what was written is read back."""

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.journal.v1 import journal_pb2 as journal
from chakong.type.v1 import type_pb2 as types
from gateway.core.testing import parse_admitted, put_admitted, put_content, read_varint, skip_field
from tests.gateway.core.samples import (
    COURT,
    TODAY,
    bent,
    cut,
    good_inquiries,
    sample,
    set_field,
    unhurried,
    varint,
)

HASH = bytes(range(16))
DEADLINE_NS = 1_767_326_400_000_000_000
INQUIRIES = b"\x22"  # Admission.inquiries
ITEMS_ALL = 2**25 - 1

many = settings(unhurried, max_examples=150)


def expected(
    inquiry: gateway.Inquiry, content_hash: bytes = HASH, deadline_ns: int = DEADLINE_NS
) -> journal.Admitted:
    """The same, made field by field with the runtime."""
    entry = institution.Entry(mandate=inquiry.mandate, subject=inquiry.subject)
    entry.mandate.court_code = inquiry.court_code
    entry.subject.id_number = inquiry.subject.id_number.replace("x", "X")
    items = sorted(set(inquiry.items))
    if len(items) < 25:
        entry.items.extend(items)
    scope = gateway.Scope(reach=inquiry.scope.reach)
    if scope.reach == gateway.REACH_PROVINCE:
        scope.province = inquiry.scope.province
    if scope.reach == gateway.REACH_LIST:
        scope.institutions.extend(sorted(set(inquiry.scope.institutions)))
    return journal.Admitted(
        entry=entry,
        order_id=inquiry.order_id,
        content_hash=content_hash,
        scope=scope,
        urgency=inquiry.urgency or gateway.URGENCY_NORMAL,
        deadline_ns=deadline_ns,
        freshness_s=inquiry.freshness_s if inquiry.HasField("freshness_s") else 86_400,
        claim_fen=inquiry.claim_fen,
    )


def written(
    inquiry: gateway.Inquiry, content_hash: bytes = HASH, deadline_ns: int = DEADLINE_NS, before: bytes = b""
) -> bytes:
    raw = inquiry.SerializeToString()
    return put_admitted(raw, COURT.encode(), TODAY, content_hash, deadline_ns, before)


def body(inquiry: gateway.Inquiry) -> bytes:
    return expected(inquiry).SerializeToString(deterministic=True)


def content(inquiry: gateway.Inquiry, today: int = TODAY) -> bytes:
    return put_content(inquiry.SerializeToString(), COURT.encode(), today)


@many
@given(
    good_inquiries, st.binary(min_size=16, max_size=16), st.integers(1, 2**64 - 1), st.binary(max_size=100)
)
def test_admitted_inquiry_has_the_bytes_that_the_runtime_writes(
    inquiry: gateway.Inquiry, content_hash: bytes, deadline_ns: int, before: bytes
) -> None:
    raw = expected(inquiry, content_hash, deadline_ns).SerializeToString(deterministic=True)
    assert written(inquiry, content_hash, deadline_ns, before) == before + INQUIRIES + varint(len(raw)) + raw


def test_inquiries_of_a_frame_are_the_runtime_s_admission() -> None:
    one, other = sample(), sample()
    other.order_id = "0105-2026-0000002"
    admission = journal.Admission(inquiries=[expected(one), expected(other)])
    assert written(other, before=written(one)) == admission.SerializeToString(deterministic=True)


def test_longest_list_and_largest_numbers_are_written_whole() -> None:
    inquiry = sample()
    inquiry.scope.institutions[:] = range(4095, -1, -1)
    inquiry.claim_fen = 2**63 - 1
    assert written(inquiry) == INQUIRIES + varint(len(body(inquiry))) + body(inquiry)
    assert fields(body(inquiry))["institutions"] == list(range(4096))


def fields(raw: bytes) -> dict[str, object]:
    read = parse_admitted(raw)
    assert read is not None
    return read


@many
@given(good_inquiries)
def test_what_was_written_is_read_back(inquiry: gateway.Inquiry) -> None:
    raw, admitted = body(inquiry), expected(inquiry)
    entry = admitted.entry.SerializeToString(deterministic=True)
    items = sum(1 << (code - 1) for code in admitted.entry.items) or ITEMS_ALL
    assert fields(raw) == {
        "entry": b"\x12" + varint(len(entry)) + entry,
        "entry_body": entry,
        "order_id": inquiry.order_id.encode(),
        "content_hash": HASH,
        "id_number": admitted.entry.subject.id_number.encode(),
        "name": inquiry.subject.name.encode(),
        "case_number": inquiry.mandate.case_number.encode(),
        "id_type": inquiry.subject.id_type,
        "reach": inquiry.scope.reach,
        "province_code": int(admitted.scope.province or "0"),
        "urgency": admitted.urgency,
        "items": items,
        "freshness_s": admitted.freshness_s,
        "deadline_ns": DEADLINE_NS,
        "institutions": list(admitted.scope.institutions),
    }


def runtime_s_bytes(raw: bytes) -> bytes | None:
    """What the runtime makes of it; None: it does not read it."""
    try:
        return journal.Admitted.FromString(raw).SerializeToString(deterministic=True)
    except DecodeError:
        return None


def has_only_text(raw: bytes) -> bool:
    """Whether every string of an Admitted that was read is UTF-8."""
    read = fields(raw)
    try:
        institution.Entry.FromString(read["entry_body"])  # type: ignore[arg-type]
        str(read["order_id"], "utf-8")  # type: ignore[call-overload]
    except (DecodeError, UnicodeDecodeError):
        return False
    return True


@many
@given(
    good_inquiries.map(body).flatmap(bent) | good_inquiries.map(body).flatmap(cut) | st.binary(max_size=40)
)
def test_nothing_but_canonical_bytes_is_read_back(raw: bytes) -> None:
    """What its strings say is left to the frame's CRC."""
    if parse_admitted(raw) is not None:
        assert runtime_s_bytes(raw) == (raw if has_only_text(raw) else None)


def test_no_prefix_and_no_trailing_byte_is_read_back() -> None:
    inquiry = sample()
    inquiry.claim_fen = 0
    raw = body(inquiry)
    # The last field is one that a faultless inquiry may leave out.
    whole = [end for end in range(len(raw) + 1) if parse_admitted(raw[:end]) is not None]
    assert whole == [len(raw) - len(b"\x40\x90\x1c"), len(raw)]
    assert [parse_admitted(raw + bytes([byte])) for byte in range(256)] == [None] * 256


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("order_id", ""),
        ("content_hash", bytes(15)),
        ("content_hash", bytes(17)),
        ("urgency", 0),
        ("deadline_ns", 0),
        ("urgency", 4),
        ("claim_fen", -1),
        ("entry.kind", 1),
        ("entry.mandate.case_number", ""),
        ("entry.mandate.instrument_kind", 3),
        ("entry.mandate.debtor_role", 2),
        ("entry.subject.id_type", 4),
        ("entry.subject.id_number", ""),
        ("entry.subject.id_number", "1" * 21),
        ("entry.subject.name", ""),
        ("entry.subject.name", "a" * 257),
        ("entry.items", [5, 5]),
        ("entry.items", [6, 5]),
        ("entry.items", [26]),
        ("entry.items", list(range(1, 26))),
        ("entry.institutions", [1]),
        ("scope.reach", 0),
        ("scope.reach", 6),
        ("scope.province", "33"),
        ("scope.institutions", []),
        ("scope.institutions", [2, 1]),
        ("scope.institutions", [1, 1]),
        ("scope.institutions", list(range(4097))),
        ("entry.mandate.case_number", "9" * 65_536),
    ],
)
def test_runtime_s_bytes_of_what_no_inquiry_becomes_are_refused(path: str, value: object) -> None:
    admitted = expected(sample())
    set_field(admitted, path, value)
    assert parse_admitted(admitted.SerializeToString(deterministic=True)) is None


@pytest.mark.parametrize("tag", [b"\x12", b"\x1a", b"\x22", b"\x2a", b"\x30", b"\x40", b"\x48"])
def test_number_or_length_with_a_needless_byte_is_refused(tag: bytes) -> None:
    """The runtime reads it; put_admitted does not write it."""
    raw = body(sample())
    assert [part[:1] for part in parts(raw)].count(tag) == 1
    changed = b"".join(with_needless_byte(part) if part[:1] == tag else part for part in parts(raw))
    assert runtime_s_bytes(changed) == raw
    assert parse_admitted(changed) is None


def with_needless_byte(field: bytes) -> bytes:
    read = read_varint(field[1:])
    assert read is not None
    value, size = read
    return field[:1] + varint(value, spare_bytes=1) + field[1 + size :]


def parts(raw: bytes) -> list[bytes]:
    """The fields of a message, each with its tag."""
    found = []
    while raw:
        size = skip_field(raw[1:], raw[0] & 7)
        assert size is not None
        found.append(raw[: 1 + size])
        raw = raw[1 + size :]
    return found


# -- content


def without_order(inquiry: gateway.Inquiry) -> bytes:
    """The runtime's bytes of all that content is about."""
    admitted = expected(inquiry, deadline_ns=inquiry.deadline_s)
    admitted.order_id = ""
    return admitted.SerializeToString(deterministic=True)


@many
@given(good_inquiries, good_inquiries)
def test_content_is_equal_exactly_where_all_but_the_order_id_is(
    one: gateway.Inquiry, other: gateway.Inquiry
) -> None:
    assert (content(one) == content(other)) is (without_order(one) == without_order(other))


@many
@given(good_inquiries, good_inquiries, st.data())
def test_content_tells_inquiries_apart_that_differ_in_one_field(
    one: gateway.Inquiry, other: gateway.Inquiry, data: st.DataObject
) -> None:
    mixed = gateway.Inquiry.FromString(one.SerializeToString())
    name = data.draw(st.sampled_from([field.name for field in one.DESCRIPTOR.fields]))
    mixed.ClearField(name)  # type: ignore[arg-type]
    donor = gateway.Inquiry()
    donor.CopyFrom(other)
    for field in one.DESCRIPTOR.fields:
        if field.name != name:
            donor.ClearField(field.name)  # type: ignore[arg-type]
    mixed.MergeFrom(donor)
    assert (content(one) == content(mixed)) is (without_order(one) == without_order(mixed))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("mandate.case_number", "(2026)京0105执10002号"),
        ("mandate.instrument_number", "(2026)京0105执通2号"),
        ("mandate.instrument_kind", 2),
        ("mandate.officer_id", "0105004"),
        ("subject.id_number", "610102200412140375"),
        ("subject.name", "曹明明"),
        ("scope.reach", gateway.REACH_ALL),
        ("scope.institutions", [1, 3]),
        ("scope.institutions", [1, 3, 2001]),
        ("items", [5, 14]),
        ("urgency", gateway.URGENCY_PATROL),
        ("freshness_s", 0),
        ("deadline_s", 86_401),
        ("claim_fen", 75_187_927 + 2**32),
    ],
)
def test_content_changes_with_every_field(path: str, value: object) -> None:
    inquiry = sample()
    set_field(inquiry, path, value)
    assert content(inquiry)[:4] == content(sample())[:4]
    assert content(inquiry)[4:] != content(sample())[4:]


def test_content_tells_scopes_apart_that_name_nobody() -> None:
    inquiry, contents = sample(), set[bytes]()
    for reach in (gateway.REACH_ALL, gateway.REACH_BANKS, gateway.REACH_UNITS):
        inquiry.scope.reach = reach
        contents.add(content(inquiry))
    assert len(contents) == 3


def test_content_changes_with_the_province_and_the_kind_of_number() -> None:
    inquiry = sample()
    inquiry.subject.id_type, inquiry.subject.id_number = types.ID_TYPE_PASSPORT, "93370102FX9A4UWCQ0"
    inquiry.scope.reach, inquiry.scope.province = gateway.REACH_PROVINCE, "33"
    elsewhere, otherwise = gateway.Inquiry(), gateway.Inquiry()
    elsewhere.CopyFrom(inquiry)
    elsewhere.scope.province = "32"
    otherwise.CopyFrom(inquiry)
    otherwise.subject.id_type = types.ID_TYPE_CREDIT_CODE
    assert len({content(inquiry), content(elsewhere), content(otherwise)}) == 3


def test_content_is_the_same_however_it_was_said() -> None:
    one = sample()
    one.items[:] = range(1, 26)
    one.subject.id_number = "11010519491231002x"
    one.urgency, one.freshness_s, one.order_id = gateway.URGENCY_NORMAL, 86_400, "a"
    other = sample()
    other.items[:] = []
    other.scope.institutions[:] = [2000, 3, 3, 1, 1]
    other.scope.province = "33"
    other.mandate.court_code = ""
    other.order_id = "b"
    other.ClearField("urgency")
    other.ClearField("freshness_s")
    assert content(one) == content(other)


def test_content_of_one_with_a_fault_is_never_that_of_a_good_one() -> None:
    good = sample()
    good.scope.institutions[:] = [1]
    for fault in ("items", "institutions", "mandate"):
        bad = sample()
        bad.scope.institutions[:] = [1] * 4096 + [2] if fault == "institutions" else [1]
        if fault == "items":
            bad.items.append(99)
        if fault == "mandate":
            bad.mandate.court_code = "京0106"
        assert content(bad) != content(good)


def test_content_keeps_texts_apart() -> None:
    one, other = sample(), sample()
    one.mandate.case_number, one.mandate.instrument_number = "ab", "c"
    other.mandate.case_number, other.mandate.instrument_number = "a", "bc"
    assert content(one) != content(other)


def test_content_does_not_change_with_the_day() -> None:
    assert content(sample(), 20260101) == content(sample(), 20300101)
