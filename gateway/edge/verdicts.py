"""Verdicts: what the Engine said of a message, as a caller is told it.

Pure. A unary call ends with a status and its details; in a bulk stream the same is a message. Descriptions
say what is allowed and never repeat what came.
"""

from typing import Final

from chakong.gateway.v1 import gateway_pb2
from gateway.edge import raw
from gateway.edge.errors import (
    EdgeError,
    FieldFault,
    ForbiddenError,
    FullError,
    InvalidError,
    OrderReusedError,
    code_number,
)

ALLOWED: Final[dict[int, str]] = {
    gateway_pb2.REASON_MALFORMED: "must be readable as chakong.gateway.v1.Inquiry, its strings UTF-8",
    gateway_pb2.REASON_FOREIGN_COURT: "must be the court of the caller's certificate",
    gateway_pb2.REASON_ORDER_ID_REUSED: "was used before with another content; each order needs its own",
    gateway_pb2.REASON_ID_NUMBER_MISSING: "is required",
    gateway_pb2.REASON_BAD_LENGTH: "must have the length and the characters of its id_type",
    gateway_pb2.REASON_BAD_BIRTH_DATE: "digits 7 to 14 must be a date from 1900 to today",
    gateway_pb2.REASON_BAD_CHECK_DIGIT: "the last character must be the check character of the others",
    gateway_pb2.REASON_NAME_MISSING: "is required",
    gateway_pb2.REASON_MANDATE_INCOMPLETE: "is required in every mandate",
    gateway_pb2.REASON_NOT_THE_DEBTOR: "must be DEBTOR_ROLE_JUDGMENT_DEBTOR",
    gateway_pb2.REASON_UNKNOWN_INSTITUTION: "must be 1 to 4,096 indexes of ListInstitutions",
    gateway_pb2.REASON_NOBODY_CONCERNED: "at least one institution of the scope must keep one of the items",
    gateway_pb2.REASON_ORDER_ID_MISSING: "is required",
    gateway_pb2.REASON_UNKNOWN_VALUE: "must be a value that the contract names",
    gateway_pb2.REASON_TOO_LONG: "must be within the limit that the contract names",
    gateway_pb2.REASON_OUT_OF_RANGE: "must be within the limits that the contract names",
}
_ERRORS: Final[dict[int, type[EdgeError]]] = {
    gateway_pb2.REASON_FOREIGN_COURT: ForbiddenError,
    gateway_pb2.REASON_ORDER_ID_REUSED: OrderReusedError,
}


def reason_name(reason: int) -> str:
    """BAD_LENGTH for REASON_BAD_LENGTH, and so on."""
    known = gateway_pb2.Reason.DESCRIPTOR.values_by_number.get(reason)
    return known.name.removeprefix("REASON_") if known else f"reason {reason}"


def refusal(verdict: gateway_pb2.Verdict) -> EdgeError:
    """Why an inquiry was refused: the status of its first reason, all its faults as violations."""
    faults = [
        FieldFault(one.field, reason_name(one.reason), ALLOWED.get(one.reason, "is not allowed"))
        for one in verdict.violations
    ]
    name = reason_name(verdict.reason)
    message = f"inquiry refused: {name}" + "".join(
        f"; {fault.field}: {fault.description}" for fault in faults[:3]
    )
    return _ERRORS.get(verdict.reason, InvalidError)(message, faults=faults)


def whole_refusal(status: int, message: str, retry_ms: int) -> EdgeError:
    """Why a whole message was refused, from Checked.status and Checked.error."""
    if status == code_number(FullError.status):
        return FullError(message, retry_ms=retry_ms)
    fault = FieldFault(message.partition(":")[0], "MALFORMED", message)
    return InvalidError(message, faults=(fault,))


def bulk_refusal(tag: int, error: EdgeError) -> bytes:
    """The same in a bulk stream: an encoded SubmitBulkResponse."""
    bulk_error = gateway_pb2.BulkError(
        code=code_number(error.status), message=error.message, retry_after_ms=error.retry_ms
    )
    return gateway_pb2.SubmitBulkResponse(tag=tag, error=bulk_error).SerializeToString()


def receipt(inquiry_id: int, order_id: bytes, *, repeated: bool) -> bytes:
    """An encoded Receipt."""
    return raw.field_varint(1, inquiry_id) + raw.field_bytes(2, order_id) + raw.field_varint(3, repeated)
