"""Encoding: controls as they leave, and the facts that come with every control, as the wire has them.

A control is kept as the field that it is in a ControlBatch; in its fact it is the same field, so it is
written once. Facts that are rare are message objects; facts.py reads all of them back.
"""

from collections.abc import Iterable
from typing import NamedTuple

from chakong.journal.v1 import ledger_pb2
from gateway.holds.model import NONE, Control, Kind, Origin, Property, Subject
from runtime._wire import message, present


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
    return message(1, id_type, 2, id_number, 3, name)


def place(spot: Property) -> bytes:
    """A Property."""
    institution, item, locator, kind, currency = spot
    return message(1, institution, 2, item, 3, locator, 4, kind, 5, currency)


def control(control_id: int, origin: Origin, mandate: bytes, notice: str, deed: Deed) -> bytes:
    """A control as it leaves, as a field of its batch. `origin`: of its hold; `mandate` is encoded."""
    kind, ceiling_fen, whole, amount_fen, months, payee = deed[:6]
    content = message(
        1, control_id, 2, kind, 3, origin.hold_id, 4, mandate, 5, notice, 6, person(origin.subject),
        7, place(origin.property), 8, ceiling_fen, 9, whole, 10, amount_fen, 11, months, 12, payee,
    )  # fmt: skip
    return message(1, content)


def ordered(control: Control, origin: Origin, deed: Deed) -> bytes:
    """The fact that a control was taken, as a field of its step. `origin`: of its hold."""
    freeze = keep = b""
    if control.control_id == origin.hold_id:
        expected = present(8, origin.expected_fen) if origin.expected_fen != NONE else None
        freeze = message(3, origin.debtor, 0, expected, 9, origin.replaces, 16, origin.is_thing)
    if deed.keep_fen != NONE:
        keep = present(15, deed.keep_fen)
    content = message(
        0, control.message, 2, origin.claim, 4, control.court, 5, control.order_id,
        6, control.content_hash or None, 7, control.requested_fen, 0, freeze, 10, deed.urgent,
        11, deed.reason, 12, control.cause, 13, control.waits, 14, control.ordered_by, 0, keep,
        17, deed.with_freeze, 18, deed.left_count,
    )  # fmt: skip
    return message(2, message(1, content))


def received(receipt: bytes) -> bytes:
    """The fact of an institution's word on a control, as a field of its step."""
    return message(2, message(2, message(1, receipt)))


def step(stepped_ns: int, facts: Iterable[bytes | ledger_pb2.Fact]) -> bytes:
    """The body of a frame. Facts that are encoded are fields of it already."""
    fields = [fact if isinstance(fact, bytes) else message(2, fact.SerializeToString()) for fact in facts]
    return b"\x09" + stepped_ns.to_bytes(8, "little") + b"".join(fields)
