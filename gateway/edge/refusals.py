"""Refusals: what the Ledger refuses, as a caller is told it.

Pure. The rule's name goes with the status, so that a court's system can tell an amount above the claim from
a stay without reading the text.
"""

from typing import Final, TypeVar

from chakong.gateway.v1 import controls_pb2
from gateway.edge.errors import (
    EdgeError,
    FieldFault,
    ForbiddenError,
    FullError,
    InvalidError,
    NotJudgedError,
    OrderReusedError,
    PlanChangedError,
    RuleError,
    UnknownHoldError,
)
from gateway.holds.face import Refusal

RETRY_MS: Final = 5_000
_ERRORS: Final[dict[int, type[EdgeError]]] = {
    controls_pb2.RULE_MALFORMED: InvalidError,
    controls_pb2.RULE_MANDATE_INCOMPLETE: InvalidError,
    controls_pb2.RULE_UNKNOWN_INSTITUTION: InvalidError,
    controls_pb2.RULE_FOREIGN_COURT: ForbiddenError,
    controls_pb2.RULE_SAME_OFFICER: ForbiddenError,
    controls_pb2.RULE_ORDER_ID_REUSED: OrderReusedError,
    controls_pb2.RULE_NO_SUCH_CLAIM: UnknownHoldError,
    controls_pb2.RULE_NO_SUCH_HOLD: UnknownHoldError,
    controls_pb2.RULE_FULL: FullError,
    controls_pb2.RULE_PLAN_CHANGED: PlanChangedError,
    controls_pb2.RULE_NOT_JUDGED: NotJudgedError,
}

T = TypeVar("T")


def error_of(refusal: Refusal) -> EdgeError:
    """The error that says it."""
    kind = _ERRORS.get(refusal.rule, RuleError)
    retry_ms = RETRY_MS if kind is FullError else 0
    # Texts begin with the field.
    field = refusal.text.partition(":")[0]
    faults = (FieldFault(field, refusal.name, refusal.text),) if kind is InvalidError else ()
    return kind(refusal.text, rule=refusal.name, retry_ms=retry_ms, faults=faults)


def accepted(decision: T | Refusal) -> T:
    """The decision itself; the error that says it when it is a refusal."""
    if isinstance(decision, Refusal):
        raise error_of(decision)
    return decision
