"""Wire: strings, numbers and fields are read and written as the protobuf runtime does."""

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.journal.v1 import journal_pb2 as journal
from gateway.core.testing import (
    is_text,
    is_utf8,
    put_fields,
    read_fixed64,
    read_slice,
    read_tag,
    read_varint,
    skip_field,
    write_varint,
)
from tests.gateway.core.samples import unhurried, varint

CLAIM = b"\x50"  # Inquiry.claim_fen, a number
UNKNOWN = 15  # a field number that Inquiry does not have


def decodes(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@unhurried
@given(st.binary(max_size=40) | st.text(max_size=20).map(str.encode))
def test_any_bytes_are_text_where_python_decodes_them(raw: bytes) -> None:
    assert is_utf8(raw) is decodes(raw)


@unhurried
@given(st.text(min_size=1, max_size=20), st.integers(0, 79), st.binary(max_size=2))
def test_text_with_a_few_bytes_changed_is_judged_as_python_does(text: str, at: int, piece: bytes) -> None:
    raw = text.encode()
    at %= len(raw)
    bent = raw[:at] + piece + raw[at + 1 :]
    assert is_utf8(bent) is decodes(bent)


@pytest.mark.parametrize("size", range(1, 26))
def test_text_may_hold_no_nul_and_no_broken_character_at_any_place(size: int) -> None:
    plain = bytes(range(1, 128))[:size]
    assert is_text(plain)
    for at in range(size):
        for odd in (0x00, 0x80, 0xC0, 0xFF):
            assert not is_text(plain[:at] + bytes([odd]) + plain[at + 1 :])
        for right in (b"\x01", b"\x7f", "é".encode(), "京".encode()):
            assert is_text(plain[:at] + right + plain[at + 1 :])


@pytest.mark.parametrize("before", [b"", b"a", b"1234567", b"12345678"])
def test_every_lead_byte_with_every_kind_of_second_byte(before: bytes) -> None:
    edges = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
    tails = [bytes(tail) for tail in ([], [0x80], [0xBF], [0x80, 0x80], [0x7F, 0x80], [0x80, 0xC0])]
    for lead in range(256):
        for second in edges:
            for tail in tails:
                raw = before + bytes([lead, second]) + tail
                assert is_utf8(raw) is decodes(raw), raw


def test_ends_of_the_code_are_text_and_what_lies_between_and_beyond_is_not() -> None:
    right = [
        "",
        "\x00",
        "\x7f",
        "\x80",
        "\u07ff",
        "\u0800",
        "\ud7ff",
        "\ue000",
        "\uffff",
        "\U00010000",
        "\U0010ffff",
    ]
    assert all(is_utf8(text.encode()) for text in right)
    wrong = ["c080", "c1bf", "e09fbf", "eda080", "edbfbf", "f08fbfbf", "f4908080", "f5808080", "80", "ff"]
    assert not any(is_utf8(bytes.fromhex(raw)) for raw in wrong)


def test_every_prefix_of_a_text_is_judged_as_python_does() -> None:
    raw = "aé京𠀀z".encode() * 3
    assert [is_utf8(raw[:end]) for end in range(len(raw))] == [is_text(raw[:end]) for end in range(len(raw))]


@unhurried
@given(st.integers(0, 2**64 - 1))
def test_number_written_is_read_back_with_its_size(value: int) -> None:
    raw = write_varint(value)
    assert raw == varint(value)
    assert read_varint(raw + b"\x80") == (value, len(raw))
    assert [read_varint(raw[:end]) for end in range(len(raw))] == [None] * len(raw)


@unhurried
@given(
    st.binary(max_size=12)
    | st.lists(st.integers(0x80, 0xFF), max_size=11).map(lambda head: bytes([*head, 1]))
)
def test_number_is_readable_where_the_runtime_reads_it(raw: bytes) -> None:
    read = read_varint(raw)
    try:
        claim_fen = gateway.Inquiry.FromString(CLAIM + raw[: read[1] if read else None]).claim_fen
    except DecodeError:
        # Of bytes that begin with a number the runtime reads the number, then the rest as fields.
        assert read is None
        return
    assert read is not None
    assert read[0] == claim_fen % 2**64


def test_number_of_ten_bytes_loses_what_lies_beyond_64_bits() -> None:
    assert read_varint(b"\xff" * 9 + b"\x7f") == (2**64 - 1, 10)
    assert read_varint(b"\xff" * 10 + b"\x01") is None


@unhurried
@given(st.integers(1, 2**29 - 1), st.integers(0, 7))
def test_tag_is_split_into_number_and_wire_type(number: int, wire_type: int) -> None:
    assert read_tag(varint(number << 3 | wire_type)) == (number, wire_type)


@pytest.mark.parametrize("tag", [0, 1, 7, 2**32, 2**32 + 8, 2**64 - 1])
def test_tag_of_number_zero_or_beyond_32_bits_is_refused(tag: int) -> None:
    assert read_tag(varint(tag)) is None


@unhurried
@given(st.binary(max_size=200), st.integers(1, 300))
def test_slice_never_reaches_beyond_the_end(body: bytes, missing: int) -> None:
    assert read_slice(varint(len(body)) + body + b"rest") == body
    assert read_slice(varint(len(body) + missing) + body) is None


@pytest.mark.parametrize("size", [2**31 - 1, 2**32 - 1, 2**32, 2**63, 2**64 - 1])
def test_slice_of_an_absurd_length_is_refused(size: int) -> None:
    assert read_slice(varint(size) + b"body") is None


def test_fixed_number_needs_its_eight_bytes() -> None:
    raw = (0x0102030405060708).to_bytes(8, "little")
    assert read_fixed64(raw + b"rest") == 0x0102030405060708
    assert [read_fixed64(raw[:end]) for end in range(8)] == [None] * 8


@unhurried
@given(st.sampled_from([0, 1, 2, 5]), st.binary(max_size=14))
def test_unknown_field_is_stepped_over_where_the_runtime_does(wire_type: int, raw: bytes) -> None:
    size = skip_field(raw, wire_type)
    try:
        gateway.Inquiry.FromString(varint(UNKNOWN << 3 | wire_type) + raw[:size])
        is_readable = True
    except DecodeError:
        is_readable = False
    # A length of more than five bytes is the one thing that only the runtime refuses.
    assert (size is not None) is is_readable


@pytest.mark.parametrize("wire_type", [3, 4, 6, 7])
def test_groups_and_wire_types_that_do_not_exist_are_refused(wire_type: int) -> None:
    """The runtime steps over a group; no contract of ours has one, and a nested one could be made to cost."""
    assert skip_field(b"\x7c" * 20, wire_type) is None


@unhurried
@given(
    st.integers(0, 2**64 - 1),
    st.text(max_size=300),
    st.binary(max_size=300),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**63 - 1),
)
def test_fields_are_written_as_the_runtime_writes_them(
    deadline_ns: int, order_id: str, content_hash: bytes, freshness_s: int, claim_fen: int
) -> None:
    message = journal.Admitted(
        order_id=order_id,
        content_hash=content_hash,
        deadline_ns=deadline_ns,
        freshness_s=freshness_s,
        claim_fen=claim_fen,
    )
    raw = put_fields(
        [
            ("bytes", 3, order_id.encode()),
            ("bytes", 4, content_hash),
            ("fixed64", 7, deadline_ns),
            ("uint", 8, freshness_s),
            ("uint", 9, claim_fen),
        ]
    )
    assert raw == message.SerializeToString(deterministic=True)


def test_buffer_grows_to_whatever_is_put() -> None:
    sizes = [1, 2, 60, 61, 200, 5000, 100_000]
    raw = put_fields([("bytes", 3, b"x" * size) for size in sizes])
    assert raw == b"".join(b"\x1a" + varint(size) + b"x" * size for size in sizes)
