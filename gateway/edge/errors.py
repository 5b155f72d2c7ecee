"""Errors: what the order path can tell a caller, each with its gRPC status and its details.

A message names the field, what came and what is allowed, and never repeats a name or a number of a person.
It ends no call; server.py does that with what `rich` makes of an error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

DETAILS_KEY = "grpc-status-details-bin"
RULE_DOMAIN = "chakong.gateway.v1"
# A caller with thousands of faults in one list learns nothing from the last thousand, and metadata is bounded
# (8 KiB).
VIOLATIONS_MAX = 32


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One fault: the field's path, its reason's name, and what is allowed there."""

    field: str
    reason: str
    description: str


class EdgeError(Exception):
    """Something a caller is told. `retry_ms` 0: sending it again would not help. `rule` names the rule of law
    or of the contract that refuses it, if it is one of those that have names."""

    status: ClassVar[grpc.StatusCode] = grpc.StatusCode.INTERNAL

    def __init__(
        self, message: str, *, retry_ms: int = 0, faults: Sequence[FieldFault] = (), rule: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retry_ms = retry_ms
        self.faults = tuple(faults)
        self.rule = rule


class InvalidError(EdgeError):
    """The message is wrong; the same message will be wrong again."""

    status = grpc.StatusCode.INVALID_ARGUMENT


class OrderReusedError(EdgeError):
    """The order id was used before with another content."""

    status = grpc.StatusCode.ALREADY_EXISTS


class ForbiddenError(EdgeError):
    """The caller's role or court may not do this."""

    status = grpc.StatusCode.PERMISSION_DENIED


class UnknownCallerError(EdgeError):
    """No certificate, or one that names nobody."""

    status = grpc.StatusCode.UNAUTHENTICATED


class UnknownInquiryError(EdgeError):
    """There is no such inquiry, or it is another court's."""

    status = grpc.StatusCode.NOT_FOUND


class UnknownHoldError(EdgeError):
    """There is no such hold or claim, or it is another court's."""

    status = grpc.StatusCode.NOT_FOUND


class RuleError(EdgeError):
    """A rule forbids it as things stand; `rule` names it."""

    status = grpc.StatusCode.FAILED_PRECONDITION


class PlanChangedError(EdgeError):
    """What was shown is not what would be done now."""

    status = grpc.StatusCode.ABORTED


class FullError(EdgeError):
    """No room now."""

    status = grpc.StatusCode.RESOURCE_EXHAUSTED


class UnavailableError(EdgeError):
    """Draining, or a part that is needed is down for a moment."""

    status = grpc.StatusCode.UNAVAILABLE


class JournalError(EdgeError):
    """The journal could not make a frame durable, or could not read one. Nothing was acknowledged."""

    status = grpc.StatusCode.UNAVAILABLE


class JournalBusyError(JournalError):
    """More waits to become durable than may wait."""

    status = grpc.StatusCode.RESOURCE_EXHAUSTED


class DamagedError(JournalError):
    """The journal holds something that was not written so. The message names file and frame."""

    status = grpc.StatusCode.DATA_LOSS


class StartError(EdgeError):
    """The gateway cannot start as it is configured."""

    status = grpc.StatusCode.FAILED_PRECONDITION


def rich(error: EdgeError) -> status_pb2.Status:
    """The google.rpc.Status of an error: BadRequest with its faults, ErrorInfo with its rule, RetryInfo with
    its delay."""
    details: list[any_pb2.Any] = []
    if error.faults:
        violations = [
            error_details_pb2.BadRequest.FieldViolation(
                field=fault.field, description=fault.description, reason=fault.reason
            )
            for fault in error.faults[:VIOLATIONS_MAX]
        ]
        details.append(_packed(error_details_pb2.BadRequest(field_violations=violations)))
    if error.rule:
        details.append(_packed(error_details_pb2.ErrorInfo(reason=error.rule, domain=RULE_DOMAIN)))
    if error.retry_ms:
        delay = duration_pb2.Duration()
        delay.FromMilliseconds(error.retry_ms)
        details.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
    return status_pb2.Status(code=code_number(error.status), message=error.message, details=details)


def code_number(status: grpc.StatusCode) -> int:
    """The number of a gRPC status, as the wire and BulkError have it."""
    number: int = status.value[0]
    return number


def _packed(detail: Message) -> any_pb2.Any:
    wrapped = any_pb2.Any()
    wrapped.Pack(detail)
    return wrapped
