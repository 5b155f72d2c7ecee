"""Reading: what is told of a control, without message objects.

Each function takes what protobuf has written, or would write (runtime/_plain), and has a ValueError for what
is no message.
"""

from chakong.type.v1 import hold_pb2

class Order:
    """A ControlOrder: what a court wants done. `content`: as it was read; `mandate` is encoded;
    `has_available`: whether the court said what was last seen to be free; `has_more`: there is something in
    it that is not known here."""

    content: bytes
    order_id: str
    court_code: str
    mandate: bytes
    notice_number: str
    kind: hold_pb2.ControlKind.ValueType
    claim_id: str
    hold_id: int
    id_type: int
    id_number: str
    name: str
    institution: int
    item: int
    locator: str
    property_kind: str
    currency: str
    has_available: bool
    available_fen: int
    ceiling_fen: int
    whole: bool
    amount_fen: int
    months: int
    replaces_hold_id: int
    urgent: bool
    reason: str
    has_more: bool

class Said:
    """A HoldStatement: what an institution says of a hold. `ahead`: courts, first registered first."""

    hold_id: int
    institution: int
    version: int
    life: hold_pb2.HoldLife.ValueType
    end: hold_pb2.HoldEnd.ValueType
    ceiling: int
    whole: bool
    controlled: int
    deducted: int
    position: int
    since: int
    until: int
    available: int
    stated_ns: int
    ahead: tuple[str, ...]

class Receipt:
    """A ControlReceipt: how a control ended. `content`: as it was read; `said`: the hold right after it, or
    None."""

    content: bytes
    control_id: int
    outcome: hold_pb2.ControlOutcome.ValueType
    refusal: hold_pb2.ControlRefusal.ValueType
    text: str
    deducted_fen: int
    said: Said | None

def read_order(message: bytes) -> Order:
    """A ControlOrder."""

def read_statement(message: bytes) -> Said:
    """A HoldStatement."""

def read_receipt(message: bytes) -> Receipt:
    """A ControlReceipt."""
