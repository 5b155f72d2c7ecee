"""Controls: the orders that the kit sends, and what a receipt says in short.

Pure. It makes no control id; orders does.
"""

from typing import Any

from chakong.institution.v1.institution_pb2 import Control, ControlReceipt
from chakong.type.v1 import hold_pb2, type_pb2
from conformance.entries import mandate
from conformance.fixture import Account, Court

KINDS = {
    hold_pb2.CONTROL_KIND_FREEZE: "FREEZE",
    hold_pb2.CONTROL_KIND_RENEW: "RENEW",
    hold_pb2.CONTROL_KIND_RELEASE: "RELEASE",
    hold_pb2.CONTROL_KIND_DEDUCT: "DEDUCT",
}
RULING = type_pb2.INSTRUMENT_KIND_RULING


def freeze(control_id: int, account: Account, court: Court, ceiling_fen: int = 0, months: int = 1) -> Control:
    """`ceiling_fen` 0: the whole."""
    return Control(
        control_id=control_id,
        kind=hold_pb2.CONTROL_KIND_FREEZE,
        hold_id=control_id,
        mandate=mandate(court, control_id, RULING),
        notice_number=f"(2026){court.code}执{control_id}号协助通知",
        subject=account.subject.message(),
        property=account.message(),
        ceiling_fen=ceiling_fen,
        whole=ceiling_fen == 0,
        months=months,
    )


def release(control_id: int, frozen: Control, ceiling_fen: int = 0) -> Control:
    """Of the hold that this FREEZE made; `ceiling_fen` 0: of all of it."""
    control = _on(control_id, frozen, hold_pb2.CONTROL_KIND_RELEASE)
    control.ceiling_fen = ceiling_fen
    control.whole = ceiling_fen == 0
    return control


def renew(control_id: int, frozen: Control, months: int) -> Control:
    control = _on(control_id, frozen, hold_pb2.CONTROL_KIND_RENEW)
    control.months = months
    return control


def deduct(control_id: int, frozen: Control, payee_account: str, amount_fen: int = 0) -> Control:
    """`amount_fen` 0: all that is controlled."""
    control = _on(control_id, frozen, hold_pb2.CONTROL_KIND_DEDUCT)
    control.payee_account = payee_account
    control.amount_fen = amount_fen
    control.whole = amount_fen == 0
    return control


def told(receipt: ControlReceipt) -> str:
    """DONE, UNAVAILABLE, or REFUSED and why."""
    outcome = _name(hold_pb2.ControlOutcome, receipt.outcome, "CONTROL_OUTCOME_")
    refusal = _name(hold_pb2.ControlRefusal, receipt.refusal, "CONTROL_REFUSAL_")
    return outcome if refusal == "UNSPECIFIED" else f"{outcome} {refusal}"


def life(statement: hold_pb2.HoldStatement) -> str:
    """QUEUED, EFFECTIVE, or ENDED and how."""
    name = _name(hold_pb2.HoldLife, statement.life, "HOLD_LIFE_")
    end = _name(hold_pb2.HoldEnd, statement.end, "HOLD_END_")
    return name if end == "UNSPECIFIED" else f"{name} {end}"


def _name(kind: Any, value: int, prefix: str) -> str:
    """Of an enumeration's value; the number of one that the contract does not have."""
    known: dict[int, str] = {number: name for name, number in kind.items()}
    return known.get(value, str(value)).removeprefix(prefix)


def _on(control_id: int, frozen: Control, kind: hold_pb2.ControlKind.ValueType) -> Control:
    """About the same hold, in the same case."""
    return Control(
        control_id=control_id,
        kind=kind,
        hold_id=frozen.hold_id,
        mandate=frozen.mandate,
        notice_number=frozen.notice_number,
        subject=frozen.subject,
        property=frozen.property,
    )
