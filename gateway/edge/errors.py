"""Errors: what the order path alone can tell a caller, beside what every service can.

A message names the field, what came and what is allowed, and never repeats a name or a number of a person.
"""

import grpc
from google.rpc import status_pb2

from runtime import errors
from runtime.errors import (
    DETAILS_KEY,
    CallError,
    FieldFault,
    ForbiddenError,
    FullError,
    InvalidError,
    RuleError,
    StartError,
    UnavailableError,
    UnknownCallerError,
    code_number,
)

__all__ = [
    "DETAILS_KEY",
    "RULE_DOMAIN",
    "DamagedError",
    "EdgeError",
    "FieldFault",
    "ForbiddenError",
    "FullError",
    "InvalidError",
    "JournalBusyError",
    "JournalError",
    "NotJudgedError",
    "OrderReusedError",
    "PlanChangedError",
    "RuleError",
    "StartError",
    "UnavailableError",
    "UnknownCallerError",
    "UnknownHoldError",
    "UnknownInquiryError",
    "code_number",
    "rich",
]

RULE_DOMAIN = "chakong.gateway.v1"
EdgeError = CallError


class OrderReusedError(CallError):
    """The order id was used before with another content."""

    status = grpc.StatusCode.ALREADY_EXISTS


class UnknownInquiryError(CallError):
    """There is no such inquiry, or it is another court's."""

    status = grpc.StatusCode.NOT_FOUND


class UnknownHoldError(CallError):
    """There is no such hold or claim, or it is another court's."""

    status = grpc.StatusCode.NOT_FOUND


class PlanChangedError(CallError):
    """What was shown is not what would be done now."""

    status = grpc.StatusCode.ABORTED


class NotJudgedError(CallError):
    """The gateway failed over it by a fault of its own. Nothing was taken."""

    status = grpc.StatusCode.INTERNAL


class JournalError(CallError):
    """The journal could not make a frame durable, or could not read one. Nothing was acknowledged."""

    status = grpc.StatusCode.UNAVAILABLE


class JournalBusyError(JournalError):
    """More waits to become durable than may wait."""

    status = grpc.StatusCode.RESOURCE_EXHAUSTED


class DamagedError(JournalError):
    """The journal holds something that was not written so. The message names file and frame."""

    status = grpc.StatusCode.DATA_LOSS


def rich(error: CallError) -> status_pb2.Status:
    """The google.rpc.Status of an error of the gateway."""
    return errors.rich(error, RULE_DOMAIN)
