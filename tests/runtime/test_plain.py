"""Plain against the protobuf runtime: these bytes are what it would write, and no others."""

import pytest
from google.protobuf import descriptor_pb2, struct_pb2, wrappers_pb2
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, Message
from hypothesis import example, given
from hypothesis import strategies as st

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2, type_pb2
from runtime._plain import Shape, figure

ORDERS = Shape(controls_pb2.OrderBulkRequest.DESCRIPTOR)
RECEIPTS = Shape(institution_pb2.ReceiptBatch.DESCRIPTOR)
STATEMENTS = Shape(hold_pb2.HoldStatement.DESCRIPTOR)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
UINT32, UINT64 = st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)
INT32, INT64 = st.integers(-(2**31), 2**31 - 1), st.integers(-(2**63), 2**63 - 1)

orders = st.builds(
    controls_pb2.ControlOrder,
    order_id=TEXTS,
    mandate=st.none() | st.builds(type_pb2.Mandate, court_code=TEXTS, instrument_kind=INT32),
    kind=INT32,
    hold_id=UINT64,
    property=st.none() | st.builds(hold_pb2.Property, institution=UINT32, locator=TEXTS),
    available_fen=st.none() | INT64,
    ceiling_fen=INT64,
    whole=st.booleans(),
    months=UINT32,
    reason=TEXTS,
)
requests = st.builds(controls_pb2.OrderBulkRequest, orders=st.lists(orders, max_size=4), tag=UINT64)
statements = st.builds(
    hold_pb2.HoldStatement,
    hold_id=UINT64,
    institution=UINT32,
    ceiling_fen=INT64,
    whole=st.booleans(),
    ahead_court_codes=st.lists(TEXTS, max_size=3),
)
receipts = st.builds(
    institution_pb2.ControlReceipt,
    control_id=UINT64,
    outcome=INT32,
    text=TEXTS,
    hold=st.none() | statements,
    deducted_fen=INT64,
)


def written(kind: type[Message], content: bytes) -> bytes | None:
    """What the runtime writes of what it reads, without what it does not know; None: it cannot read it."""
    try:
        message = kind.FromString(content)
    except DecodeError:
        return None
    message.DiscardUnknownFields()
    return message.SerializeToString()


@given(request=requests)
def test_what_the_runtime_writes_is_plain_and_its_parts_are_found(
    request: controls_pb2.OrderBulkRequest,
) -> None:
    content = request.SerializeToString()
    assert ORDERS.is_plain(content)
    assert ORDERS.contents(content, 1) == [order.SerializeToString() for order in request.orders]
    assert figure(content, 2) == request.tag


@given(receipts=st.lists(receipts, max_size=4))
def test_receipts_are_found_with_what_stands_in_them(
    receipts: list[institution_pb2.ControlReceipt],
) -> None:
    content = institution_pb2.ReceiptBatch(receipts=receipts).SerializeToString()
    assert RECEIPTS.contents(content, 1) == [receipt.SerializeToString() for receipt in receipts]


@given(request=requests, data=st.data())
def test_what_is_plain_is_what_the_runtime_would_write_whatever_is_changed(
    request: controls_pb2.OrderBulkRequest, data: st.DataObject
) -> None:
    content = bytearray(request.SerializeToString())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content)))
        content[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    changed = bytes(content)
    same = written(controls_pb2.OrderBulkRequest, changed) == changed
    assert ORDERS.is_plain(changed) == same


@given(content=st.binary(max_size=12))
@example(content=b"\x10\x80\x00")
@example(content=b"\x10" + b"\xff" * 9 + b"\x01")
@example(content=b"\x10" + b"\xff" * 9 + b"\x02")
@example(content=b"\x10" + b"\xff" * 10)
@example(content=b"\x90\x00\x01")
@example(content=b"\x20\xff\xff\xff\xff\x0f")
@example(content=b"\x38\x02")
@example(content=b"\x5a\x00\x5a\x00")
@example(content=b"\x08\x01\x08\x01")
def test_any_bytes_are_plain_just_when_the_runtime_would_write_them(content: bytes) -> None:
    same = written(hold_pb2.HoldStatement, content) == content
    assert STATEMENTS.is_plain(content) == same


@given(text=st.binary(max_size=5))
@example(text=b"\xed\xa0\x80")
@example(text=b"\xe0\x9f\xbf")
@example(text=b"\xf0\x8f\xbf\xbf")
@example(text=b"\xf4\x90\x80\x80")
@example(text=b"\xf4\x8f\xbf\xbf")
@example(text=b"\xc1\xbf")
@example(text=b"\xe4\xba")
def test_texts_are_utf8(text: bytes) -> None:
    content = b"\x5a" + bytes((len(text),)) + text
    try:
        text.decode()
    except UnicodeDecodeError:
        assert not STATEMENTS.is_plain(content)
    else:
        assert STATEMENTS.is_plain(content)


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(wrappers_pb2.DoubleValue.DESCRIPTOR, id="a float"),
        pytest.param(struct_pb2.Struct.DESCRIPTOR, id="a map"),
        pytest.param(controls_pb2.PreviewRequest.DESCRIPTOR, id="a choice"),
        pytest.param(descriptor_pb2.SourceCodeInfo.Location.DESCRIPTOR, id="a list of numbers"),
        pytest.param(descriptor_pb2.FieldDescriptorProto.DESCRIPTOR, id="an enum of known values only"),
    ],
)
def test_kinds_whose_bytes_may_differ_are_refused(kind: Descriptor) -> None:
    with pytest.raises(TypeError, match="a field of a kind that is not known here"):
        Shape(kind)


def test_nothing_is_read_of_what_is_no_bytes() -> None:
    with pytest.raises(TypeError):
        ORDERS.is_plain(None)  # type: ignore[arg-type]
