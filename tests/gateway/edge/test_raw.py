"""Raw against the protobuf runtime."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chakong.gateway.v1 import gateway_pb2
from gateway.edge import raw

inquiries = st.lists(
    st.builds(gateway_pb2.Inquiry, order_id=st.text(max_size=9), claim_fen=st.integers(0, 2**62))
)


@given(value=st.integers(0, 2**64 - 1))
def test_a_varint_is_what_the_runtime_writes(value: int) -> None:
    assert raw.field_varint(1, value) == gateway_pb2.Receipt(inquiry_id=value).SerializeToString()


@given(made=inquiries, tag=st.integers(0, 2**64 - 1))
def test_contents_and_varints_are_those_of_the_message(made: list[gateway_pb2.Inquiry], tag: int) -> None:
    message = gateway_pb2.SubmitBulkRequest(inquiries=made, tag=tag).SerializeToString()
    assert list(raw.contents(message, 1)) == [one.SerializeToString() for one in made]
    assert raw.last_varint(message, 2) == tag
    assert raw.last_varint(message + raw.field_varint(2, 7), 2) == 7


@given(made=inquiries, size=st.integers(0, 60))
def test_pieces_hold_everything_in_its_order(made: list[gateway_pb2.Inquiry], size: int) -> None:
    message = gateway_pb2.SubmitBulkRequest(inquiries=made).SerializeToString()
    pieces = list(raw.pieces(message, size))
    assert b"".join(pieces) == message
    for piece in pieces:
        inside = gateway_pb2.SubmitBulkRequest.FromString(piece).inquiries
        assert len(inside) <= 1 or len(piece) <= size


@given(message=st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(message: bytes) -> None:
    try:
        found = b"".join(raw.contents(message, 1))
    except raw.RawError:
        return
    assert len(found) <= len(message)


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_truncated_message_is_refused(cut: int) -> None:
    message = gateway_pb2.SubmitBulkRequest(
        inquiries=[gateway_pb2.Inquiry(order_id="0123456789")]
    ).SerializeToString()
    with pytest.raises(raw.RawError):
        list(raw.contents(message[:-cut], 1))


def test_a_message_of_more_fields_than_a_caller_may_send_is_not_read_to_its_end() -> None:
    allowed = raw.field_varint(2, 7) * raw.CALLERS_FIELDS_MAX
    assert raw.last_varint(allowed, 2) == 7
    for read in (lambda message: raw.last_varint(message, 2), lambda message: list(raw.contents(message, 1))):
        with pytest.raises(raw.RawError, match="more than 16384 fields"):
            read(allowed + raw.field_varint(2, 7))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (raw.field_bytes(1, b"x" * 300), True),
        (raw.field_bytes(1, b""), True),
        (b"", False),
        (raw.field_bytes(2, b"x"), False),
        (raw.field_varint(1, 7), False),
        (raw.field_bytes(1, b"x") * 2, False),
        (raw.field_bytes(1, b"xyz")[:-1], False),
        (b"\x0a", False),
        (b"\x0a" + b"\xff" * 12, False),
    ],
)
def test_a_message_of_one_field_is_told_from_all_others(message: bytes, expected: bool) -> None:
    assert raw.is_only(message, 1) is expected
