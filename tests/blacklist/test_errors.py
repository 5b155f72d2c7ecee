"""Statuses of what the blacklist alone tells."""

import grpc

from blacklist.errors import AheadError, ReusedError, UnknownListingError


def test_each_error_has_its_status() -> None:
    assert UnknownListingError.status is grpc.StatusCode.NOT_FOUND
    assert ReusedError.status is grpc.StatusCode.ALREADY_EXISTS
    assert AheadError.status is grpc.StatusCode.OUT_OF_RANGE
