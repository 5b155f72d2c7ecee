"""Errors: what a service can tell a caller, each with its gRPC status and its details.

A message names the field, what came and what is allowed, and never repeats a name or a number of a person.
It ends no call; guard.py does that with what `rich` makes of an error. A service adds classes of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

DETAILS_KEY = "grpc-status-details-bin"
# A caller with thousands of faults in one list learns nothing from the last thousand, and metadata is bounded
# (8 KiB).
VIOLATIONS_MAX = 32


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One fault: the field's path, its reason's name, and what is allowed there."""

    field: str
    reason: str
    description: str


class CallError(Exception):
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


class InvalidError(CallError):
    """The message is wrong; the same message will be wrong again."""

    status = grpc.StatusCode.INVALID_ARGUMENT


class ForbiddenError(CallError):
    """The caller's role or court may not do this."""

    status = grpc.StatusCode.PERMISSION_DENIED


class UnknownCallerError(CallError):
    """No certificate, or one that names nobody."""

    status = grpc.StatusCode.UNAUTHENTICATED


class RuleError(CallError):
    """A rule forbids it as things stand; `rule` names it."""

    status = grpc.StatusCode.FAILED_PRECONDITION


class FullError(CallError):
    """No room now."""

    status = grpc.StatusCode.RESOURCE_EXHAUSTED


class UnavailableError(CallError):
    """Draining, or a part that is needed is down for a moment."""

    status = grpc.StatusCode.UNAVAILABLE


class StartError(CallError):
    """The service cannot start as it is configured."""

    status = grpc.StatusCode.FAILED_PRECONDITION


def rich(error: CallError, domain: str) -> status_pb2.Status:
    """The google.rpc.Status of an error: BadRequest with its faults, ErrorInfo with its rule (`domain` is the
    package whose rule it is), RetryInfo with its delay."""
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
        details.append(_packed(error_details_pb2.ErrorInfo(reason=error.rule, domain=domain)))
    if error.retry_ms:
        delay = duration_pb2.Duration()
        delay.FromMilliseconds(error.retry_ms)
        details.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
    return status_pb2.Status(code=code_number(error.status), message=error.message, details=details)


def code_number(status: grpc.StatusCode) -> int:
    """The number of a gRPC status, as the wire and bulk messages have it."""
    number: int = status.value[0]
    return number


def _packed(detail: Message) -> any_pb2.Any:
    wrapped = any_pb2.Any()
    wrapped.Pack(detail)
    return wrapped
