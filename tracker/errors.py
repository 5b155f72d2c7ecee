"""Errors: what the tracker alone can tell a caller, beside what every service can (runtime/errors.py)."""

import grpc

from runtime.errors import CallError


class UnknownCaseError(CallError):
    """There is no such case."""

    status = grpc.StatusCode.NOT_FOUND


class ReusedError(CallError):
    """The case number, or the event id, was used before with another content."""

    status = grpc.StatusCode.ALREADY_EXISTS
