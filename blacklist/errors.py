"""Errors: what the blacklist alone can tell a caller, beside what every service can (runtime/errors.py)."""

import grpc

from runtime.errors import CallError


class UnknownListingError(CallError):
    """There is no such listing, or none of the caller's court."""

    status = grpc.StatusCode.NOT_FOUND


class UnknownProposalError(CallError):
    """There is no such proposal, or none to the caller's court."""

    status = grpc.StatusCode.NOT_FOUND


class ReusedError(CallError):
    """The act id was used before with another content."""

    status = grpc.StatusCode.ALREADY_EXISTS


class AheadError(CallError):
    """A cursor is beyond the last change."""

    status = grpc.StatusCode.OUT_OF_RANGE
