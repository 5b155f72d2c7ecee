"""Reading: what is read is what the message objects say, and the rest is passed over."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2, type_pb2
from gateway.holds.reading import read_order, read_receipt, read_statement

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
UINT32, UINT64 = st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)
INT32, INT64 = st.integers(-(2**31), 2**31 - 1), st.integers(-(2**63), 2**63 - 1)
# A group, and one with another and a text in it.
GROUPS = (b"\xfb\x7f\x08\x01\xfc\x7f", b"\xfb\x7f\x0b\x12\x02\x0c\x0c\x0c\xfc\x7f")
# Fields that nobody knows: numbers, texts, and fixed ones, as protobuf carries them along.
UNKNOWN = st.sampled_from(
    (b"", b"\xf8\x7f\x05", b"\xfa\x7f\x03abc", b"\xfd\x7f1234", b"\xf9\x7f12345678", *GROUPS)
)

subjects = st.builds(type_pb2.Subject, id_type=INT32, id_number=TEXTS, name=TEXTS)
properties = st.builds(
    hold_pb2.Property, institution=UINT32, item=UINT32, locator=TEXTS, kind=TEXTS, currency=TEXTS
)
mandates = st.builds(
    type_pb2.Mandate, court_code=TEXTS, case_number=TEXTS, instrument_kind=INT32, officer_id=TEXTS
)
orders = st.builds(
    controls_pb2.ControlOrder,
    order_id=TEXTS,
    court_code=TEXTS,
    mandate=mandates,
    notice_number=TEXTS,
    kind=INT32,
    claim_id=TEXTS,
    hold_id=UINT64,
    subject=subjects,
    property=properties,
    available_fen=st.none() | INT64,
    ceiling_fen=INT64,
    whole=st.booleans(),
    amount_fen=INT64,
    months=UINT32,
    replaces_hold_id=UINT64,
    urgent=st.booleans(),
    reason=TEXTS,
)
statements = st.builds(
    hold_pb2.HoldStatement,
    hold_id=UINT64,
    institution=UINT32,
    version=UINT32,
    life=INT32,
    end=INT32,
    ceiling_fen=INT64,
    whole=st.booleans(),
    controlled_fen=INT64,
    deducted_fen=INT64,
    queue_position=UINT32,
    ahead_court_codes=st.lists(TEXTS, max_size=3),
    effective_from=UINT32,
    effective_until=UINT32,
    available_fen=INT64,
    stated_ns=INT64,
)
receipts = st.builds(
    institution_pb2.ControlReceipt,
    control_id=UINT64,
    outcome=INT32,
    refusal=INT32,
    text=TEXTS,
    requested_fen=INT64,
    hold=st.none() | statements,
    deducted_fen=INT64,
)
SAME = (
    "order_id", "court_code", "notice_number", "kind", "claim_id", "hold_id", "available_fen",
    "ceiling_fen", "whole", "amount_fen", "months", "replaces_hold_id", "urgent", "reason",
)  # fmt: skip


def carried(message: Any, unknown: bytes) -> Any:
    """The message with what nobody knows, as it comes from a stream."""
    return type(message).FromString(message.SerializeToString() + unknown)


@given(orders, UNKNOWN)
def test_order_is_read_whole(message: controls_pb2.ControlOrder, unknown: bytes) -> None:
    order = read_order(carried(message, unknown).SerializeToString())
    assert {name: getattr(order, name) for name in SAME} == {name: getattr(message, name) for name in SAME}
    assert order.mandate == message.mandate.SerializeToString()
    assert order.has_available == message.HasField("available_fen")
    person, place = message.subject, message.property
    assert (order.id_type, order.id_number, order.name) == (person.id_type, person.id_number, person.name)
    assert (order.institution, order.item, order.locator) == (place.institution, place.item, place.locator)
    assert (order.property_kind, order.currency) == (place.kind, place.currency)
    assert order.has_more == bool(unknown)


@pytest.mark.parametrize("part", ["mandate", "subject", "property"])
def test_what_is_not_known_is_seen_in_every_part(part: str) -> None:
    for unknown in (b"\xf8\x7f\x05", *GROUPS):
        order = controls_pb2.ControlOrder(order_id="o")
        getattr(order, part).MergeFromString(unknown)
        assert read_order(order.SerializeToString()).has_more
    # A known number of another kind is not known.
    order = controls_pb2.ControlOrder(order_id="o")
    getattr(order, part).MergeFromString(b"\x0d1234")
    assert read_order(order.SerializeToString()).has_more


def test_nothing_is_an_order_without_anything() -> None:
    order = read_order(b"")
    assert (order.order_id, order.hold_id, order.mandate, order.has_available) == ("", 0, b"", False)
    assert (order.currency, order.replaces_hold_id, order.has_more) == ("", 0, False)


@given(receipts, UNKNOWN)
def test_receipt_is_read_whole(message: institution_pb2.ControlReceipt, unknown: bytes) -> None:
    receipt = read_receipt(carried(message, unknown).SerializeToString())
    assert (receipt.control_id, receipt.outcome, receipt.refusal) == (
        message.control_id,
        message.outcome,
        message.refusal,
    )
    assert (receipt.text, receipt.deducted_fen) == (message.text, message.deducted_fen)
    assert (receipt.said is not None) == message.HasField("hold")


@given(statements, UNKNOWN)
def test_statement_is_read_whole(message: hold_pb2.HoldStatement, unknown: bytes) -> None:
    alone = read_statement(carried(message, unknown).SerializeToString())
    receipt = institution_pb2.ControlReceipt(hold=message)
    beside = read_receipt(receipt.SerializeToString()).said
    assert beside is not None
    for said in (alone, beside):
        assert (said.hold_id, said.institution, said.version) == (
            message.hold_id,
            message.institution,
            message.version,
        )
        assert (said.life, said.end, said.whole) == (message.life, message.end, message.whole)
        assert (said.ceiling, said.controlled) == (message.ceiling_fen, message.controlled_fen)
        assert (said.deducted, said.available) == (message.deducted_fen, message.available_fen)
        assert (said.since, said.until) == (message.effective_from, message.effective_until)
        assert (said.position, said.stated_ns) == (message.queue_position, message.stated_ns)
        # Nobody is ahead of a hold that is not queued.
        assert said.ahead == (tuple(message.ahead_court_codes) if message.queue_position else ())


@pytest.mark.parametrize("read", [read_order, read_statement, read_receipt])
@pytest.mark.parametrize(
    "broken", [b"\x0a", b"\x0a\x05abc", b"\x80" * 11, b"\x0b", b"\x0c", b"\x0f", b"\x09123"]
)
def test_what_is_no_message_is_refused(read: Any, broken: bytes) -> None:
    with pytest.raises(ValueError, match="message: cannot be read"):
        read(broken)
    with pytest.raises(TypeError, match="None given"):
        read(None)
