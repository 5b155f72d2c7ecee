"""Encoding: controls as they leave, and the facts that come with every control, as the wire has them.

A control is kept as the field that it is in a ControlBatch; in its fact it is the same field, so it is
written once. Facts that are rare are message objects; facts.py reads all of them back.
"""

from collections.abc import Iterable
from typing import NamedTuple

from chakong.journal.v1 import ledger_pb2
from gateway.holds.model import NONE, Control, Kind, Origin, Property, Subject
from runtime.wire import field_bytes, field_text, field_varint, fields_varint, optional_varint


class Deed(NamedTuple):
    """What a control on a hold is to do. `keep_fen` -1: none; `with_freeze`: a DEDUCT behind its own FREEZE;
    `left_count`: so many controls on the hold stay before an urgent one."""

    kind: Kind
    ceiling_fen: int = 0
    whole: bool = False
    amount_fen: int = 0
    months: int = 0
    payee: str = ""
    keep_fen: int = NONE
    urgent: bool = False
    reason: str = ""
    waits: bool = False
    with_freeze: bool = False
    left_count: int = 0


def person(subject: Subject) -> bytes:
    """A Subject."""
    id_type, id_number, name = subject
    return field_varint(1, id_type) + field_text(2, id_number) + field_text(3, name)


def place(spot: Property) -> bytes:
    """A Property."""
    institution, item, locator, kind, currency = spot
    encoded = fields_varint(1, (institution, item)) + field_text(3, locator) + field_text(4, kind)
    return encoded + field_text(5, currency) if currency else encoded


def about(subject: Subject, spot: Property) -> bytes:
    """Whose property a control is about, and which: two of its fields."""
    return field_bytes(6, person(subject)) + field_bytes(7, place(spot))


def control(control_id: int, hold_id: int, mandate: bytes, notice: str, about: bytes, deed: Deed) -> bytes:
    """A control as it leaves, in its batch. `mandate` is encoded."""
    content = b"".join(
        (
            fields_varint(1, (control_id, deed.kind, hold_id)),
            field_bytes(4, mandate),
            field_text(5, notice),
            about,
            fields_varint(8, (deed.ceiling_fen, deed.whole, deed.amount_fen, deed.months)),
            field_text(12, deed.payee),
        )
    )
    return field_bytes(1, content)


def ordered(control: Control, origin: Origin, deed: Deed) -> bytes:
    """The fact that a control was taken, in its step. `origin`: of its hold."""
    fact = [
        control.message,
        field_varint(2, origin.claim),
        field_text(4, control.court),
        field_text(5, control.order_id),
        field_bytes(6, control.content_hash) if control.content_hash else b"",
        field_varint(7, control.requested_fen),
    ]
    if control.control_id == control.hold_id:
        fact += (
            field_varint(3, origin.debtor),
            optional_varint(8, origin.expected_fen) if origin.expected_fen != NONE else b"",
            field_varint(9, origin.replaces),
            field_varint(16, origin.is_thing),
        )
    if deed.keep_fen != NONE:
        fact.append(optional_varint(15, deed.keep_fen))
    if deed.urgent:
        fact += (field_varint(10, 1), field_text(11, deed.reason), field_varint(18, deed.left_count))
    if control.cause:
        fact.append(field_text(12, control.cause))
    fact += (
        field_varint(13, control.waits),
        field_text(14, control.ordered_by),
        field_varint(17, deed.with_freeze),
    )
    return field_bytes(2, field_bytes(1, b"".join(fact)))


def received(receipt: bytes) -> bytes:
    """The fact of an institution's word on a control, in its step."""
    return field_bytes(2, field_bytes(2, field_bytes(1, receipt)))


def step(stepped_ns: int, facts: Iterable[bytes | ledger_pb2.Fact]) -> bytes:
    """The body of a frame."""
    fields = [fact if isinstance(fact, bytes) else field_bytes(2, fact.SerializeToString()) for fact in facts]
    return b"\x09" + stepped_ns.to_bytes(8, "little") + b"".join(fields)
