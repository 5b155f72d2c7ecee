"""Encoding: controls as they leave, their views, and the facts that come with every control.

A control is kept as the field that it is in a ControlBatch; in its fact it is the same field, so it is
written once. Facts that are rare are message objects; facts.py reads all of them back. A text that is no
UTF-8 (a lone surrogate) is a UnicodeEncodeError.
"""

from chakong.journal.v1 import ledger_pb2
from gateway.holds.face import Refusal
from gateway.holds.model import Claim, Control, Deed, Hold, Origin, Outcome, TakenOrder

def control(control_id: int, origin: Origin, mandate: bytes, notice: str, deed: Deed) -> bytes:
    """A control as it leaves, as a field of its batch. `origin`: of its hold; `mandate` is encoded."""

def ordered(control: Control, origin: Origin, deed: Deed) -> bytes:
    """The fact that a control was taken, as a field of its step. `origin`: of its hold."""

def received(receipt: bytes) -> bytes:
    """The fact of an institution's word on a control, as a field of its step."""

def step(stepped_ns: int, facts: list[bytes | ledger_pb2.Fact]) -> bytes:
    """The body of a frame. Facts that are encoded are fields of it already."""

def control_view(
    control: Control, outcome: Outcome | None, requested_fen: int, waits: bool, field: int
) -> bytes:
    """A ControlView, as this field; 0: as the message. `requested_fen`: what it asks for as things stand;
    `waits`: for another officer."""

def hold_view(
    hold: Hold, claim: Claim, life: int, end: int, cover: int, controls: bytes, field: int
) -> bytes:
    """A HoldView, as this field; 0: as the message. `controls`: fields of it."""

def taken_order(taken: TakenOrder) -> bytes:
    """An OrderReceipt."""

def verdicts(decisions: list[Refusal | TakenOrder]) -> bytes:
    """What became of orders, as fields of one OrderBulkResponse."""
